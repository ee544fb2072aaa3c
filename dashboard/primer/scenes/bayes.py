"""Prior, likelihood and posterior of one image along the line of a model of one dimension."""

import math
from typing import Any

import numpy as np
import torch

from dashboard.shared import image_bound, model_labels, model_view
from dashboard.shared.caching import cached
from dashboard.shared.image_picker import source
from vae_core.inference.posterior_on_a_line import line_log_likelihood, line_posterior

EDGE = 4.0  # of the line that is drawn, at least
POINTS, CLOSE = 601, 301  # of the curves, over the line and under the lens
ROOM = 0.6  # of the posterior's interval, on either side of it under the lens


def on_the_line(model: model_view.Model, image: source.Image) -> dict[str, Any]:
    return _on_the_line(model, image.x.tobytes()) | {"model": model_labels.spoken(model.entry)}


@cached(max_entries=64)
def _on_the_line(model: model_view.Model, pixels: bytes) -> dict[str, Any]:
    """log p(x|z) over the line and close to the posterior; what is exact of the posterior itself."""
    x, grid = torch.from_numpy(np.frombuffer(pixels, np.float32).copy()), image_bound.grid(model)
    found = line_posterior(grid, x)
    edge = max(EDGE, math.ceil(max(-found.low, found.high)))
    aside = ROOM * (found.high - found.low)
    curves = {}
    for name, low, high, count in (
        ("wide", -edge, edge, POINTS),
        ("close", found.low - aside, found.high + aside, CLOSE),
    ):
        z = torch.linspace(low, high, count, dtype=torch.float64)
        curves[name] = {"from": low, "to": high, "logs": image_bound.packed(line_log_likelihood(grid, x, z).numpy())}
    return curves | {
        "decoder": model.decoder, "logPx": found.log_px, "change": found.change, "mean": found.mean,
        "stddev": found.stddev, "low": found.low, "high": found.high, "x": image_bound.packed(x.numpy()),
        "shape": model.entry.shape, "photograph": model.photograph, "variance": model.variance,
    }  # fmt: skip
