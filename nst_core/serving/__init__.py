"""Runs of many people: who is painted when, who waits, and who paints."""
