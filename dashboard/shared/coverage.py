"""The part of the prior that the decoder was hardly trained on: its share in numbers, and where it lies, for the pages.

Both are of the same codes: those of the training images, kept with the run; else encoded once if the images are here;
else those of the test images, and then each page says so.
"""

from functools import partial

import numpy as np

from dashboard.shared import background, browser_blobs, formatting, model_view, test_images
from dashboard.shared.caching import cached
from vae_core.analysis import coverage
from vae_core.analysis.aggregate_posterior import HOLE, Holes
from vae_core.analysis.elbo_surgery import BELOW, BELOW_AT, mass_on_cells
from vae_core.runs.codes import Codes
from vae_core.runs.store import Entry

FAINT, LEVELS = 6.0, 8.0  # log q(z)/p(z) from -6 to 2 is told in 256 levels
RIM = 3.0  # sigmas of the prior up to which holes are drawn: nobody would sample beyond
CELLS = 256  # to a side of the picture of the holes


def kept(model: model_view.Model) -> Codes | None:
    """The training codes that the run has kept."""
    return _kept(model.entry)


@cached(max_entries=4)
def _kept(entry: Entry) -> Codes | None:
    return entry.training_codes()


def mixed(model: model_view.Model) -> Codes | model_view.Model:
    """What q(z) mixes here: the training codes that were kept, else the test codes."""
    return kept(model) or model


def holes(model: model_view.Model, axes: tuple[int, ...]) -> Holes | None:
    """How much of the prior hardly any code reaches, along some axes; None as long as it is being counted."""
    return known(model.entry, axes) or _later("holes", model, axes, counted)


known = cached(max_entries=128)(coverage.known)


def drawing(model: model_view.Model, axes: tuple[int, ...]) -> tuple[str, bytes] | None:
    """Where they lie along two axes, for the browser; None as long as it is being counted."""
    return _later("drawn holes", model, axes, drawn)


def _later(what: str, model: model_view.Model, axes: tuple[int, ...], work):
    data = None
    if "training.safetensors" not in model.entry.manifest["files"]:
        if (ready := test_images.material(model)) is None:
            return None  # the images are being read
        data = ready.data
    return background.result((what, model.entry.key, model.entry.created, axes), partial(work, model, axes, data))


def encoded(model: model_view.Model, data) -> Codes | None:
    """The training codes: those kept, else of the images in `data`, if the run was trained on these. None: neither."""
    if data is None or data.fingerprint != model.entry.settings.data.fingerprint:
        return kept(model)
    return kept(model) or _encoded(model.entry, data)


@cached(max_entries=4)
def _encoded(entry: Entry, data) -> Codes:
    return coverage.training_codes(model_view.whole(entry), data, entry.settings.data)


def counted(model: model_view.Model, axes: tuple[int, ...], data) -> Holes | None:
    return coverage.measure(model.entry, axes, encoded(model, data))


def drawn(model: model_view.Model, axes: tuple[int, ...], data) -> tuple[str, bytes]:
    training = encoded(model, data)
    facts = {"cells": CELLS, "edge": RIM, "faint": FAINT, "levels": LEVELS, "training": training is not None}
    return browser_blobs.encode("holes", [levels(training or model, axes, RIM, CELLS)], **facts)


def levels(codes: Codes | model_view.Model, axes: tuple[int, ...], edge: float, cells: int) -> np.ndarray:
    """log q(z)/p(z) on the cells of a square, in LEVELS: (cells, cells) uint8, row 0 the largest second coordinate."""
    edges = np.linspace(-edge, edge, cells + 1)
    share = np.diff(np.interp(edges, BELOW_AT, BELOW))
    both = Codes(codes.mean[:, axes], codes.logvar[:, axes], None)
    ratio = np.log(np.maximum(mass_on_cells(both, edges) / np.outer(share, share), 1e-9))
    return np.rint(255 * ((ratio + FAINT) / LEVELS).clip(0, 1)).astype(np.uint8)[::-1]


def sentence(found: Holes | None, dims: int) -> str:
    """What is hatched, how much of the prior that is, of which codes, and how many others lie there."""
    of = ", of these two axes alone" if dims > 2 else ""
    rule = f"<i>q</i>(<i>z</i>) &lt; {HOLE:g} <i>p</i>(<i>z</i>){of}"
    if found is None:
        return f"<p>Hatched: {rule}.</p>"
    share = f"<b>{formatting.percent(found.share)}</b> of the prior ({coverage.drawn(found)})"
    return f"<p>Hatched: {rule}, {share}. {beside(found)}</p>"


def beside(found: Holes) -> str:
    """What else the share says: how many held-out codes lie in the holes."""
    if found.held_out is None:
        return "The codes of its training images are not here."
    return f"{formatting.percent(found.held_out)} of {found.others:,} test codes lie there."
