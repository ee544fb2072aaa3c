"""The lecture's scene on disentanglement: what one dimension changes in bundled models of shapes, and MIG by seed."""

from statistics import fmean
from typing import Any

import numpy as np

from dashboard.shared import browser_blobs, model_view
from dashboard.shared.caching import cached
from vae_core.analysis import disentanglement
from vae_core.analysis.disentanglement import Trial
from vae_core.runs.store import Entry, bundled

FACTORS = 4  # that are shown: those on which some dimension says most by itself
WALK = (-2, -1, 0, 1, 2)  # σ of the prior, in one dimension; all others are as in the code of
IMAGE = 3  # of the test images, a star near the middle


def tried() -> list[dict[str, Any]]:
    """Each objective, and MIG of each of its seeds: as it is, and of the same codes turned at random."""
    groups: dict[tuple, list[Trial]] = {}
    for t in disentanglement.trials():
        groups.setdefault((t.beta, t.total_correlation), []).append(t)
    return [
        {
            "beta": beta, "total_correlation": price, "elbo": fmean(t.elbo for t in group),
            "mig": [t.mig for t in group], "turned": [t.turned for t in group],
        }
        for (beta, price), group in groups.items()
    ]  # fmt: skip


def shown() -> tuple[dict[str, Any], bytes]:
    """What the scene is given, and its pictures as a blob for the browser; b"" where there are none.

    The pictures lie in the order of the models, of their rows, and of the steps.
    """
    here = {entry.key: entry for entry in bundled().list() if entry.status == "done"}
    entries = [(here[key], t) for key in disentanglement.MODELS if key in here and (t := trial_of(here[key]))]
    factors, facts = best_factors([t for _, t in entries]), {"tried": tried(), "walk": WALK}
    if not entries:
        return facts | {"models": [], "pictures": ""}, b""
    models = [
        {
            "beta": t.beta, "total_correlation": t.total_correlation,
            "rows": [{"factor": name, "z": t.best[name], "gap": t.gaps[name]} for name in factors],
        }
        for _, t in entries
    ]  # fmt: skip
    key, blob = pictures([(entry, [t.best[name] for name in factors]) for entry, t in entries])
    return facts | {"models": models, "pictures": key}, blob


def trial_of(entry: Entry) -> Trial | None:
    """What was measured of a bundled model of shapes, which is one of the seeds."""
    return disentanglement.measured().get(disentanglement.called(entry.settings))


def best_factors(trials: list[Trial]) -> list[str]:
    names = list(trials[0].gaps) if trials else []
    return sorted(names, key=lambda name: -sum(t.gaps[name] for t in trials))[:FACTORS]


def pictures(chosen: list[tuple[Entry, list[int]]]) -> tuple[str, bytes]:
    """Of each model, what it draws while each of these dimensions moves: their key, and the blob."""
    return _pictures(tuple((entry.key, entry.created, *dims) for entry, dims in chosen), chosen)


@cached(max_entries=2)
def _pictures(models: tuple, _chosen: list[tuple[Entry, list[int]]]) -> tuple[str, bytes]:
    drawn = []
    for entry, dims in _chosen:
        model = model_view.model(entry)
        z = np.tile(model.mean[IMAGE], (len(dims), len(WALK), 1))
        for row, d in enumerate(dims):
            z[row, :, d] = WALK
        drawn.append(model_view.decoded(model, z).ravel())
    shape = _chosen[0][0].shape
    levels = np.concatenate(drawn)
    return browser_blobs.encode("pictures", [levels], count=levels.size // int(np.prod(shape)), shape=shape)
