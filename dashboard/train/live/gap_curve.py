"""While a plane learns: log p(x) beside the bound of the same few images, summed exactly at the run's snapshots.

It is done in the background. Nats per image; both numbers are means over the same images, so that their difference is
the gap, and what other images would give is in the standard error.
"""

import math
from functools import partial
from typing import Any

from dashboard.shared import background, test_images
from dashboard.shared.section import section
from vae_core.runs.store import Entry

IMAGES = 16  # at most, held-out ones where there are any: the sums cost a fraction of a second per snapshot
FIRST = 100  # steps; before that the codes run about and the bound means little
TOLERANCE = 1e-2  # nats


@section("Log p(x) of these images")
def points(entry: Entry, data: test_images.Material | None) -> list[dict[str, Any]]:
    """log p(x), ELBO and gap at the snapshots so far; asking has the rest computed. Two dimensions at most."""
    model = entry.settings.model
    if data is None or data.data is None or model.latent_dim > 2 or not model.stochastic:
        return []
    steps = [step for step in entry.snapshots() if step >= FIRST]
    found = {step: background.result(("gap", entry.key, step), partial(gap, entry, data.data, step)) for step in steps}
    return [{"step": step, **value} for step, value in found.items() if value]


def gap(entry: Entry, dataset: Any, step: int) -> dict[str, Any]:
    """Means over the images, and the standard error of log p(x), None of one image; {} where a model ran away
    or is too dear to be summed."""
    import torch

    from vae_core.inference.bound_decomposition import Tightness, tightness
    from vae_core.inference.latent_grid import LatentGrid, summable
    from vae_core.model.vae import by_class
    from vae_core.training.evaluate import standard_error

    count, held_out = len(dataset.train), entry.settings.data.validation
    first = count - held_out if held_out else 0
    some = range(first, min(first + IMAGES, count))
    every, labels = dataset.observed("train", some, pixels=entry.settings.data.pixels), dataset.labels("train", some)
    parts = []
    try:
        vae = entry.at(step)[1]
        if not summable(vae):
            return {}
        for given, rows in by_class(vae, labels, len(every)):
            x = every[rows]
            log_px, _ = LatentGrid(given, tolerance=TOLERANCE).evidence(x)
            with torch.no_grad():
                q = given.posterior(x)
            parts.append(tightness(given, q, x, log_px, TOLERANCE))
    except (ValueError, ArithmeticError):  # a model that ran away has no sum
        return {}
    found = Tightness(*map(torch.cat, zip(*parts, strict=True)))
    means = {name: float(getattr(found, name).mean()) for name in ("elbo", "gap", "log_px")}
    if not all(map(math.isfinite, means.values())) or means["gap"] < 0:
        return {}
    return means | {"error": standard_error(found.log_px), "images": len(every), "heldOut": bool(held_out)}
