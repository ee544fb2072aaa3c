"""Likelihood: what the decoder says about noise, over models that differ in its variance only, and pixel by pixel."""

TITLE = "Likelihood"
URL_KEYS = ("model", "c", "i", "seed", "j", "pixel", "sigma", "logit")
