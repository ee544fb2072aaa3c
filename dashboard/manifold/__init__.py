"""Manifold: the decoder's images on a grid of z, in steps of equal probability or of equal length."""

TITLE = "Manifold"
URL_KEYS = ("model", "class", "z", "axes", "n", "spacing", "over", "others", "i", "samples")
