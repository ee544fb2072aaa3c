"""Toy world: a truth that is known, what N images of it teach, and when the gap vanishes."""

TITLE = "Toy world"
URL_KEYS = ("world", "count", "truth", "decoder", "observed", "sigma")
