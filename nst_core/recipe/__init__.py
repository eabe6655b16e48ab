"""Recipes: all that makes one formulation of style transfer differ from another, as data."""
