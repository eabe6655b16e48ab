"""A run on the page: its buttons and status from start to end."""
