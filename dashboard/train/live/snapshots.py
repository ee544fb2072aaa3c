"""Trainings as the page shows them: curves, and frames of a model that changes.

A training is a process of its own that writes into its run's folder; the page only reads. What is drawn of one step
(a frame: tiles of the latent plane, codes, reconstructions) is computed once and shared by all who watch.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from dashboard.shared import background, browser_blobs, model_labels, test_images
from dashboard.shared.caching import cached
from dashboard.shared.section import section
from vae_core import registry
from vae_core.data.class_names import complete
from vae_core.runs.store import Entry, bundled, source_of
from vae_core.settings import RunSettings

ACTIVE = ("queued", "running", "paused")
POINTS = 400  # of a curve
TILES = 14  # to a side
SMALL = 6  # to a side, beside other runs
CODES = 1000  # validation images whose codes are drawn
KEPT_IMAGES = 12  # validation images that are reconstructed
COLUMNS = (
    "step", "reconstruction", "kl", "validation", "validation_reconstruction", "validation_kl", "beta",
    "gradient_norm", "seconds", "images_seen", "importance_weighted", "validation_importance_weighted",
)  # fmt: skip


class Data(NamedTuple):
    """What a frame needs of the data set. Units that never change are counted on test images."""

    x: Any  # (CODES, X) float32 tensor: validation images as the model sees them
    labels: np.ndarray | None  # (CODES,) uint8
    originals: np.ndarray  # (KEPT_IMAGES, X) float32: x of the reconstructed ones
    given: Any = None  # (CODES,) tensor of the labels, for a conditional model
    tested: Any = None  # (CODES, X) float32 tensor: test images, and
    tested_labels: Any = None  # (CODES,) their labels


def dataset(settings: RunSettings, wait: bool = False) -> test_images.Material | None:
    """The data set in memory; None as long as it is being read, unless one waits for it."""
    return test_images.of(settings.data, source_of(settings.data), background.wait_for if wait else background.result)


def photograph(entry: Entry | None, settings: RunSettings, data: Any | None) -> bool:
    """As the run has it; before there is one, as the data set has it."""
    if entry and entry.manifest:
        return entry.photograph
    return data.photograph if data else registry.photograph(settings.data.name)


@cached(max_entries=4)
def watched(data, pixels: str, validation: int) -> Data:
    """Images that the training does not see, or, where none are held out, the first that it does."""
    count = len(data.train)
    index = list(range(count - validation, count) if validation else range(count))[:CODES]
    x = data.observed("train", index, pixels=pixels)
    labels = None if data.train_labels is None else data.train_labels.numpy()[index]
    test = range(min(CODES, len(data.test)))
    tested = data.observed("test", test, pixels=pixels), data.labels("test", test)
    return Data(x, labels, x[:KEPT_IMAGES].numpy(), data.labels("train", index), *tested)


def classes(data: test_images.Material | None) -> tuple[str, ...]:
    """What the colours of the codes mean; () without labels, or as long as the images are being read."""
    if data is None or data.data is None or data.data.train_labels is None:
        return ()
    return complete(data.data.classes, data.data.train_labels.numpy())


def frame(
    entry: Entry, data: test_images.Material, step: int | None, axes: tuple[int, ...]
) -> tuple[str, bytes] | None:
    """The model at a snapshot, or as it is now, for the browser; None where there is nothing to see yet."""
    try:
        return _frame(entry, data.data, entry.live() if step is None else step, axes)
    except ValueError:
        return None


def film(entry: Entry, data: test_images.Material, axes: tuple[int, ...]) -> tuple[str, bytes]:
    """All snapshots of a run as one blob."""
    return _film(entry, data.data, tuple(entry.snapshots()), axes)


@cached(max_entries=16)
def _frame(entry: Entry, data, step: int, axes: tuple[int, ...]) -> tuple[str, bytes]:
    if not entry.snapshots() and entry.ready:
        return packed(entry, data, [(step, entry.load().vae)], axes)
    live = step not in entry.snapshots()
    return packed(entry, data, [entry.at(None if live else step)], axes)


@cached(max_entries=6)
def _film(entry: Entry, data, steps: tuple[int, ...], axes: tuple[int, ...]) -> tuple[str, bytes]:
    return packed(entry, data, [entry.at(step) for step in steps], axes)


def small(entry: Entry, data: test_images.Material, axes: tuple[int, ...]) -> tuple[str, bytes] | None:
    """A few tiles of the newest snapshot, or of the finished model, for the browser; None where there is none yet."""
    steps = entry.snapshots()
    try:
        return _small(entry, data.data, steps[-1] if steps else None, axes)
    except ValueError:
        return None


@cached(max_entries=64)
def _small(entry: Entry, data, step: int | None, axes: tuple[int, ...]) -> tuple[str, bytes]:
    vae = entry.load().vae if step is None else entry.at(step)[1]
    seen = watched(data, entry.settings.data.pixels, entry.settings.data.validation)
    sheet = tiles(vae, seen, axes, SMALL)
    return browser_blobs.encode("pictures", [sheet], count=len(sheet), shape=entry.shape)


@cached(max_entries=4)
def animation(entry: Entry, data, steps: tuple[int, ...], axes: tuple[int, ...]) -> bytes:
    """The snapshots as an animated picture."""
    from dashboard.train.live import film_export as reel

    settings, rows = entry.settings.data, entry.history()
    seen = watched(data, settings.pixels, settings.validation)
    stills = []
    for step in steps:
        tiles, codes, _ = drawn(entry.at(step)[1], seen, axes)
        stills.append(reel.Still(step, reel.bound_at(rows, step), tiles, codes))
    return reel.animated(
        stills, entry.shape, seen.labels, photograph(entry, entry.settings, data), data.classes,
        model_labels.name(entry), rows if entry.settings.model.stochastic else [],
    )  # fmt: skip


def packed(entry: Entry, data, models: list, axes: tuple[int, ...]) -> tuple[str, bytes]:
    """Per step: tiles, codes along the axes, reconstructions; then labels and the originals."""
    from vae_core.model.vae import dead_units

    settings = entry.settings.data
    seen = watched(data, settings.pixels, settings.validation)
    parts = [drawn(vae, seen, axes) for _, vae in models]
    arrays = [array for part in parts for array in part] + [levels(seen.originals)]
    arrays += [] if seen.labels is None else [seen.labels]
    facts = {
        "dead": [dead_units(vae, seen.tested, seen.tested_labels) for _, vae in models], "tested": len(seen.tested),
        "steps": [step for step, _ in models], "tiles": TILES, "shape": entry.shape, "axes": axes,
        "codes": len(seen.x), "kept": len(seen.originals), "labels": seen.labels is not None,
    }  # fmt: skip
    return browser_blobs.encode("film", arrays, **facts)


def drawn(vae, seen: Data, axes: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """uint8 tiles (TILES^2, X), float32 codes (CODES, 2), uint8 reconstructions (KEPT_IMAGES, X).

    A conditional model is given the class of each image; its tiles are of the first image's."""
    import torch

    with torch.no_grad():
        code = vae.given(seen.given).code(seen.x)
        few = None if seen.given is None else seen.given[:KEPT_IMAGES]
        again = vae.given(few).mean(code[:KEPT_IMAGES]).numpy()
    points = code.numpy()[:, axes] if len(axes) == 2 else np.stack([code.numpy()[:, 0], jitter(len(code))], 1)
    return tiles(vae, seen, axes, TILES), np.ascontiguousarray(points, "<f4"), levels(again)


