"""While a plane learns: what the bound lacks to log p(x), summed exactly at the run's snapshots, in the background."""

from functools import partial
from typing import Any

from dashboard import images, later
from vae_core.runs import Entry

IMAGES = 16  # held-out ones: the sum costs a fraction of a second per snapshot
FIRST = 100  # steps; before that the codes run about and the bound means little


def points(entry: Entry, data: images.Material | None) -> list[dict[str, float]]:
    """Mean KL(q || posterior) in nats at the snapshots so far; asking has the rest computed. Two dimensions at most."""
    model = entry.settings.model
    if data is None or data.data is None or model.latent_dim > 2 or not model.stochastic:
        return []
    steps = [step for step in entry.snapshots() if step >= FIRST]
    found = {step: later.result(("gap", entry.key, step), partial(gap, entry, data.data, step)) for step in steps}
    return [{"step": step, "gap": value} for step, value in found.items() if value is not None]


def gap(entry: Entry, dataset: Any, step: int) -> float | None:
    import torch

    from vae_core.evidence import LatentGrid

    count, held_out = len(dataset.train), entry.settings.data.validation
    first = count - held_out if held_out else 0
    x = dataset.observed("train", range(first, first + IMAGES), pixels=entry.settings.data.pixels)
    try:
        vae = entry.at(step)[1]
        grid = LatentGrid(vae, tolerance=1e-2)
        with torch.no_grad():
            q = vae.posterior(x)
        value = float(grid.kl_from(q, x, grid.evidence(x)[0]).mean())
    except (ValueError, ArithmeticError):  # a model that ran away has no sum
        return None
    return value if 0 <= value < float("inf") else None
