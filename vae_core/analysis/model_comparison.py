"""Models beside each other: which numbers may be subtracted, paired differences, and what is measured of each once.

Squared errors and continuity take minutes over 10,000 images: of the bundled models they stand in
assets/comparison.json with the seals of the files they were measured on. `python -m vae_core compare --write` measures
them, and the holes of coverage.py, anew; without --write it prints them beside each other.
"""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vae_core.analysis import coverage
from vae_core.analysis.beta_family import continuity
from vae_core.analysis.measurements import ASSETS, Measurements
from vae_core.registry import data_title
from vae_core.runs.codes import Codes
from vae_core.runs.store import Entry
from vae_core.settings import RunSettings

if TYPE_CHECKING:
    from torch import Tensor

    from vae_core.data.datasets import Dataset
    from vae_core.model.vae import VAE

AUTOENCODERS = ("mnist-ae-2d", "mnist-linear-ae-2d", "mnist-pca-2d", "mnist-2d", "mnist-linear-2d")
EIGENVALUES = 8  # that are kept
CHUNK = 1000  # images
PAIRS = 16  # of mirrored draws per image, D > 2
CHANGE = 5e-3  # nats


class Paired(NamedTuple):
    """Two models on the same images: first minus second, in nats."""

    mean: float
    error: float | None  # standard error of the mean: of the differences, whose spread is smaller than that of the
    # images; None: one image has no spread
    better: int  # images on which the first is larger
    count: int


class Measured(NamedTuple):
    residual: float | None  # squared error of the mean reconstruction against the grey image; None: no images here
    residual_error: float | None
    continuity: float | None  # pixels per standard deviation; None: no unit is active
    linear: dict[str, Any] | None = None  # a linear model beside its closed form


MEASURED = Measurements(ASSETS / "comparison.json", Measured)


def paired(first: np.ndarray, second: np.ndarray) -> Paired:
    """From one value per image (N,), the same image at the same place."""
    if len(first) != len(second) or not len(first):
        raise ValueError(f"A paired difference needs the same images twice, not {len(first)} and {len(second)}.")
    difference = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    error = float(difference.std(ddof=1)) / math.sqrt(len(difference)) if len(difference) > 1 else None
    return Paired(float(difference.mean()), error, int((difference > 0).sum()), len(difference))


def elbos(vae: "VAE", x: "Tensor", seed: int, labels: "Tensor | None" = None) -> "tuple[Tensor, Tensor]":
    """The bound of each of many images (B, X) and its standard error, (B,) each, float64, in nats.

    Where log p(x) is summable E_q is summed too, and the error is 0: by Gauss-Hermite where five nodes give what three
    and four do to within CHANGE, else as `tightness` has it. Elsewhere it is a mean over PAIRS of draws and their
    mirror images, the same for models of one D. Of a conditional model they bound log p(x|y), y in labels (B,).
    """
    import torch

    from vae_core.inference.bound_decomposition import tightness
    from vae_core.inference.elbo import terms
    from vae_core.inference.expectations import gauss_hermite
    from vae_core.inference.latent_grid import summable
    from vae_core.inference.variational_refinement import bound
    from vae_core.model.gaussians import DiagonalGaussian

    model = vae
    with torch.no_grad():
        vae = model.given(labels)
        q, dims = vae.posterior(x), vae.latent_dim
        if not summable(model):
            noise = torch.randn(PAIRS, len(x), dims, generator=torch.Generator().manual_seed(seed)).to(x)
            t = terms(vae, x, torch.cat([noise, -noise]), q)
            pairs = t.log_px.double().sum(-1).unflatten(0, (2, PAIRS)).mean(0)  # (PAIRS, B)
            return pairs.mean(0) - t.kl.double().sum(-1), pairs.std(0) / math.sqrt(PAIRS)
        *coarse, found = (bound(vae, x, q, gauss_hermite(dims, nodes)).value.double() for nodes in (3, 4, 5))
        bent = ~((torch.stack(coarse) - found).abs() < CHANGE).all(0)
        part = DiagonalGaussian(q.mean[bent], q.logvar[bent])
        vae = model.given(None if labels is None else labels[bent])
        found[bent] = tightness(vae, part, x[bent], found[bent]).elbo
    return found, torch.zeros_like(found)


def differ(first: RunSettings, second: RunSettings) -> str:
    """Why the bounds of two models must not be subtracted, in half a sentence; "" if they may."""
    a, b = first.data, second.data
    if not (first.model.stochastic and second.model.stochastic):
        return "an autoencoder has no bound"
    if (a.name, a.fingerprint) != (b.name, b.fingerprint):
        return f"{data_title(a.name)} and {data_title(b.name)} are other images"
    if a.split != b.split:
        return f"a {a.split} and a {b.split} split test on other images"
    if first.model.row.binary != second.model.row.binary:
        return "one scores probabilities of black pixels, the other densities of grey ones"
    if a.pixels != b.pixels:
        return f"{a.pixels} and {b.pixels} pixels are other x"
    if first.model.conditional != second.model.conditional:
        return "one bounds log p(x), the other log p(x|y): it is told the class"
    return ""


def parameters(entry: Entry) -> int:
    """How many numbers the model has learned."""
    return sum(array.size for array in entry.weights().values())


