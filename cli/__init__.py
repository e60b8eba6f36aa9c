"""quietline, the operator's command: reads and mends a deployed practice, or the practice in a box."""
