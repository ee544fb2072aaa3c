"""Models from elsewhere: the weights of a VAE that other code has trained, in a layout of names that is known.

The table LAYOUTS says how each code names its layers. What comes in becomes an ordinary run: its weights under our
names, scored on the test images, with codes. Weights are read from safetensors, or from a file of torch's with
weights_only=True, which builds tensors and nothing else.
"""

import hashlib
import math
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from safetensors import SafetensorError

from vae_core import registry
from vae_core.runs.store import Entry, Runs
from vae_core.settings import RunSettings, colours, size_of

if TYPE_CHECKING:
    from torch import Tensor

    from vae_core.data.datasets import Dataset

LARGEST = 2**30  # bytes of a file
WRAPPED = ("state_dict", "model_state_dict", "model")  # keys under which a training keeps its weights
PREFIXES = ("module.", "_orig_mod.", "model.", "vae.")  # that wrappers put before every name
WEIGHT = ".weight"
COLLAPSED = 1.05  # times the log probability of independent pixels: so little has a model that says no more
PICKLE = b"\x80"  # how a file of torch's begins that is no zip
SAVE = "save its weights alone, vae.state_dict()"
ANY = "vae_core.notebook.explore shows any torch model in a notebook"


class Layout(NamedTuple):
    """The names of layers: `encoder` and `decoder` match those through which x and z go, in the order of their numbers.

    `mean` and `logvar` are the encoder's two last layers; without them its last layer gives both, the mean first.
    """

    what: str
    encoder: str
    decoder: str
    mean: str = ""
    logvar: str = ""
    activation: str = "relu"

    @property
    def patterns(self) -> list[str]:
        return [part for part in (self.encoder, self.decoder, self.mean, self.logvar) if part]


LIKELIHOODS = [
    name for name, row in registry.LIKELIHOODS.items() if row.variance in ("", "pixel")
]  # the decoder's alone
Layer = tuple[np.ndarray, np.ndarray]  # weight (outputs, inputs) and bias

LAYOUTS = {
    "pytorch-example": Layout(
        "VAE of pytorch/examples: fc1, fc21, fc22, fc3, fc4", r"fc1()", r"fc([34])", "fc21", "fc22"
    ),
    "pythae": Layout(
        "pythae’s MLP: encoder.layers, embedding, log_var", r"encoder\.layers\.(\d+)\.0", r"decoder\.layers\.(\d+)\.0",
        r"encoder\.embedding", r"encoder\.log_var",
    ),
    "two-heads": Layout(
        "encoder.N with the layers fc_mu and fc_var, or mu and logvar, after it", r"encoder\.(?:net\.)?(\d+)",
        r"decoder\.(?:net\.)?(\d+)", r"(?:encoder\.)?(?:fc_|z_)?(?:mu|mean)",
        r"(?:encoder\.)?(?:fc_|z_)?(?:var|logvar|log_var)",
    ),
    "stack": Layout(
        "encoder.N and decoder.N, mean and log variance from one layer", r"encoder\.(\d+)", r"decoder\.(\d+)"
    ),
}  # fmt: skip


class Foreign(ValueError):
    """Why weights cannot be taken, in one sentence."""


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Every tensor of a file as float32, by its name; Foreign for what is no file of weights, or not finite."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Foreign(f"{path} cannot be read ({error.strerror}).") from error
    if size > LARGEST:
        raise Foreign(f"{path.name} has {size / 1e9:.1f} GB, at most {LARGEST / 1e9:.1f} are taken.")
    found = _of_safetensors(path) if path.suffix == ".safetensors" else _of_torch(path)
    weights = {_bare(str(name)): tensor.detach().float().numpy() for name, tensor in found.items()}
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise Foreign(f"{name} in {path.name} has values that are not finite.")
    return weights


def _of_safetensors(path: Path) -> "dict[str, Tensor]":
    from safetensors.torch import load  # unlike numpy's, it knows bfloat16

    try:
        return load(path.read_bytes())
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        how = "save vae.state_dict() with safetensors.torch.save_file"
        raise Foreign(f"{path.name} is no safetensors file, or only a part of one: {how}.") from error


