"""What pages look at: one model with everything a picture of it needs, read once per process and never changed."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dashboard.shared.browser_blobs import encode, header
from dashboard.shared.caching import cached
from vae_core.analysis.aggregate_posterior import kl_of_codes
from vae_core.data.class_names import complete
from vae_core.runs.codes import Codes
from vae_core.runs.export import decoder_blob
from vae_core.runs.store import Entry

NARROWEST, WIDEST = 3.25, 8.0  # half width of the plane, in units of z
SILENT = 0.01  # nats over the test images: a dimension below it says nothing
QUICK = 15_000_000  # multiplications for one image: some 6 ms of JavaScript, and 400 tiles in seconds
COVERED = 0.995  # the share of the codes that the plane shows


@dataclass(frozen=True)
class Model:
    """A run, its decoder as a blob for the browser, and its codes of the test images."""

    entry: Entry
    blob: bytes
    decoder: str  # the blob's own key
    mean: np.ndarray  # (N, D)
    logvar: np.ndarray  # (N, D); an autoencoder's codes are points, drawn as very narrow ones
    labels: np.ndarray | None  # (N,)
    kl: np.ndarray  # (D,) nats
    spans: list[tuple[float, float]]  # per dimension, the range that a page shows
    start: list[float]
    learned_variance: float | None = None  # of a likelihood that learns one
    classes: tuple[str, ...] = ()  # the name of every label; () without labels
    knows: int = 0  # how many classes a conditional model is given one of; 0: it is given none
    given: int | None = None  # the class that it is given here

    @property
    def dims(self) -> int:
        return self.entry.settings.model.latent_dim

    @cached_property
    def order(self) -> list[int]:
        """Dimensions by falling KL: what carries most comes first."""
        return [int(d) for d in np.argsort(-self.kl, kind="stable")]

    @cached_property
    def collapsed(self) -> bool:
        """Every image has the prior as its q(z|x): no dimension carries anything."""
        return bool(self.entry.settings.model.stochastic and len(self.mean) and (self.kl < SILENT).all())

    @property
    def variance(self) -> float:
        """Of a Gaussian decoder that has the same one everywhere."""
        return self.learned_variance or self.entry.settings.model.variance

    @cached_property
    def slow(self) -> bool:
        """Whether a page full of its images takes a browser too long: the server draws those."""
        return not self.blob or products(self.blob) > QUICK

    @cached_property
    def summed(self) -> bool:
        """Whether log p(x) and expectations under q are summed exactly; else they are estimated from draws."""
        from vae_core.inference.latent_grid import summable

        return self.dims <= 2 and summable(network(self))

    @property
    def photograph(self) -> bool:
        return self.entry.photograph


@cached(max_entries=8)
def model(entry: Entry) -> Model:
    """The model of a run; a damaged file raises ValueError with one plain sentence."""
    return of(entry, decoder_blob(entry), entry.codes(), variance(entry))


def of(entry: Entry, blob: bytes, codes: Codes | None, learned_variance: float | None) -> Model:
    """A model whose parts are known; `blob` is b"" where no browser can decode."""
    dims = entry.settings.model.latent_dim
    knows = header(blob)["classes"] if blob else 0
    mean = np.zeros((0, dims), np.float32) if codes is None else np.asarray(codes.mean, np.float32)
    logvar = np.zeros((0, dims), np.float32) if codes is None else np.nan_to_num(codes.logvar, nan=-20.0)
    labels = None if codes is None or codes.labels is None else np.asarray(codes.labels, np.uint8)
    spans = [span(mean[:, d]) for d in range(dims)]
    return Model(
        entry=entry,
        blob=blob,
        decoder=header(blob)["sha256"] if blob else "",
        mean=mean,
        logvar=logvar,
        labels=labels,
        kl=kl_per_dimension(mean, logvar, entry.settings.model.stochastic),
        spans=spans,
        start=[round(float(value), 2) for value in mean[0]] if len(mean) else [0.0] * dims,
        learned_variance=learned_variance,
        classes=names(complete(entry.classes, labels), knows),
        knows=knows,
    )


def products(blob: bytes) -> int:
    """Multiplications that a decoder takes for one image."""
    layers = header(blob)["layers"]
    return sum(ins * outs * (16 * math.prod(sides) if sides else 1) for ins, outs, _, *sides in layers)


def names(known: tuple[str, ...], count: int) -> tuple[str, ...]:
    """A name for each class of a conditional model, also where no code has it: the number, if there is no other."""
    return known + tuple(str(k) for k in range(len(known), count))


@cached(max_entries=64)
def given(model: Model, y: int | None) -> Model:
    """A conditional model that is given a class; another one as it is, and so is one of an image whose class is not
    known."""
    if y is None or not model.knows:
        return model
    return replace(model, given=y, decoder=f"{model.decoder.split('/')[0]}/{y}")


def variance(entry: Entry) -> float | None:
    if entry.settings.model.row.variance != "learned":
        return None
    return float(np.exp(entry.weights()["likelihood.logvar"]))


@cached(max_entries=32)
def codes(model: Model, axes: tuple[int, ...]) -> tuple[str, bytes]:
    """The codes along some axes, for the browser."""
    arrays = [model.mean[:, axes].astype("<f4"), model.logvar[:, axes].astype("<f4")]
    labels = [] if model.labels is None else [model.labels]
    return encode("codes", arrays + labels, count=len(model.mean), dims=len(axes), labels=bool(labels))


def kl_per_dimension(mean: np.ndarray, logvar: np.ndarray, stochastic: bool) -> np.ndarray:
    """Mean closed-form KL of the codes in nats; an autoencoder has none, its variance takes the place."""
    if not len(mean):
        return np.zeros(mean.shape[1])
    if not stochastic:
        return mean.var(0)
    return kl_of_codes(Codes(mean, logvar, None)).mean(0)


def span(values: np.ndarray) -> tuple[float, float]:
    """A range around 0 that covers nearly all codes, or the codes' own where they lie far out."""
    if not len(values):
        return -4.0, 4.0
    reach = float(np.quantile(np.abs(values), COVERED))
    if reach <= WIDEST:
        half = max(NARROWEST, np.ceil(4 * reach) / 4)
        return -float(half), float(half)
    low, high = np.quantile(values, [(1 - COVERED) / 2, (1 + COVERED) / 2])
    return float(np.floor(min(low, -NARROWEST))), float(np.ceil(max(high, NARROWEST)))


