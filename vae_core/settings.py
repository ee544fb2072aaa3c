"""Everything that decides a run's numbers, as frozen dataclasses that check themselves.

A run's identity is `RunSettings.key()`: a hash of every field, of the data's fingerprint and of SCHEMA. What does not
change the numbers (threads, device, display names, paths) is no setting. Fields are normalised by type before hashing,
so that 1 and 1.0 in a float field are the same run, and NaN can never be part of a key.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from vae_core.registry import BINARY, DATA_SETS, LIKELIHOODS, PIXELS, Likelihood

SCHEMA = 2  # raise it when the same settings would give other numbers
SMALL = 12  # a small data set holds out one in so many training images

SPLITS = ("standard", "random", "chronological")
ACTIVATIONS = ("tanh", "silu", "relu", "softplus")
NETWORKS = ("mlp", "conv")
INITIALISATIONS = ("uniform", "xavier", "he", "normal", "large")
OPTIMIZERS = ("adam", "adagrad", "sgd")
NOISES = ("gaussian", "sigma-points")
SCHEDULES = ("constant", "one-cycle", "cosine", "linear")
PRECISIONS = ("float32", "bfloat16")
ALGORITHMS = ("aevb", "wake-sleep", "mcem")
OF_THE_KL = ("noise", "closed_form", "beta", "warmup", "free_bits", "total_correlation")  # not of K weighted samples
OF_THE_BOUND = (*OF_THE_KL, "importance_samples")  # settings that only aevb has a use for


def whole(low: int, high: int, default: int):
    return field(default=default, metadata={"type": int, "low": low, "high": high})


def real(low: float, high: float, default: float):
    return field(default=default, metadata={"type": float, "low": low, "high": high})


def later(made):
    """A field that came after the first release: left at its default it is not hashed, so that older keys stay."""
    return field(default=made.default, metadata=made.metadata | {"later": True})


def choice(*names: str, default: str = ""):
    return field(default=default or names[0], metadata={"type": str, "choices": names})


def registered(rows: Mapping[str, Any]):
    """The name of a row; the first is the default. A row that is added later may be chosen at once."""
    return field(default=next(iter(rows)), metadata={"type": str, "choices": rows})


def flag(default: bool):
    return field(default=default, metadata={"type": bool})


def text(default: str):
    return field(default=default, metadata={"type": str})


def widths(*default: int):
    return field(default=default, metadata={"type": tuple, "low": 1, "high": 4096})


def _checked(name: str, value: Any, rule: Any) -> Any:
    kind, low, high = rule["type"], rule.get("low"), rule.get("high")
    if kind is bool:
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be true or false, not {value!r}.")
    elif kind is str:
        choices = rule.get("choices")
        if not isinstance(value, str) or (choices and value not in choices):
            raise ValueError(f"{name} must be {'one of ' + ', '.join(choices) if choices else 'text'}, not {value!r}.")
    elif kind is tuple:
        value = tuple(value) if isinstance(value, tuple | list) else (value,)
        if len(value) > 8 or not all(type(w) is int and low <= w <= high for w in value):
            raise ValueError(f"{name} must be at most 8 layer widths from {low} to {high}, not {value!r}.")
    else:
        if isinstance(value, bool) or not isinstance(value, int | float) or (kind is int and value != int(value)):
            raise ValueError(f"{name} must be a {'whole ' if kind is int else ''}number, not {value!r}.")
        if not math.isfinite(value) or not low <= value <= high:
            raise ValueError(f"{name} must lie between {low:g} and {high:g}, not {value!r}.")
        value = kind(value) + 0  # + 0 turns -0.0 into 0.0
    return value


class Checked:
    """Normalises and checks each field against its metadata; errors name the field, the value and the allowed range."""

    def __post_init__(self) -> None:
        for f in fields(self):
            if f.metadata:
                object.__setattr__(self, f.name, _checked(f.name, getattr(self, f.name), f.metadata))

    def replace(self, **changes: Any) -> Self:
        unknown = set(changes) - {f.name for f in fields(self)}
        if unknown:
            raise ValueError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}.")
        return replace(self, **changes)


@dataclass(frozen=True)
class DataSettings(Checked):
    """Which images, and how grey values k in 0..255 become the pixels x that encoder and likelihood both see."""

    name: str = text("mnist")
    pixels: str = choice(*PIXELS)
    split: str = choice(*SPLITS)
    validation: int = whole(0, 1_000_000, 5000)  # the last training images, held out to choose recipes by
    fingerprint: str = text("")  # sha256 of the images and labels, filled in by load_dataset
    images: int = later(whole(0, 10_000_000, 0))  # train on the first N only; 0: on all

    @property
    def binary(self) -> bool:
        """Whether x is black or white."""
        return self.pixels in BINARY

    def same_images(self, other: "DataSettings") -> bool:
        """Whether image i is the same in both: one name may stand for many files, one fingerprint for one."""
        known = self.fingerprint and other.fingerprint
        return self.fingerprint == other.fingerprint if known else self.name == other.name


@dataclass(frozen=True)
class ModelSettings(Checked):
    """Two networks and a likelihood; `encoder` and `decoder` are widths of hidden layers, without any it is linear."""

    latent_dim: int = whole(1, 512, 2)
    encoder: tuple[int, ...] = widths(512, 256, 128)
    decoder: tuple[int, ...] = widths(128, 256, 512)
    activation: str = choice(*ACTIVATIONS, default="silu")
    network: str = choice(*NETWORKS)
    likelihood: str = registered(LIKELIHOODS)
    variance: float = real(1e-6, 1e3, 1.0)  # where it is fixed; where one is learned, its starting value
    stochastic: bool = flag(True)  # False: an autoencoder, which has no q(z|x)
    initialisation: str = choice(*INITIALISATIONS)
    data_bias: bool = flag(False)  # the decoder's last bias, one number per pixel, starts at the data mean
    conditional: bool = later(flag(False))  # both networks are given the image's class: p(x|z, y) and q(z|x, y)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.data_bias and self.network == "conv":
            raise ValueError(
                "data_bias needs a bias for each pixel, and a conv decoder ends with one for all of them: "
                "leave data_bias out or use network=mlp."
            )
        if self.conditional and self.network == "conv":
            raise ValueError(
                "conditional gives both networks the class beside their input, and a conv encoder takes pixels only: "
                "leave conditional out or use network=mlp."
            )

    @property
    def row(self) -> Likelihood:
        """What follows from the likelihood's name."""
        return LIKELIHOODS[self.likelihood]

    def check_shape(self, shape: tuple[int, ...]) -> None:
        """ValueError where these settings do not suit images of `shape`, (H, W) or in colour (H, W, 3)."""
        if colours(shape) > 1 and self.row.binary:
            raise ValueError(
                f"likelihood {self.likelihood} scores black and white pixels, and these images are in colour: use "
                "likelihood=gaussian, isotropic_gaussian or continuous_bernoulli."
            )
        if self.network == "conv":
            for channels in (self.encoder, self.decoder):
                halved(shape, len(channels))


