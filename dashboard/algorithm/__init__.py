"""Algorithm: auto-encoding variational Bayes (AEVB) line by line, and the two graphs that make it possible."""

TITLE = "Algorithm"
URL_KEYS = ("model", "line", "graph", "weights")
