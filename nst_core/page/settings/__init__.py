"""What a visitor may set."""
