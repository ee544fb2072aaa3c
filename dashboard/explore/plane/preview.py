"""The mean image at z from a decoder's blob, with NumPy: what a page shows until the browser has the decoder itself."""

from collections.abc import Callable

import numpy as np

from dashboard.shared.browser_blobs import header
from dashboard.shared.model_view import Model
from vae_core.settings import colours

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda h: h,
    "relu": lambda h: np.maximum(h, 0),
    "tanh": np.tanh,
    "softplus": lambda h: np.logaddexp(0, h),
    "silu": lambda h: h * sigmoid(h),
}


def sigmoid(h: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * h))  # no overflow


def langevin(h: np.ndarray) -> np.ndarray:
    """The mean of a continuous Bernoulli: 1/2 + (coth y - 1/y) / 2 with y = h/2, near 0 its series."""
    y = h.astype(np.float64) / 2
    far = np.where(np.abs(y) < 1e-3, 1, y)
    return 0.5 + 0.5 * np.where(np.abs(y) < 1e-3, y / 3, 1 / np.tanh(far) - 1 / far)


SQUASHES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda h: h,
    "sigmoid": sigmoid,
    "langevin": langevin,
}


def mean_image(model: Model, z: list[float]) -> np.ndarray:
    """Levels (X,)."""
    head = header(model.blob)
    count = sum(map(numbers, head["layers"]))
    weights = np.frombuffer(model.blob, "<f4", count, len(model.blob) - 4 * count)
    h, told = np.array(z, np.float32), of_class(model, head)
    for layer in head["layers"]:
        inputs, outputs, activation, *sides = layer
        matrix, bias, weights = np.split(weights, [numbers(layer) - outputs, numbers(layer)])
        if sides:
            h = convolved(h.reshape(inputs, *sides), matrix.reshape(inputs, outputs, 4, 4)) + bias[:, None, None]
        else:
            h = matrix.reshape(outputs, inputs) @ h + bias + told
        h, told = ACTIVATIONS[activation](h), 0
    if h.ndim == 3:  # red, green and blue one after the other: side by side
        h = h.reshape(-1, colours(model.entry.shape), *h.shape[1:]).transpose(0, 2, 3, 1).ravel()
    mean = SQUASHES[head["squash"]](h[: np.prod(model.entry.shape)])  # log variances may follow
    return np.rint(255 * np.clip(mean, 0, 1)).astype(np.uint8)


def numbers(layer: list) -> int:
    """Weights and biases of a layer as vae_core/runs/export.py lists it."""
    inputs, outputs, _, *sides = layer
    return inputs * outputs * (16 if sides else 1) + outputs


def convolved(h: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """A transposed convolution with stride 2 and padding 1: h (I, H, W), kernel (I, O, 4, 4) -> (O, 2H, 2W)."""
    _, height, width = h.shape
    wide = np.zeros((kernel.shape[1], 2 * height + 2, 2 * width + 2), np.float32)
    for y in range(4):
        for x in range(4):
            wide[:, y : y + 2 * height : 2, x : x + 2 * width : 2] += np.tensordot(kernel[:, :, y, x], h, (0, 0))
    return wide[:, 1:-1, 1:-1]


def of_class(model: Model, head: dict) -> np.ndarray | int:
    """What the class that a conditional model is given adds to its first layer; nothing for other models."""
    if model.given is None:
        return 0
    (_, outputs, _), weights = head["layers"][0], sum(map(numbers, head["layers"]))
    start = len(model.blob) - 4 * (weights + head["classes"] * outputs)
    return np.frombuffer(model.blob, "<f4", outputs, start + 4 * model.given * outputs)