def colours(shape: tuple[int, ...]) -> int:
    """Numbers per pixel: 1 of grey images (H, W); 3, which are red, green and blue, of those in colour (H, W, 3)."""
    return shape[2] if len(shape) == 3 else 1


def size_of(shape: tuple[int, ...]) -> str:
    """28x28, or 32x32 in colour: for people."""
    return f"{shape[0]}x{shape[1]}{' in colour' if colours(shape) > 1 else ''}"


def halved(shape: tuple[int, ...], layers: int) -> tuple[int, int]:
    """Height and width after `layers` convolutions of stride 2; ValueError where the sides do not divide."""
    factor = 2**layers
    if not layers or shape[0] % factor or shape[1] % factor:
        raise ValueError(
            f"A conv network with {layers} layers needs sides divisible by {factor}, these images are "
            f"{shape[0]}x{shape[1]}; use fewer layers or network=mlp."
        )
    return shape[0] // factor, shape[1] // factor


CHANNELS = (32, 64, 128, 256)  # of a conv encoder for images in colour, as many as bring their sides down to 4


def conv_channels(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Channels of a conv encoder for images of `shape`; its decoder has them reversed. ValueError: odd sides."""
    if colours(shape) > 1:
        fitting = [k + 1 for k in range(len(CHANNELS)) if not any(side % 2 ** (k + 1) for side in shape[:2])]
        small = [k for k in fitting if min(shape[:2]) >= 4 * 2**k]
        channels = CHANNELS[: max(small or fitting, default=1)]
    else:
        channels = (16, 32) if not any(side % 4 for side in shape) else (32,)
    halved(shape, len(channels))
    return channels


@dataclass(frozen=True)
class TrainSettings(Checked):
    """How the bound is estimated and climbed; everything in steps, the weights of the terms in nats per image."""

    steps: int = whole(1, 10_000_000, 1800)
    batch: int = whole(1, 100_000, 100)
    samples: int = whole(1, 10_000, 1)  # L, noise samples per image
    noise: str = choice(*NOISES)  # sigma-points: ±sqrt(D) e_j, L = 2D: exact where log p(x|z) is quadratic in z
    closed_form: bool = flag(True)  # estimator B; False is estimator A
    beta: float = real(0.0, 1e4, 1.0)
    warmup: int = whole(0, 10_000_000, 0)  # steps over which beta grows from 0
    free_bits: float = real(0.0, 1e3, 0.0)  # nats per dimension that the objective does not charge for
    optimizer: str = choice(*OPTIMIZERS)
    learning_rate: float = real(1e-7, 10.0, 3e-3)
    schedule: str = choice(*SCHEDULES, default="one-cycle")
    weight_decay: float = real(0.0, 10.0, 0.0)
    clip: float = real(0.0, 1e9, 0.0)  # largest gradient norm per step, 0 for none
    weight_prior: bool = flag(False)  # theta ~ N(0, I): the paper's MAP term
    precision: str = choice(*PRECISIONS)
    seed: int = whole(0, 2**32 - 1, 0)
    start_from: str = text("")  # key of the run whose weights this one starts from
    momentum: float = later(real(0.0, 0.999, 0.0))  # of sgd
    algorithm: str = later(choice(*ALGORITHMS))  # what is climbed: the bound, or what Kingma & Welling compare it with
    importance_samples: int = later(whole(1, 1000, 1))  # K; above 1 the importance-weighted bound is climbed
    total_correlation: float = later(real(0.0, 1e4, 0.0))  # its weight beside that of the KL, which holds it already

    def __post_init__(self) -> None:
        super().__post_init__()
        usual = {f.name: f.default for f in fields(self)}
        if self.importance_samples > 1:
            for name in OF_THE_KL:
                if getattr(self, name) != usual[name]:
                    raise ValueError(
                        f"The bound of {self.importance_samples} importance samples has no KL term of its own and no "
                        f"use for {name}: leave it at {usual[name]}, or use importance_samples=1."
                    )
        unused = [name for name in OF_THE_BOUND if getattr(self, name) != usual[name]]
        unused += ["samples"] if self.algorithm == "mcem" and self.samples != usual["samples"] else []
        if self.algorithm != "aevb" and unused:
            raise ValueError(
                f"{self.algorithm} does not climb the bound and has no use for {unused[0]}: leave it at "
                f"{usual[unused[0]]}, or use algorithm=aevb."
            )


def held_out(images: int) -> int:
    """The validation images among so many training images, unless you choose: 5000, or a twelfth of a small set."""
    return min(DataSettings.validation, images // SMALL)


def _hashed(part: Checked) -> dict[str, Any]:
    values = asdict(part)
    return {f.name: values[f.name] for f in fields(part) if not f.metadata.get("later") or values[f.name] != f.default}


@dataclass(frozen=True)
class RunSettings:
    """All that names a run; a likelihood that does not score the pixels raises a ValueError."""

    data: DataSettings = DataSettings()
    model: ModelSettings = ModelSettings()
    train: TrainSettings = TrainSettings()

    def __post_init__(self) -> None:
        if self.data.binary != self.model.row.binary:
            raise ValueError(
                f"likelihood {self.model.likelihood} does not score {self.data.pixels} pixels: a Bernoulli takes "
                "dynamic, static or threshold, a density takes dequantised or grey."
            )
        if self.train.algorithm != "aevb" and not self.model.stochastic:
            raise ValueError(
                f"{self.train.algorithm} draws z at random, and an autoencoder has no distribution over z: "
                "use stochastic=true or algorithm=aevb."
            )
        for name in ("importance_samples", "total_correlation"):
            if not self.model.stochastic and getattr(self.train, name) != getattr(TrainSettings, name):
                raise ValueError(
                    f"{name} is for samples of q(z|x), and an autoencoder has none: use stochastic=true or leave "
                    f"{name} at {getattr(TrainSettings, name):g}."
                )

    def key(self) -> str:
        """24 hex digits that name this run: the same settings on the same data give the same key, anywhere."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()[:24]

    def canonical(self) -> str:
        parts = {name: _hashed(getattr(self, name)) for name in ("data", "model", "train")}
        return json.dumps({"schema": SCHEMA, **parts}, sort_keys=True, allow_nan=False, separators=(",", ":"))

    def to_dict(self) -> dict[str, dict[str, Any]]:
        return asdict(self)

    @classmethod
    def from_dict(cls, parts: dict[str, dict[str, Any]]) -> Self:
        """The settings that `to_dict` wrote; unknown fields and values out of range raise a ValueError naming them."""
        made = {}
        for name, kind in (("data", DataSettings), ("model", ModelSettings), ("train", TrainSettings)):
            values = parts.get(name, {})
            if not isinstance(values, dict):
                raise ValueError(f"settings: {name} must be a table of fields, not {type(values).__name__}.")
            made[name] = kind().replace(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
        return cls(**made)

    def with_fields(self, **changes: Any) -> Self:
        """A copy with fields of any of the three parts changed: `settings.with_fields(latent_dim=10, beta=4)`."""
        parts = {}
        for name in ("data", "model", "train"):
            part = getattr(self, name)
            mine = {f.name for f in fields(part)} & changes.keys()
            parts[name] = part.replace(**{k: changes.pop(k) for k in mine})
        if changes:
            raise ValueError(f"There is no setting called {', '.join(sorted(changes))}.")
        return type(self)(**parts)


PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 1800},
    "good": {"steps": 12_000},
    "paper": {
        "steps": 60_000, "encoder": (500,), "decoder": (500,), "activation": "tanh", "initialisation": "normal",
        "optimizer": "adagrad", "learning_rate": 0.02, "schedule": "constant", "weight_prior": True,
    },
    "linear": {
        "steps": 10_000, "encoder": (), "decoder": (), "batch": 1000, "learning_rate": 1e-2, "schedule": "linear",
        "data_bias": True, "likelihood": "isotropic_gaussian", "pixels": "grey",
        "noise": "sigma-points",
    },
    "bad-start": {"steps": 1800, "activation": "tanh", "initialisation": "large"},
}  # fmt: skip


