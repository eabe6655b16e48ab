"""Painting: from a job to a stream of frames."""
