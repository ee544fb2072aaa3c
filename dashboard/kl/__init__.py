"""KL regularizer: a lecture in scenes, each a claim with the number that proves it, over a family of real models."""

TITLE = "KL regularizer"
URL_KEYS = ("scene", "beta", "g", "d", "try", "loss", "present", "follow")
