"""The mean image at z from a decoder's blob, with NumPy: what a page shows until the browser has the decoder itself."""

from collections.abc import Callable

import numpy as np

from dashboard.shared.browser_blobs import header
from dashboard.shared.model_view import Model

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda h: h,
    "relu": lambda h: np.maximum(h, 0),
    "tanh": np.tanh,
    "softplus": lambda h: np.logaddexp(0, h),
    "silu": lambda h: h * sigmoid(h),
}


def sigmoid(h: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * h))  # no overflow


def mean_image(model: Model, z: list[float]) -> np.ndarray:
    """Grey levels (X,); the model has to have a blob."""
    head = header(model.blob)
    count = sum((inputs + 1) * outputs for inputs, outputs, _ in head["layers"])
    weights = np.frombuffer(model.blob, "<f4", count, len(model.blob) - 4 * count)
    h = np.array(z, np.float32)
    for inputs, outputs, activation in head["layers"]:
        matrix, bias, weights = np.split(weights, [inputs * outputs, (inputs + 1) * outputs])
        h = ACTIVATIONS[activation](matrix.reshape(outputs, inputs) @ h + bias)
    mean = h[: np.prod(model.entry.shape)]  # log variances may follow
    if head["squash"] == "sigmoid":
        mean = sigmoid(mean)
    return np.rint(255 * np.clip(mean, 0, 1)).astype(np.uint8)