# What images in colour ask for: a density, whose one variance is learned, and networks that suit their size.
COLOUR = {"likelihood": "isotropic_gaussian", "pixels": "dequantised", "variance": 0.02, "clip": 1000.0}


def for_colour(shape: tuple[int, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that suit images in colour of `shape` (H, W, 3), where a preset has not `given` its own."""
    try:
        channels = conv_channels(shape)
    except ValueError:  # sides of odd length
        return COLOUR
    networks = {"network": "conv", "encoder": channels, "decoder": channels[::-1], "learning_rate": 2e-3}
    return COLOUR | ({} if "encoder" in given else networks)


def preset(name: str, dataset: str, shape: tuple[int, ...] = ()) -> RunSettings:
    """Settings that give a good run of their kind; `with_fields` changes any of them.

    quick: a first manifold in seconds (three epochs); good: twenty epochs; paper: Kingma & Welling (2014), section 5,
    with 500 hidden units for MNIST and 200 for Frey Faces (there the clipping and the held-out images are ours);
    linear: the linear-Gaussian VAE, which is probabilistic PCA; bad-start: quick with tanh and much too large first
    weights (analysis/first_weights.py says what they cost). `dataset` may also be a loaded Dataset: of a small one
    `held_out` says how many images are for validation. Images in colour, by their `shape` (H, W, 3), get a density and
    convolutions for their size: three layers for 32x32, four for 64x64. Another name is a ValueError.
    """
    if name not in PRESETS:
        raise ValueError(f"There is no preset {name!r}; choose one of {', '.join(PRESETS)}.")
    small = {"validation": held_out(len(dataset.train))} if hasattr(dataset, "train") else {}
    shape, dataset = shape or getattr(dataset, "shape", ()), getattr(dataset, "name", dataset)
    row = DATA_SETS.get(dataset)
    shape = shape or (row.shape if row else ())
    fitting = for_colour(shape, PRESETS[name]) if colours(shape) > 1 else {}
    chosen = small | fitting | (dict(row.preset) if row else {}) | PRESETS[name]
    if row and name == "paper":
        chosen |= row.paper
    return RunSettings().with_fields(name=dataset, **chosen)
