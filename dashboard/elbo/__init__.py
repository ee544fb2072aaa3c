"""ELBO: one image's bound taken apart, and what it lacks to log p(x), exactly."""

TITLE = "ELBO"
URL_KEYS = ("model", "class", "i", "seed", "q", "step", "by")
