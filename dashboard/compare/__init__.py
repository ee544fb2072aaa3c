"""Compare: the same images, the same z and the same noise through several models, and the numbers with differences."""

TITLE = "Compare"
URL_KEYS = ("models", "i", "seed", "to", "at", "samples", "against")
