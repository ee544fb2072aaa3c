"""What pages look at: one model with everything a picture of it needs, read once per process and never changed."""

import base64
from dataclasses import dataclass

import numpy as np

from dashboard.shared.browser_blobs import encode, header
from dashboard.shared.caching import cached
from vae_core.analysis.aggregate_posterior import kl_of_codes
from vae_core.data.class_names import complete
from vae_core.runs.export import decoder_blob
from vae_core.runs.store import Codes, Entry

NARROWEST, WIDEST = 3.25, 8.0  # half width of the plane, in units of z
TILES = 13  # of a film strip that the server draws
COVERED = 0.995  # the share of the codes that the plane shows


@dataclass(frozen=True)
class Model:
    """A run, its decoder as a blob for the browser, and its codes of the test images."""

    entry: Entry
    blob: bytes | None  # None: this decoder runs on the server
    decoder: str  # the blob's own key
    mean: np.ndarray  # (N, D)
    logvar: np.ndarray  # (N, D); an autoencoder's codes are points, drawn as very narrow ones
    labels: np.ndarray | None  # (N,)
    kl: np.ndarray  # (D,) nats
    spans: list[tuple[float, float]]  # per dimension, the range that a page shows
    start: list[float]
    learned_variance: float | None = None  # of a likelihood that learns one
    classes: tuple[str, ...] = ()  # the name of every label; () without labels

    @property
    def dims(self) -> int:
        return self.entry.settings.model.latent_dim

    @property
    def order(self) -> list[int]:
        """Dimensions by falling KL: what carries most comes first."""
        return [int(d) for d in np.argsort(-self.kl, kind="stable")]

    @property
    def variance(self) -> float:
        """Of a Gaussian decoder that has the same one everywhere."""
        return self.learned_variance or self.entry.settings.model.variance

    @property
    def photograph(self) -> bool:
        return self.entry.photograph


@cached(max_entries=8)
def model(entry: Entry) -> Model:
    """The model of a run; a damaged file raises ValueError with one plain sentence."""
    dims = entry.settings.model.latent_dim
    conv = entry.settings.model.network == "conv"
    blob = None if conv else decoder_blob(entry)
    codes = entry.codes()
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
        learned_variance=variance(entry),
        classes=complete(entry.classes, labels),
    )


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
def network(model: Model):
    """The model in torch, read once per process: a second of imports that no first picture needs."""
    return model.entry.load().vae


def decoded(model: Model, z: np.ndarray) -> np.ndarray:
    """Mean images of z (..., D) as grey levels, computed here: for decoders that the browser cannot run."""
    import torch

    with torch.no_grad():
        image = network(model).mean(torch.as_tensor(z, dtype=torch.float32)).numpy()
    return np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)


def film(model: Model, z: list[float], dimension: int, in_u: bool = False) -> dict:
    """A film strip along one dimension; the images only for a decoder that the browser cannot run."""
    low, high = model.spans[dimension]
    strip = {"model": model.decoder, "dim": dimension, "dims": model.dims, "span": (low, high), "inU": in_u}
    if not model.blob:
        points = np.tile(np.array(z, np.float32), (TILES, 1))
        points[:, dimension] = low + (high - low) * (np.arange(TILES) + 0.5) / TILES
        strip["levels"] = base64.b64encode(decoded(model, points).tobytes()).decode()
    return strip | {"shape": model.entry.shape, "photograph": model.photograph}
