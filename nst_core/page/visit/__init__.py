"""What a visitor has here: files, pictures, the strip."""
