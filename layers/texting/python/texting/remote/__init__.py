"""The only place that calls other systems over HTTP."""