def tiles(vae, seen: Data, axes: tuple[int, ...], side: int) -> np.ndarray:
    """uint8 (side^2, X): what the decoder draws at equal steps of the prior's probability, row by row."""
    import torch

    from vae_core.analysis.latent_paths import embed, quantile_grid

    with torch.no_grad():
        if vae.latent_dim == 1:
            z = torch.special.ndtri((torch.arange(side**2) + 0.5) / side**2)[:, None]
        else:
            z = embed(quantile_grid(side), torch.zeros(vae.latent_dim), axes).flatten(0, 1)
        return levels(vae.given(None if seen.given is None else seen.given[0]).mean(z).numpy())


def jitter(count: int) -> np.ndarray:
    """For D = 1: a fixed height per code, so that they do not lie on each other."""
    return np.random.Generator(np.random.PCG64(0)).uniform(-1.5, 1.5, count)


def levels(image: np.ndarray) -> np.ndarray:
    return np.rint(255 * np.clip(np.nan_to_num(image), 0, 1)).astype(np.uint8)


def plane(rows: list[dict], dims: int) -> tuple[int, ...]:
    """The two dimensions with the largest KL at the last report."""
    if dims <= 2:
        return tuple(range(dims))
    kl = rows[-1]["kl_per_dimension"] if rows else [0.0] * dims
    return tuple(sorted(np.argsort(-np.array(kl), kind="stable")[:2].tolist()))


