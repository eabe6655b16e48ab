"""How the page is started, what is allowed, and what its operator sees."""
