"""The bounds of two models on the whole test set, image by image: found while somebody looks, then subtracted."""

from typing import Any

import numpy as np

from dashboard.shared import background, model_view, test_images
from dashboard.shared.caching import cached
from vae_core.analysis.model_comparison import Paired, differ, elbos, paired

AT_ONCE = 250  # images
FIRST = 50  # images of the first batch: dots within a second


class Scoring:
    """The ELBO of every test image of one model and its error, a few images at a time; shared by all sessions."""

    def __init__(self, model: model_view.Model, dataset: Any) -> None:
        self.model, self.dataset, self.values = model, dataset, np.zeros((2, 0), np.float32)

    @property
    def complete(self) -> bool:
        return self.count == len(self.dataset.test)

    @property
    def count(self) -> int:
        return self.values.shape[1]

    def next_batch(self) -> bool:
        """Scores the next images; says whether there are more."""
        import torch

        start, vae = self.count, model_view.whole(self.model.entry)
        index = range(start, min(start + (AT_ONCE if start else FIRST), len(self.dataset.test)))
        x = self.dataset.observed("test", index, 0, self.model.entry.settings.data.pixels)
        labels = self.dataset.labels("test", index)
        found = torch.stack(elbos(vae, x, seed=start, labels=labels))  # models of one D see the same noise
        self.values = np.concatenate([self.values, found.float().numpy()], 1)
        return not self.complete


def scoring(model: model_view.Model, dataset: Any) -> Scoring:
    """The same whichever class a conditional model is just given: each image has its own."""
    return started(model_view.model(model.entry), dataset)


@cached(max_entries=16)
def started(model: model_view.Model, dataset: Any) -> Scoring:
    return Scoring(model, dataset)


def bounds(model: model_view.Model) -> np.ndarray | None:
    """Of the test images scored so far, and their errors, (2, n); None before the first, or with nothing to score."""
    ready = test_images.material(model)
    if ready is None or ready.data is None or not model.entry.settings.model.stochastic:
        return None
    work = scoring(model, ready.data)
    if work.complete:
        return work.values
    shown, of = work.count, len(ready.data.test)
    key = ("every bound", model.entry.key, model.entry.created)
    step = min(of / 5, shown)  # soon a few, then more at a time
    background.run_in_pieces(key, work.next_batch, lambda: work.complete or work.count > shown + step, soon=True)
    return work.values if shown else None


def progress(model: model_view.Model) -> int:
    """Of how many test images the bound is known; `bounds` has begun."""
    return scoring(model, test_images.data(model)).count


def duel(first: model_view.Model, second: model_view.Model) -> Paired | None:
    """The two on the test images that both are scored on so far; None: on no image yet, or not comparable."""
    if differ(first.entry.settings, second.entry.settings):
        return None
    one, other = bounds(first), bounds(second)
    if one is None or other is None:
        return None
    count = min(one.shape[1], other.shape[1])
    return paired(one[0, :count], other[0, :count])


def all_scored(model: model_view.Model, found: Paired | None) -> bool:
    """Whether a paired difference is that of the whole test set; the first images are not like all."""
    return found is not None and found.count == len(test_images.data(model).test)
