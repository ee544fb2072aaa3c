"""Train: one button, a manifold that unfolds, and the bound in its parts as they move."""

TITLE = "Train"
URL_KEYS = ("run", "sweep", "preset", "set", "over", "at")