def _of_torch(path: Path) -> "dict[str, Tensor]":
    import torch

    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise Foreign(f"{path.name} {_why_not(path, error)}: {SAVE}.") from error
    for key in WRAPPED:
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    tensors = {k: v for k, v in found.items() if isinstance(v, torch.Tensor)} if isinstance(found, dict) else {}
    if not tensors:
        raise Foreign(f"{path.name} holds no weights by their names: {SAVE}.")
    return tensors


def _why_not(path: Path, error: Exception) -> str:
    """Why torch read no weights, in our words: its own are for those who call it."""
    with path.open("rb") as file:
        torchs = file.read(len(PICKLE)) == PICKLE or zipfile.is_zipfile(file)
    if torchs and (not isinstance(error, RuntimeError) or "TorchScript" in str(error)):
        return "holds a whole model, or other objects than weights, which are not opened as they could run any code"
    return "is no file that torch.save wrote, or only a part of one"


def _bare(name: str) -> str:
    while prefix := next((p for p in PREFIXES if name.startswith(p)), ""):
        name = name.removeprefix(prefix)
    return name


class Taken(NamedTuple):
    """A VAE's weights under our names, and what they say about it."""

    layout: str
    weights: dict[str, np.ndarray]
    latent_dim: int
    encoder: tuple[int, ...]  # widths of hidden layers
    decoder: tuple[int, ...]
    pixels: int
    outputs: int  # of the decoder


def recognise(found: dict[str, np.ndarray], layout: str = "") -> Taken:
    """The weights of a VAE of fully connected layers in a layout, else in the first one that fits.

    Foreign says what is missing, or which shapes do not follow one another.
    """
    if layout and layout not in LAYOUTS:
        raise Foreign(f"There is no layout {layout!r}; there are {', '.join(LAYOUTS)}.")
    reasons = {}
    for name in [layout] if layout else LAYOUTS:
        try:
            return _taken(found, name)
        except Foreign as reason:
            reasons[name] = reason
    if layout:
        raise Foreign(f"{layout}: {reasons[layout]}")
    if near := _nearest(found):
        raise Foreign(f"This is nearly a VAE in the layout {near}, but {reasons[near]}; {ANY}.")
    some, known = ", ".join(sorted(found)[:6]), "; ".join(each.what for each in LAYOUTS.values())
    raise Foreign(f"These names are in no layout that is known here: {some} ... Known are {known}. But {ANY}.")


def _nearest(found: dict[str, np.ndarray]) -> str:
    """The layout with a name for most of these layers, and with the fewest that are missing; "" for less than half."""

    def of(layout: Layout) -> tuple[int, int]:
        parts = [_named(weights, pattern) for pattern in layout.patterns]
        return sum(map(len, parts)), -parts.count({})

    weights = [key for key in found if key.endswith(WEIGHT)]
    best = max(LAYOUTS, key=lambda name: of(LAYOUTS[name]))
    return best if 2 * of(LAYOUTS[best])[0] > len(weights) else ""


def _taken(found: dict[str, np.ndarray], name: str) -> Taken:
    layout = LAYOUTS[name]
    heads = [_head(found, pattern) for pattern in (layout.mean, layout.logvar) if pattern]
    encoder = [*_layers(found, layout.encoder, "encoder"), _joined(*heads)] if heads else [
        *_layers(found, layout.encoder, "encoder")
    ]  # fmt: skip
    decoder = [*_layers(found, layout.decoder, "decoder")]
    latent_dim = decoder[0][0].shape[1]
    if encoder[-1][0].shape[0] != 2 * latent_dim:
        raise Foreign(
            f"the encoder ends in {encoder[-1][0].shape[0]} numbers and the decoder begins with {latent_dim}: a mean "
            "and a log variance would be twice as many"
        )
    if len(encoder) == 1 or len(decoder) == 1:
        raise Foreign("it has no hidden layer; a linear model is trained here in a minute, with the preset linear")
    pixels = encoder[0][0].shape[1]
    weights = {
        f"{part}.{2 * k}.{kind}": array
        for part, layers in (("encoder", encoder), ("decoder", decoder))
        for k, layer in enumerate(layers)
        for kind, array in zip(("weight", "bias"), layer, strict=True)
    }
    widths = [tuple(weight.shape[0] for weight, _ in layers[:-1]) for layers in (encoder, decoder)]
    return Taken(name, weights, latent_dim, *widths, pixels, decoder[-1][0].shape[0])