def view(model: Model, axes: tuple[int, ...]) -> dict:
    """The plane's two ranges, equally long so that a circle is a circle; for D = 1 the second is a density."""
    (left, right) = model.spans[axes[0]]
    if len(axes) == 1:
        return {"x": (left, right), "y": (0.0, 1.2 * max(0.42, density_peak(model.mean[:, axes[0]], left, right)))}
    (low, high) = model.spans[axes[1]]
    half = max(right - left, high - low) / 2
    across, up = (left + right) / 2, (low + high) / 2
    return {"x": (across - half, across + half), "y": (up - half, up + half)}


def density_peak(values: np.ndarray, low: float, high: float) -> float:
    return float(np.histogram(values, 180, (low, high), density=True)[0].max()) if len(values) else 0.0


@cached(max_entries=8)
def whole(entry: Entry):
    """The model in torch, read once per process: a second of imports that no first picture needs."""
    return entry.load().vae


@cached(max_entries=16)
def network(model: Model):
    """The same, given the class that this model is given."""
    vae = whole(model.entry)
    return vae if model.given is None else vae.given(model.given)


def decoded(model: Model, z: np.ndarray) -> np.ndarray:
    """Mean images of z (..., D) as levels, computed here."""
    import torch

    with torch.no_grad():
        image = network(model).mean(torch.as_tensor(z, dtype=torch.float32)).numpy()
    return np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)


def film(model: Model, dimension: int) -> dict:
    """What a film strip along one dimension is drawn of."""
    return {
        "model": model.decoder, "dim": dimension, "dims": model.dims, "span": model.spans[dimension],
        "shape": model.entry.shape, "photograph": model.photograph,
    }  # fmt: skip