def curves(rows: list[dict]) -> dict[str, Any]:
    """Columns of at most POINTS rows, dense where the step is small; all rows that carry a validation bound."""
    if len(rows) > POINTS:
        marks = {round(place) for place in np.linspace(0, len(rows) - 1, POINTS // 2)}
        marks |= {round(place) - 1 for place in np.geomspace(1, len(rows), POINTS // 2)}
        rows = [row for place, row in enumerate(rows) if place in marks or "validation" in row]
    columns = {name: [finite(row.get(name)) for row in rows] for name in COLUMNS}
    return columns | {"kls": [[finite(value) or 0.0 for value in row["kl_per_dimension"]] for row in rows]}


def bound(columns: dict[str, Any]) -> list[float | None]:
    """Of the columns of `curves`: the ELBO of the training images; of an autoencoder, its reconstruction."""
    pairs = zip(columns["reconstruction"], columns["kl"], strict=True)
    return [None if None in pair else pair[0] - pair[1] for pair in pairs]


def finite(value: float | None) -> float | None:
    """JSON, and a browser, know neither NaN nor infinity."""
    return value if value is not None and math.isfinite(value) else None


def pace(rows: list[dict], settings: RunSettings) -> dict[str, float]:
    """Images per second and seconds left, from the last reports."""
    recent = rows[-15:]
    if len(recent) < 2 or recent[-1]["seconds"] <= recent[0]["seconds"]:
        return {}
    seconds = recent[-1]["seconds"] - recent[0]["seconds"]
    steps, seen = recent[-1]["step"] - recent[0]["step"], recent[-1]["images_seen"] - recent[0]["images_seen"]
    return {"rate": seen / seconds, "left": (settings.train.steps - recent[-1]["step"]) * seconds / max(1, steps)}


@section("The dotted lines")
def references(settings: RunSettings, data: test_images.Material | None) -> list[dict[str, Any]]:
    """What a bound is measured against: independent pixels, and the bundled model of the same data and dimension."""
    marks = []
    if data and data.data is not None and settings.data.pixels == "dynamic":
        marks.append({"name": "independent pixels", "value": independent(data.data)})
    if best := best_bundled(settings):
        which = ", ELBO" if settings.train.importance_samples > 1 else ""
        marks.append({"name": f"bundled {best.key}{which}", "value": best.metrics["elbo"]})
    return marks


def best_bundled(settings: RunSettings) -> Entry | None:
    """The bundled model of the same data and dimension with the highest bound."""
    same = [e for e in bundled().list() if e.ready and alike(e.settings, settings) and e.metrics["elbo"] is not None]
    return max(same, key=lambda e: e.metrics["elbo"], default=None)


def alike(a: RunSettings, b: RunSettings) -> bool:
    """Whether two bounds are on the same scale: the same images, pixels and number of dimensions."""
    data = [(s.data.name, s.data.pixels, s.data.split) for s in (a, b)]
    model = [(s.model.latent_dim, s.model.likelihood, s.model.stochastic, s.model.conditional) for s in (a, b)]
    return data[0] == data[1] and model[0] == model[1]


@cached(max_entries=8)
def independent(data) -> float:
    from vae_core.training.evaluate import independent_pixels

    return independent_pixels(data)
