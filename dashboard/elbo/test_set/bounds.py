"""The bound of every test image of one model, found piece by piece and kept in the cache folder for the next visit.

The images come in an order in which the first of them stand for all (stratified.py).
"""

import copy
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dashboard.elbo.test_set import stratified
from dashboard.shared import background, model_view, test_images
from dashboard.shared.caching import cached
from vae_core.data.checksums import publish
from vae_core.inference.bound_decomposition import tightness
from vae_core.inference.latent_grid import LatentGrid
from vae_core.model.vae import VAE
from vae_core.paths import cache_folder
from vae_core.sealed_files import canonical, digest
from vae_core.training.evaluate import scores

FORMAT = 2  # of the files: another one when the numbers are found in another way
FIRST, MOST = 16, 1024  # images in a piece; more of them share more decoding, fewer are there sooner
TURN, LEAST = 4.0, 4  # seconds that a piece may last, for other models wait meanwhile; and images in it even so
DRAWS = 64  # of noise, where the expectation is not summed
FILES = 64  # kept, the latest ones; MNIST takes 160 kB each
EXACT, SAMPLED = ("reconstruction", "kl", "gap", "log_px"), ("reconstruction", "kl")


class TestSetBounds:
    """The numbers of the test images, as far as they are known; shared by all sessions."""

    def __init__(self, model: model_view.Model, dataset: Any) -> None:
        self.model, self.dataset, self.of = model, dataset, len(dataset.test)
        labels = dataset.test_labels
        self.order = stratified.order(None if labels is None else labels.numpy(), self.of)  # (N,) test images
        self.columns = EXACT if model.summed else SAMPLED
        self.path = cache_folder() / "test-set" / f"{self.name()}.rows"
        self.rows = self.kept()  # (columns, count) float32, in that order; replaced, never changed
        self.pace = 0.0  # seconds per image, of the latest piece

    def name(self) -> str:
        """Of everything the numbers depend on: weights, settings, images, and how they are found."""
        manifest = self.model.entry.manifest
        found = {"format": FORMAT, "draws": DRAWS, "columns": self.columns, "data": self.dataset.fingerprint}
        return digest(canonical(found | {"settings": manifest["settings"], "files": manifest["files"]}))[:24]

    @property
    def count(self) -> int:
        return self.rows.shape[1]

    @property
    def complete(self) -> bool:
        return self.count >= self.of

    def next_batch(self) -> bool:
        """As many again as there are, within limits; says whether there is more to do."""
        start = self.count
        bearable = max(LEAST, int(TURN / self.pace)) if self.pace else FIRST
        index = self.order[start : start + min(MOST, max(FIRST, start), bearable)].tolist()
        if index:
            began = time.monotonic()
            x = self.dataset.observed("test", index, 0, self.model.entry.settings.data.pixels)
            self.rows = np.concatenate([self.rows, self.measured(x, start, self.dataset.labels("test", index))], 1)
            self.pace = (time.monotonic() - began) / len(index)
            self.keep()
        return not self.complete

    def measured(self, x: torch.Tensor, seed: int, labels: torch.Tensor | None) -> np.ndarray:
        """The columns for images x (B, X); a conditional model is given the class of each, in labels (B,)."""
        if not self.model.summed:
            found = scores(breathing(self.model), x, DRAWS, seed, labels)
            return torch.stack([found.reconstruction, found.kl.sum(-1)]).numpy().astype("<f4")
        columns = np.zeros((len(EXACT), len(x)), "<f4")
        for y in [None] if not self.model.knows or labels is None else labels.unique().tolist():
            mine = slice(None) if y is None else labels == y
            columns[:, mine] = self.summed(model_view.given(self.model, y), x[mine])
        return columns

    @staticmethod
    def summed(model: model_view.Model, x: torch.Tensor) -> np.ndarray:
        vae = breathing(model)
        with torch.no_grad():
            q = vae.posterior(x)
        log_px, _ = own_grid(model).evidence(x)
        found = tightness(vae, q, x, log_px)
        return torch.stack([getattr(found, name) for name in EXACT]).numpy()

    # -- on disk -------------------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """A line that says what follows, then the rows; the oldest files go. A full disk keeps nothing."""
        data = self.rows.tobytes()
        head = {"columns": self.columns, "count": self.count, "sha256": digest(data)}
        if publish(self.path, json.dumps(head).encode() + b"\n" + data):
            files = sorted(self.path.parent.glob("*.rows"), key=age, reverse=True)
            for old in files[FILES:]:
                old.unlink(missing_ok=True)

    def kept(self) -> np.ndarray:
        """What an earlier visit found; nothing, if the file is not whole."""
        nothing = np.zeros((len(self.columns), 0), "<f4")
        try:
            line, _, data = self.path.read_bytes().partition(b"\n")
            head = json.loads(line)
            count = head["count"]
            if head["sha256"] != digest(data) or head["columns"] != list(self.columns) or not 0 <= count <= self.of:
                return nothing
            return np.frombuffer(data, "<f4").reshape(len(self.columns), count)
        except (OSError, ValueError, KeyError, TypeError):
            return nothing


def age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process took it away
        return 0.0


@cached(max_entries=1)
def own_grid(model: model_view.Model) -> LatentGrid:
    """Another one than the page's: a grid serves one at a time, and no visitor stands behind a thousand images."""
    return LatentGrid(breathing(model))


@cached(max_entries=1)
def breathing(model: model_view.Model) -> VAE:
    """The same model, which lets the pages go first whenever it decodes."""
    vae = copy.deepcopy(model_view.network(model))
    vae.decoder.register_forward_pre_hook(background.yield_to_pages)
    return vae


def test_set_bounds(model: model_view.Model) -> TestSetBounds:
    return _filling(model_view.model(model.entry), test_images.data(model))


@cached(max_entries=16)
def _filling(model: model_view.Model, dataset: Any) -> TestSetBounds:
    return TestSetBounds(model, dataset)
