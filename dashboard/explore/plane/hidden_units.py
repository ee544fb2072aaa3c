"""The encoder's first hidden layer for the chosen image, as the picture of the encoder shows it."""

import base64

import numpy as np

from dashboard.shared import model_view
from dashboard.shared.caching import cached
from dashboard.shared.image_picker import source
from dashboard.shared.section import section
from vae_core.settings import colours


@section("The encoder’s first hidden layer")
def first_layer(model: model_view.Model, image: source.Image | None) -> dict[str, str] | None:
    """Its H activations, and where in the image each unit looks: three times base64 of (H,) uint8.

    None without an image, and of an encoder that is convolutional or has no hidden layer.
    """
    if image is None or not model.entry.settings.model.encoder or model.entry.settings.model.network == "conv":
        return None
    return drawn(model, image.x.tobytes())


@cached(max_entries=256)
def drawn(model: model_view.Model, x: bytes) -> dict[str, str]:
    """The same for an image (X,) float32, which all sessions share."""
    import torch

    with torch.no_grad():
        values = model_view.network(model).encoder[:2](torch.frombuffer(bytearray(x), dtype=torch.float32)).numpy()
    across, up = places(model)
    bounded = model.entry.settings.model.activation == "tanh"
    return {"levels": in_base64(shades(values, bounded)), "across": in_base64(across), "up": in_base64(up)}


def shades(values: np.ndarray, bounded: bool) -> np.ndarray:
    """Activations (H,) as uint8: from −1 to 1 where they are bounded, else from 0, or the lowest, to the highest."""
    low, high = (-1.0, 1.0) if bounded else (min(0.0, float(values.min())), float(values.max()))
    return np.rint(255 * np.clip((values - low) / ((high - low) or 1), 0, 1)).astype(np.uint8)


@cached(max_entries=16)
def places(model: model_view.Model) -> tuple[np.ndarray, np.ndarray]:
    """Where each unit's squared weights have their centre, to the right and up: two ranks (H,) uint8."""
    height, width = model.entry.shape[:2]
    weights = model.entry.weights()["encoder.0.weight"][:, : np.prod(model.entry.shape)].astype(np.float64)
    squares = np.square(weights).reshape(-1, height, width, colours(model.entry.shape)).sum(-1)
    columns, rows = squares.sum(1) @ np.arange(width), squares.sum(2) @ np.arange(height)
    whole = squares.sum((1, 2)) + 1e-12
    return rank(columns / whole), rank(-rows / whole)


def rank(values: np.ndarray) -> np.ndarray:
    order = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.rint(255 * order / max(1, len(values) - 1)).astype(np.uint8)


def in_base64(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()
