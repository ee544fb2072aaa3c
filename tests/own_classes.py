"""Small data sets of one's own, whose labels are not 0 to 9, and small models that are trained on them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vae_core.data.datasets import load_dataset
from vae_core.runs.store import Entry, trained
from vae_core.settings import RunSettings

LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
WORDS = ("größe", "café", "Straßenbahn", "<b>&amp;</b>")
LONG = "a name of sixty characters, which is more than a legend has."
CROWD = tuple(f"class_{k:03d}" for k in range(256))


def labelled(folder: Path, names: Sequence, count: int = 420, side: int = 12, untested: str = "") -> Path:
    """Bars whose place is their class, shuffled; without names there are no labels. `untested` has no test image."""
    rng = np.random.default_rng(0)
    which = rng.permutation(np.arange(count) % max(1, len(names)))
    if untested:  # the split is always the same: who is tested becomes another class
        order = np.random.Generator(np.random.PCG64(0)).permutation(count)
        tested = order[count - max(1, round(count / 7)) :]
        gone = names.index(untested)
        which[tested[which[tested] == gone]] = (gone + 1) % len(names)
    images = rng.integers(0, 40, (count, side, side)).astype(np.uint8)
    rows = np.arange(count)
    images[rows, which % side, :] = 250
    images[rows, :, which // side % side] = 200
    arrays = {"labels": np.array(names)[which]} if len(names) else {}
    file = folder / "own.npz"
    np.savez(file, images=images, **arrays)
    return file


def trained_on(file: Path, **fields) -> Entry:
    """A model trained for ten steps, among those of this machine."""
    from vae_core.jobs.trainer import train_run

    small = {"encoder": (16,), "decoder": (16,), "steps": 10, "batch": 32, "validation": 60, "split": "random"}
    settings = RunSettings().with_fields(**small | {"name": str(file)} | fields)
    return train_run(settings, load_dataset(str(file), split=settings.data.split), trained())
