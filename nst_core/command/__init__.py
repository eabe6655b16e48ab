"""What the command line takes, and what it does besides runs."""
