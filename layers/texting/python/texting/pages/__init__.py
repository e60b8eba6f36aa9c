"""HTML for patients and staff: Jinja2 templates and what they are given."""