def pixel_by_pixel(taken: Taken, shape: tuple[int, ...]) -> Taken:
    """Weights of images in colour, of which torch has all reds first, for images whose pixels come one by one.

    Those of grey images, or of another size, come back as they are.
    """
    if colours(shape) == 1 or taken.pixels != math.prod(shape):
        return taken
    height, width, channels = shape
    place = np.arange(taken.pixels).reshape(channels, height, width).transpose(1, 2, 0).ravel()
    first, last = "encoder.0.", f"decoder.{2 * len(taken.decoder)}."
    rows = (np.arange(0, taken.outputs, taken.pixels)[:, None] + place).ravel()
    changed = {f"{first}weight": taken.weights[f"{first}weight"][:, place]}
    if len(rows) == taken.outputs:
        changed |= {f"{last}{kind}": taken.weights[f"{last}{kind}"][rows] for kind in ("weight", "bias")}
    return taken._replace(weights=taken.weights | changed)


def _layers(found: dict[str, np.ndarray], pattern: str, part: str) -> Iterator[Layer]:
    """Weight and bias of the layers that a pattern names, in the order of their numbers."""
    named = _named(found, pattern)
    if not named:
        raise Foreign(f"it has no {_readable(pattern)}{WEIGHT}, the {part}’s layers")
    before = None
    for key in sorted(named, key=lambda key: int(named[key][1] or 0)):
        weight, bias = _layer(found, key.removesuffix(WEIGHT))
        if before is not None and weight.shape[1] != before:
            raise Foreign(f"{key} takes {weight.shape[1]} numbers and the layer before it gives {before}")
        before = weight.shape[0]
        yield weight, bias


def _named(found: Iterable[str], pattern: str) -> dict[str, re.Match]:
    """Those of the names that are of a pattern's weights."""
    matches = ((key, re.fullmatch(pattern + re.escape(WEIGHT), key)) for key in found)
    return {key: match for key, match in matches if match}


def _layer(found: dict[str, np.ndarray], name: str) -> Layer:
    weight, bias = found[name + WEIGHT], found.get(f"{name}.bias")
    if weight.ndim != 2:
        raise Foreign(f"{name}{WEIGHT} has {weight.ndim} axes: only fully connected layers are taken")
    bias = np.zeros(len(weight), np.float32) if bias is None else bias
    if bias.shape != (len(weight),):
        raise Foreign(f"{name}.bias has {bias.size} numbers for {len(weight)} outputs")
    return weight, bias


def _head(found: dict[str, np.ndarray], pattern: str) -> Layer:
    names = list(_named(found, pattern))
    if len(names) != 1:
        raise Foreign(f"it has no {_readable(pattern)}{WEIGHT}" if not names else f"{' or '.join(names)}: which one?")
    return _layer(found, names[0].removesuffix(WEIGHT))


def _readable(pattern: str) -> str:
    """One of the names that a pattern takes: of alternatives the first, N for a number."""
    first = re.sub(r"\((?:\?:)?([^()|]*)\|[^()]*\)", r"\1", re.sub(r"\(\?:[^()]*\)\?", "", pattern))
    return first.replace(r"(\d+)", "N").replace("()", "").replace("([34])", "3").replace("\\", "")


