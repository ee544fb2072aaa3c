"""The beta family in numbers: thirteen models of one network that differ in the price of the KL.

Rates, distortions and units stand in the manifests. What needs minutes of draws over 10,000 codes (surgery,
continuity) stands in assets/beta-family.json with the seals of the files it was measured on, holes in coverage.py's
table; a model with other seals is measured again. `python -m vae_core family` prints the table, with --write it
measures everything anew.
"""

import copy
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vae_core.analysis import coverage
from vae_core.analysis.aggregate_posterior import HOLE, Holes
from vae_core.analysis.elbo_surgery import sample, surgery
from vae_core.analysis.measurements import ASSETS, Measurements
from vae_core.runs.store import Entry, bundled

if TYPE_CHECKING:
    from vae_core.model.vae import VAE
    from vae_core.runs.codes import Codes

NAME = "mnist-beta-"
POINTS = 2000  # of the Jacobian
NUDGE = 1e-5  # of the aggregate's standard deviation
WIDTHS = (5, 10, 8, 9, 8, 9, 8, 10, 14, 14, 8, 10)  # of the table's columns


class Measured(NamedTuple):
    """What is estimated from a model's codes and decoder alone: no image is needed."""

    information: float  # I(n; z), nats
    information_error: float
    mismatch: float  # KL(q(z) || p(z)), nats
    mismatch_error: float
    continuity: float | None  # None: collapsed, the decoder is constant


MEASURED = Measurements(ASSETS / "beta-family.json", Measured)


class Member(NamedTuple):
    name: str
    beta: float
    reconstruction: float  # nats per image, as everything here; the test set
    kl: float
    elbo: float
    elbo_error: float  # over the images
    kl_per_dimension: list[float]
    active_units: int
    mean_sigma: list[float]
    mean_square: list[float]
    measured: Measured
    holes: Holes

    @property
    def objective(self) -> float:
        """What training minimises."""
        return self.beta * self.kl - self.reconstruction

    @property
    def information(self) -> float:
        """I(n; z), nats; with the mismatch it gives the KL, which is known exactly."""
        return self.measured.information - self.measured.information_error**2 * self._missed

    @property
    def mismatch(self) -> float:
        """KL(q(z) || p(z)), nats."""
        return self.measured.mismatch - self.measured.mismatch_error**2 * self._missed

    @property
    def parts_error(self) -> float:
        """Of either: their sum is exact, so that they miss by the same."""
        a, b = self.measured.information_error, self.measured.mismatch_error
        return a * b / math.hypot(a, b)

    @property
    def _missed(self) -> float:
        """What both estimates miss of their sum, for each unit of variance: least squares shares it out so."""
        m = self.measured
        return (m.information + m.mismatch - self.kl) / (m.information_error**2 + m.mismatch_error**2)


def members() -> list[Entry]:
    """The bundled runs of the family, by their beta."""
    entries = [e for e in bundled().list() if e.key.startswith(NAME) and e.status == "done"]
    return sorted(entries, key=lambda e: e.settings.train.beta)


def member(entry: Entry, measured: Measured) -> Member:
    r = entry.metrics
    return Member(
        entry.key, entry.settings.train.beta, r["reconstruction"], r["kl"], r["elbo"], r["elbo_se"],
        r["kl_per_dimension"], r["active_units"], r["mean_sigma"], r["mean_square"], measured, coverage.of(entry),
    )  # fmt: skip


def known(entry: Entry) -> Measured | None:
    """What was measured on exactly these files; None: measure it."""
    return MEASURED.known(entry)


def measure(entry: Entry) -> Measured:
    """Some seconds of draws."""
    codes = entry.codes()
    parts = surgery(codes)
    rough = continuity(entry.load().vae, codes) if entry.metrics["active_units"] else None
    return Measured(parts.information, parts.information_error, parts.mismatch, parts.mismatch_error, rough)


def family() -> Iterator[Member]:
    for entry in members():
        yield member(entry, known(entry) or measure(entry))


def write() -> None:
    """Measures all members anew, and keeps six digits."""
    rows = {entry.key: MEASURED.row(entry, rounded(measure(entry))) for entry in members()}
    MEASURED.write(rows)


def rounded(measured: Measured) -> Measured:
    return Measured(*(None if value is None else float(f"{value:.6g}") for value in measured))


def continuity(vae: "VAE", codes: "Codes", points: int = POINTS, seed: int = 0) -> float:
    """How fast the image changes where the codes lie: the mean Frobenius norm of the decoder's Jacobian at z ~ q(z).

    Each column is scaled by the aggregate's standard deviation in its dimension, so that spreading the codes out does
    not look like a smoother decoder. In units of pixels per standard deviation.
    """
    import torch

    exactly = copy.deepcopy(vae).double()  # central differences lose half of the digits
    z = torch.from_numpy(sample(codes, points, np.random.Generator(np.random.PCG64(seed))))
    mean, logvar = (np.asarray(part, np.float64) for part in (codes.mean, codes.logvar))
    total = torch.zeros(points, dtype=torch.float64)
    with torch.no_grad():
        for j, scale in enumerate(np.sqrt(mean.var(0) + np.exp(logvar).mean(0))):
            step = torch.zeros(z.shape[1], dtype=torch.float64)
            step[j] = NUDGE * scale
            column = (exactly.mean(z + step) - exactly.mean(z - step)) / (2 * NUDGE)  # (points, X), scaled already
            total += column.square().sum(1)
    return float(total.sqrt().mean())


def table(rows: list[Member]) -> str:
    """The family as text."""
    heads = (
        "beta", "reconstr.", "KL", "-ELBO", "I", "KL(q|p)", "holes", "held out", "E z^2", "sigma", "active", "Jacobian",
    )  # fmt: skip
    lines = ["".join(f"{head:>{width}}" for head, width in zip(heads, WIDTHS, strict=True))]
    for m in rows:
        rough = "-" if m.measured.continuity is None else f"{m.measured.continuity:.2f}"
        held_out = "-" if m.holes.held_out is None else f"{m.holes.held_out:.1%}"
        cells = (
            f"{m.beta:g}", f"{m.reconstruction:.2f}", f"{m.kl:.2f}", f"{-m.elbo:.2f}", f"{m.information:.2f}",
            f"{m.mismatch:.2f}", f"{m.holes.share:.1%}", held_out, " ".join(f"{v:.2f}" for v in m.mean_square),
            " ".join(f"{v:.3f}" for v in m.mean_sigma), str(m.active_units), rough,
        )  # fmt: skip
        lines.append("".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True)))
    if rows:
        of = rows[0].holes
        lines.append(f"holes: the share of the prior where q(z) < p(z)/{1 / HOLE:.0f} ({coverage.drawn(of)})")
        lines.append(f"held out: the share of {of.others:,} test codes that lie there")
    return "\n".join(lines)


def as_numbers(m: Member) -> dict[str, Any]:
    """For a page: one flat row."""
    row = {**m._asdict(), **m.measured._asdict(), "objective": m.objective}
    del row["measured"]
    row |= {
        "holes": m.holes.share, "holes_error": m.holes.error, "holes_codes": m.holes.images,
        "holes_held_out": m.holes.held_out,
    }  # fmt: skip
    errors = {"information_error": m.parts_error, "mismatch_error": m.parts_error}
    return row | {"information": m.information, "mismatch": m.mismatch} | errors
