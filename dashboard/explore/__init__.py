"""Explore: drag a point in the latent plane, the decoder draws what lies there; choose an image, see where it lies."""

TITLE = "Explore"
URL_KEYS = (
    "model", "class", "z", "axes", "i", "seed", "back", "zoom", "pixels", "draw", "hide", "a", "b", "via",
)  # fmt: skip
