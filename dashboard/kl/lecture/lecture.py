"""What the KL regularizer page shows of the beta family: its numbers, and each member as one blob for the browser."""

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from dashboard.shared import browser_blobs, coverage, model_view, train_link
from dashboard.shared.caching import cached
from vae_core.analysis import beta_family, collapse_remedies, posterior_collapse
from vae_core.analysis.coverage import MEASURED
from vae_core.runs.store import Entry, bundled
from vae_core.settings import RunSettings

# The page opens at the first of them; a lecture begins with what a VAE is: words.js has their order.
SCENES = ("beta", "vae", "cost", "humps", "numbers", "plane", "collapse", "remedies", "really", "factors", "closing")
FEWEST = 3  # models make a family
EDGE = 3.25  # half width of all planes, so that a hole, its tiles and its missing codes line up
CELLS = 130  # to a side
ELLIPSES = 900  # codes that are drawn, those of the first test images: the same in every member
LARGER = "mnist-2d"  # the same data and dimensions in a larger network


class Shelved(NamedTuple):
    """A member as two blobs for the browser's shelf."""

    drawing: bytes  # codes and holes, under `key`, and which decoder belongs to them
    weights: bytes


def members() -> list[Entry]:
    """The members whose files are whole; one that is being rebuilt is left out."""
    return [entry for entry in beta_family.members() if sound(entry)]


@cached(max_entries=32)
def sound(entry: Entry) -> bool:
    try:
        return entry.codes() is not None
    except ValueError:
        return False


def rows(entries: list[Entry]) -> list[dict[str, Any]]:
    """One row of numbers per member, and where on the browser's shelf it lies."""
    return [numbers(entry) | {"codes": shelf_key(entry), "train": training(entry.settings)} for entry in entries]


@cached(max_entries=32)
def numbers(entry: Entry) -> dict[str, Any]:
    measured = beta_family.known(entry) or beta_family.measure(entry)
    return beta_family.as_numbers(beta_family.member(entry, measured)) | {"beyond": beyond(entry)}


def beyond(entry: Entry) -> float:
    """The share of the codes (their means) outside of the drawn prior."""
    return float((np.linalg.norm(entry.codes().mean.astype(float), axis=1) > coverage.RIM).mean())


def network(entries: list[Entry]) -> dict[str, Any]:
    """How small the family's network is, and what a larger one reaches; None: it is not here."""
    larger = [entry.metrics["elbo"] for entry in bundled().list() if entry.key == LARGER and entry.status == "done"]
    hidden = list(entries[0].settings.model.encoder)
    return {"hidden": hidden, "larger": LARGER, "elbo": larger[0] if larger else None}


@cached(max_entries=32)
def drawn(entry: Entry) -> Shelved:
    """Its decoder, the first codes, and how q(z) of the training codes compares with the prior on a grid."""
    model = model_view.model(entry)
    levels = coverage.levels(coverage.mixed(model), (0, 1), EDGE, CELLS)
    few = slice(0, ELLIPSES)
    arrays = [model.mean[few].astype("<f4"), model.logvar[few].astype("<f4"), model.labels[few], levels]
    facts = {"count": len(model.mean[few]), "dims": model.dims, "labels": True, "cells": CELLS}
    _, drawing = browser_blobs.encode(
        "member", arrays, **facts | {"sha256": shelf_key(entry), "decoder": model.decoder}
    )
    return Shelved(drawing, model.blob)


def shelf_key(entry: Entry) -> str:
    """Known before anything is read, so that the page need not wait for all members: the seals of the files."""
    return " ".join(MEASURED.seals(entry))


def training(settings: RunSettings, base: str = "good") -> str:
    """The Train page's address with these settings."""
    return "train?" + urlencode(train_link.share(base, settings))


def tried() -> list[collapse_remedies.Trial]:
    """The trials of the remedies, read again when their file changes."""
    path = collapse_remedies.MEASURED
    return _tried(path, path.stat().st_mtime_ns if path.exists() else 0)


@st.cache_resource(max_entries=2, show_spinner=False)
def _tried(path: Path, changed: int) -> list[collapse_remedies.Trial]:
    return collapse_remedies.trials()


def trials() -> list[dict[str, Any]]:
    """Where each trial ended on the test set, and its way there in rate and distortion."""
    return [
        {
            "method": t.method, "beta": t.beta, "seed": t.seed, "objective": t.objective, **t.report,
            "warmup": t.settings.train.warmup, "free_bits": t.settings.train.free_bits, "steps": t.settings.train.steps,
            "path": t.path, "train": training(t.settings),
        }
        for t in tried()
        if t.beta in collapse_remedies.TRIED
    ]  # fmt: skip


def bounds() -> dict[str, list[float]]:
    """The ELBO of each seed at the betas where it is highest."""
    return {f"{beta:g}": values for beta, values in collapse_remedies.bounds(tried()).items()}


def spectrum() -> dict[str, Any]:
    """What of MNIST predicts collapse: the leading eigenvalues of its pixels' correlation and covariance."""
    s = posterior_collapse.mnist()
    return s._asdict() | {"correlation": s.correlation[:8], "fingerprint": ""}
