"""Gradients: why you cannot simply differentiate through sampling, and what the reparameterisation trick buys."""

TITLE = "Gradients"
URL_KEYS = ("model", "class", "i", "seed", "when", "many", "detach")