def _joined(mean: Layer, logvar: Layer) -> Layer:
    """Two last layers as one, the mean first."""
    if mean[0].shape != logvar[0].shape:
        raise Foreign(f"its mean has the shape {mean[0].shape} and its log variance {logvar[0].shape}")
    return np.concatenate([mean[0], logvar[0]]), np.concatenate([mean[1], logvar[1]])


def settings_of(taken: Taken, dataset: "Dataset", activation: str = "", likelihood: str = "bernoulli") -> RunSettings:
    """What is known of the model: its networks, and the images on which it is scored. How it was trained is not known:
    those settings stay as they are by default, but for `start_from`, which names these weights."""
    if taken.pixels != math.prod(dataset.shape):
        size = size_of(dataset.shape)
        raise Foreign(f"The encoder takes {taken.pixels} pixels, and {dataset.name} has images of {size}.")
    row = registry.LIKELIHOODS[likelihood]
    expected = taken.pixels * row.outputs
    if taken.outputs != expected:
        raise Foreign(f"A decoder with the likelihood {likelihood} gives {expected} numbers, this one {taken.outputs}.")
    sealed = hashlib.sha256(b"".join(f"{k}{v.shape}".encode() + v.tobytes() for k, v in sorted(taken.weights.items())))
    return RunSettings().with_fields(
        name=dataset.name, fingerprint=dataset.fingerprint, pixels=row.pixels, likelihood=likelihood,
        latent_dim=taken.latent_dim, encoder=taken.encoder, decoder=taken.decoder, steps=1,
        activation=activation or LAYOUTS[taken.layout].activation, start_from=sealed.hexdigest()[:24],
        validation=0,
    )  # fmt: skip


def take(path: Path, dataset: "Dataset", runs: Runs, *, layout: str = "", activation: str = "",
         likelihood: str = "bernoulli", name: str = "") -> Entry:  # fmt: skip
    """Reads weights, scores them on the test images of a data set, and publishes them as a run; the same weights twice
    are one run. Foreign says why not."""
    import torch

    from vae_core.model.vae import build
    from vae_core.training.evaluate import scores, summary

    taken = pixel_by_pixel(recognise(read_weights(path), layout), dataset.shape)
    settings = settings_of(taken, dataset, activation, likelihood)
    if (known := runs.get(settings.key())) and known.status == "done":
        return known
    vae = build(settings.model, dataset.shape, torch.Generator())
    vae.load_state_dict({key: torch.from_numpy(array.copy()) for key, array in taken.weights.items()}, strict=True)
    vae.eval().requires_grad_(False)
    x = dataset.observed("test", range(len(dataset.test)), pixels=settings.data.pixels)
    found = scores(vae, x, 16)
    report = summary(found, 16, vae.stochastic)
    if not math.isfinite(report.elbo):
        raise Foreign(f"The bound of these weights on {dataset.name} is not finite: another activation or likelihood?")
    origin = f"weights from elsewhere ({taken.layout})"
    more = {"origin": origin, "photograph": dataset.photograph}
    more |= {"source": dataset.source} if dataset.source else {}
    more |= {"classes": list(dataset.classes)} if dataset.test_labels is not None and dataset.classes else {}
    with runs.draft(settings, name or path.stem[:60], shape=dataset.shape) as draft:
        draft.publish(vae, report, found, dataset.test_labels, step=1, **more)
    return runs.get(settings.key())


def doubt(entry: Entry, dataset: "Dataset") -> str:
    """A sentence where knowing each pixel's mean and nothing else is clearly better; densities are not asked."""
    from vae_core.training.evaluate import independent_pixels

    line = independent_pixels(dataset) if entry.settings.model.row.binary else -math.inf
    if entry.metrics["elbo"] >= COLLAPSED * line:
        return ""
    settings = f"{entry.settings.model.activation} and {entry.settings.model.likelihood}"
    return (
        f"The mean of each pixel alone reaches {line:.2f} nats, more than this model: were its weights trained with an "
        f"activation or a likelihood other than {settings}, or on other images?"
    )
