"""Networks trained for styles: one pass paints what optimisation takes a hundred steps for.

After Johnson et al. 2016 ("Perceptual losses for real-time style transfer"), with instance
normalisation (Ulyanov et al. 2017) that knows several styles (Dumoulin et al. 2017).
"""
