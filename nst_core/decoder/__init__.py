"""Any style at once: columns of a photograph, replaced by a style's, and made a picture of.

After Kolkin et al. 2022, "Neural Neighbor Style Transfer", section 3.5 (NNST-D): a network that was
trained to make pictures of columns, whatever style they are of.
"""
