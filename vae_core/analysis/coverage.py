"""Which part of the prior the decoder was trained on: the codes of its training images, and the holes they leave.

A hole is where the aggregate posterior q(z) is below a twentieth of the prior. q(z) mixes the codes of the images that
the decoder was trained on, of test images only where those are not known. Every page, table and command asks `measure`;
what it finds for the bundled models stands in assets/holes.json with the seals of the files it was measured on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import save as to_bytes

from vae_core.analysis.aggregate_posterior import Holes, holes
from vae_core.analysis.measurements import ASSETS, Measurements
from vae_core.runs.codes import Codes, compact
from vae_core.runs.store import Entry
from vae_core.sealed_files import seal_of, write, write_sealed
from vae_core.settings import DataSettings

if TYPE_CHECKING:
    from vae_core.data.datasets import Dataset
    from vae_core.model.vae import VAE

MOST = 60_000  # training images that are encoded
CHUNK = 2000  # images
MEASURED = Measurements(
    ASSETS / "holes.json", Holes, ("model.safetensors", "codes.safetensors", "training.safetensors")
)


def training_codes(vae: "VAE", dataset: "Dataset", data: DataSettings, most: int | None = None) -> Codes:
    """q(z|x) of the images the decoder was trained on, each as one x: an encoder pass. A stochastic model only.

    Of a conditional model q(z|x, y), with each image's own class. Of more than `most` images (MOST where it is None)
    that many are encoded, evenly spaced.
    """
    import torch

    count, most = len(dataset.train) - data.validation, most or MOST
    index = np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(int)
    parts = []
    with torch.no_grad():
        for start in range(0, len(index), CHUNK):
            some = index[start : start + CHUNK].tolist()
            given = vae.given(dataset.labels("train", some))
            parts.append(given.posterior(dataset.observed("train", some, pixels=data.pixels)))
    return Codes(*(torch.cat([getattr(q, name) for q in parts]).numpy() for name in ("mean", "logvar")), None)


def axes_of(entry: Entry) -> tuple[int, ...]:
    """The dimensions that a page shows first, the two that cost most KL; of a line the only one."""
    costs = entry.metrics["kl_per_dimension"]
    return tuple(sorted(sorted(range(len(costs)), key=lambda d: -costs[d])[:2]))


def measure(entry: Entry, axes: Sequence[int] | None = None, training: Codes | None = None) -> Holes | None:
    """The holes along some axes, with the codes of the training images: those given, else those kept with the run.

    Without any, of the test images' own q(z), and then nothing is held out. None: the model has no q(z), or no codes.
    """
    codes = entry.codes() if entry.settings.model.stochastic else None
    if codes is None:
        return None
    training, axes = training or entry.training_codes(), axes or axes_of(entry)
    return holes(codes, axes=axes) if training is None else holes(training, axes=axes, held_out=codes)


def known(entry: Entry, axes: Sequence[int] | None = None) -> Holes | None:
    """What was measured on exactly these files along these axes; None: measure it."""
    if not entry.settings.model.stochastic:
        return None
    return MEASURED.known(entry, axes=list(axes or axes_of(entry)))


def of(entry: Entry, axes: Sequence[int] | None = None) -> Holes | None:
    """Known, or measured now (a second or some)."""
    return known(entry, axes) or measure(entry, axes)


def write_measured(entries: Iterable[Entry]) -> None:
    """Measures the holes of some bundled models and keeps them; the others' stay."""
    rows = MEASURED.rows()
    for entry in entries:
        rows.pop(entry.key, None)
        if found := measure(entry):
            rows[entry.key] = MEASURED.row(entry, found, axes=list(axes_of(entry)))
    MEASURED.write(dict(sorted(rows.items())))


def keep(entry: Entry, codes: Codes) -> Entry:
    """Adds the training codes to a run that was published without them, and seals it anew."""
    data = to_bytes(compact(codes.mean, codes.logvar))
    write(entry.folder / "training.safetensors", data)
    files = entry.manifest["files"] | {"training.safetensors": seal_of(data)}
    manifest = entry.manifest | {"files": files}
    write_sealed(entry.folder / "manifest.json", manifest)
    return replace(entry, manifest=manifest)


def drawn(found: Holes) -> str:
    """At how many draws it is measured, and of which images q(z) is; plain text."""
    return f"{found.points:,} draws, q(z) of {found.images:,} {'test' if found.held_out is None else 'training'} images"