def known(entry: Entry) -> Measured | None:
    """What was measured on exactly these files; None: measure it."""
    return MEASURED.known(entry)


def measure(entry: Entry, dataset: "Dataset | None") -> Measured:
    """Seconds of draws; with the data set also what needs images."""
    codes, vae = entry.codes(), entry.load().vae
    active = entry.metrics["active_units"] is None or entry.metrics["active_units"] > 0
    return Measured(
        *(residual(vae, dataset, entry.settings.data.pixels) if dataset else (None, None)),
        smoothness(vae, points(codes)) if codes and active else None,
        beside_closed_form(entry, vae, dataset) if dataset else None,
    )  # fmt: skip


def points(codes: Codes) -> Codes:
    """An autoencoder's codes are points: draws of the code without spread."""
    return codes._replace(logvar=np.where(np.isnan(codes.logvar), -np.inf, codes.logvar))


def smoothness(vae: "VAE", codes: Codes) -> float:
    """`continuity`; of a conditional model its mean over the classes, each at its own codes, by their number."""
    import torch

    from vae_core.model.vae import by_class

    labels, parts = None if codes.labels is None else torch.from_numpy(codes.labels), []
    for given, rows in by_class(vae, labels, len(codes.mean)):
        rows = rows.numpy()  # NumPy would take a tensor of one row for a number
        own = codes._replace(mean=codes.mean[rows], logvar=codes.logvar[rows])
        parts.append(continuity(given, own) * len(rows) / len(codes.mean))
    return sum(parts)


def residual(vae, dataset: "Dataset", pixels: str) -> tuple[float, float | None]:
    """Squared error of the mean reconstruction against the grey test image, summed over pixels: mean, standard error.

    Each model encodes the x of its own pixel rule; what its picture is held against is the same for all.
    """
    import torch

    from vae_core.training.evaluate import standard_error

    errors = []
    with torch.no_grad():
        for start in range(0, len(dataset.test), CHUNK):
            index = range(start, min(start + CHUNK, len(dataset.test)))
            grey = dataset.test[start : start + CHUNK].double() / 255
            given, x = vae.given(dataset.labels("test", index)), dataset.observed("test", index, 0, pixels)
            errors.append((given.mean(given.code(x)) - grey).square().sum(1))
    found = torch.cat(errors)
    return found.mean().item(), standard_error(found)


def beside_closed_form(entry: Entry, vae, dataset: "Dataset") -> dict[str, Any] | None:
    """A linear model of grey pixels and the best one there is, on the images that it was trained on."""
    import torch
    from torch.distributions import Normal

    from vae_core.model import linear_gaussian

    model, data = entry.settings.model, entry.settings.data
    plain = not model.encoder and not model.decoder and data.pixels == "grey" and entry.settings.train.beta == 1
    if not plain or model.conditional or model.row.variance not in ("fixed", "learned"):
        return None
    if not isinstance(vae.observed(torch.zeros(1, model.latent_dim)), Normal):
        return None
    x = dataset.observed("train", range(len(dataset.train) - data.validation), pixels="grey")
    principal, dims = linear_gaussian.pca(x), model.latent_dim
    best = (
        linear_gaussian.fit(x, dims).vae()
        if model.stochastic
        else linear_gaussian.principal_autoencoder(principal, dims)
    )
    return {
        "images": len(x),
        "eigenvalues": principal.eigenvalues[:EIGENVALUES].tolist(),
        "total": principal.eigenvalues.sum().item(),
        "model": linear_gaussian.measured(vae, x, principal)._asdict(),
        "best": linear_gaussian.measured(best, x, principal)._asdict(),
    }


def write(rows: list[tuple[Entry, Measured]]) -> None:
    """Keeps what was measured of some models; the others' stays."""
    found = MEASURED.rows() | {entry.key: MEASURED.row(entry, measured) for entry, measured in rows}
    MEASURED.write(dict(sorted(found.items())))


def table(entries: list[Entry]) -> str:
    """The models as text, one row each."""
    lines = [f"{'model':20}{'ELBO':>10}{'squared error':>15}{'holes':>8}{'Jacobian':>10}{'parameters':>12}"]
    for entry in entries:
        found = known(entry) or Measured(None, None, None)
        holes = coverage.of(entry) if entry.settings.model.latent_dim <= 2 else None
        cells = (
            (entry.metrics["elbo"], ">10.2f"), (found.residual, ">15.2f"), (holes and holes.share, ">8.1%"),
            (found.continuity, ">10.2f"),
        )  # fmt: skip
        shown = "".join(f"{'-':>{int(form[1:].split('.')[0])}}" if v is None else f"{v:{form}}" for v, form in cells)
        lines.append(f"{entry.key:20}{shown}{parameters(entry):>12,}")
        if found.linear:
            here, best = found.linear["model"], found.linear["best"]
            lines += [
                f"  {name:18}{here[name]:.9g}, closed form {best[name]:.9g}"
                for name in ("residual", "variance", "log_px", "elbo") if here[name] is not None
            ]  # fmt: skip
            lines.append(f"  {'angles with PCA':18}" + ", ".join(f"{angle:.4f}°" for angle in here["angles"]))
    return "\n".join(lines)
