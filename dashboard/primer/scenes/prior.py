"""Draws of the prior: the cloud that a ring is bent of, and what the model's decoder makes of it."""

import base64
import math
from typing import Any

import numpy as np
import torch

from dashboard.shared import image_bound, model_view
from dashboard.shared.caching import cached
from vae_core.analysis.first_layer import bend

DRAWS = 800
NUMBERED = 8  # of them, whose images are shown
AROUND = 1.3  # the radius at which these lie


@cached(max_entries=32)
def first_layer(model: model_view.Model) -> dict[str, Any]:
    """The draws, two of their coordinates; the first layer's cloud before and after its activation; the images."""
    draws = spread(torch.randn(DRAWS, max(2, model.dims), generator=torch.Generator().manual_seed(1)))
    z = draws[:, : model.dims]
    images = model_view.decoded(model, z[:NUMBERED].numpy())
    bent = bend(model_view.network(model), z)
    found = {"z": packed(draws[:, :2]), "dims": model.dims, "images": base64.b64encode(images.tobytes()).decode()}
    if bent is None:
        return found | {"linear": True}
    return found | {
        "linear": False, "before": packed(bent.before), "after": packed(bent.after), "bent": bent.bent,
        "units": bent.units, "activation": model.entry.settings.model.activation,
    }  # fmt: skip


def spread(draws: torch.Tensor) -> torch.Tensor:
    """The same draws, but first those that lie nearest to places around a circle, so that their numbers can be read."""
    turns = torch.arange(NUMBERED) * 2 * math.pi / NUMBERED
    places = AROUND * torch.stack([turns.cos(), turns.sin()], -1)
    first = list(dict.fromkeys(torch.cdist(places, draws[:, :2]).argmin(1).tolist()))
    others = torch.ones(len(draws), dtype=torch.bool)
    others[first] = False
    return torch.cat([draws[first], draws[others]])


def packed(values: torch.Tensor) -> str:
    return image_bound.packed(np.asarray(values))
