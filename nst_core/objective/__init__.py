"""What a recipe asks of one picture: its targets, and the loss with its gradient."""
