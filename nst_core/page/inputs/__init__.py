"""What a run is made from: the pair, its settings, and what helps to choose them."""
