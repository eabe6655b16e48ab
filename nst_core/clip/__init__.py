"""Clips: pictures that move, painted so that they do not flicker.

After Ruder et al. 2016, "Artistic Style Transfer for Videos", who begin each picture with the one
before, brought along by the optical flow; here the decoder goes on from it instead of a run.
"""
