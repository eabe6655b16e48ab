"""Runs of many people on one machine: who is painted when, and who waits."""
