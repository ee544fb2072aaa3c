"""Paper: the figures of Kingma & Welling (2014), computed again, and a curve of one's own laid over them."""

TITLE = "Paper"
URL_KEYS = ("panel", "axis")
