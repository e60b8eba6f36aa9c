"""HTML for patients: Jinja2 templates, what they are given, and the words they say in English and Spanish."""
