"""What things look like, wherever they stand on the page."""
