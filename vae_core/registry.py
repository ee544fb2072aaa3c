"""The registry of likelihoods and data sets, one row each, in which all their properties are looked up.

A new likelihood: a row here, its function in model/likelihoods.py, its formulas in dashboard/shared/js/likelihood.js.
A new data set: a module in data/ with `images`, and a row here. No torch, so that runs can be read without it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

PIXELS = ("dynamic", "static", "threshold", "dequantised", "grey")  # rules that turn a grey level into x
BINARY = ("dynamic", "static", "threshold")  # those that give black or white


class Likelihood(NamedTuple):
    """What follows from the choice of a p(x|z), other than its formula."""

    label: str  # for people
    outputs: int  # of the decoder, for each pixel; the first of them becomes the mean
    binary: bool  # gives probabilities of black and white pixels; else densities of grey ones
    pixels: str  # the rule of observation that goes with it
    squash: str  # what makes the mean of the first output: sigmoid or identity
    variance: str = ""  # "pixel": one of each, from the decoder; "fixed": ModelSettings.variance; "learned": one of all


LIKELIHOODS: dict[str, Likelihood] = {
    "bernoulli": Likelihood("Bernoulli", 1, True, "dynamic", "sigmoid"),
    "gaussian": Likelihood("Gaussian, a variance per pixel", 2, False, "dequantised", "sigmoid", "pixel"),
    "fixed_gaussian": Likelihood("Gaussian, fixed variance", 1, False, "grey", "identity", "fixed"),
    "isotropic_gaussian": Likelihood("Gaussian, one learned variance", 1, False, "grey", "identity", "learned"),
}


class DataSet(NamedTuple):
    """What is known of a data set before its images are read."""

    title: str
    source: str  # what it is, where it is from, its licence; Markdown
    module: str  # its `images(name, root, download, progress)` gives image_arrays.ImageArrays
    classes: tuple[str, ...] = ()  # what the labels mean, as the data set writes it
    photograph: bool = False  # more is brighter; else ink on paper
    shape: tuple[int, int] = (28, 28)  # H, W
    own_test: bool = True  # comes with test images; else it is split
    files: bool = True  # lies in files; else it is drawn when it is needed
    preset: Mapping[str, Any] = {}  # settings that its images ask for, before those of a preset
    paper: Mapping[str, Any] = {}  # what the preset "paper" has for it alone


DIGITS = tuple("0123456789")
GARMENTS = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
SYLLABLES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")

DATA_SETS: dict[str, DataSet] = {
    "strokes": DataSet(
        "Strokes",
        "Handwriting-like digits drawn by VAE Lab itself from twelve known factors: no data from elsewhere.",
        "vae_core.data.strokes_cache",
        DIGITS,
        files=False,
    ),
    "mnist": DataSet(
        "MNIST",
        "MNIST: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document "
        "recognition*, Proc. IEEE 86(11), 1998. Creative Commons BY-SA 3.0 (Y. LeCun and C. Cortes).",
        "vae_core.data.mnist",
        DIGITS,
    ),
    "fashion-mnist": DataSet(
        "Fashion",
        "Fashion-MNIST: H. Xiao, K. Rasul and R. Vollgraf, *Fashion-MNIST: a novel image dataset for benchmarking "
        "machine learning algorithms*, arXiv:1708.07747, 2017. MIT licence (Zalando SE).",
        "vae_core.data.mnist",
        GARMENTS,
    ),
    "kmnist": DataSet(
        "KMNIST",
        "KMNIST: T. Clanuwat et al., *Deep learning for classical Japanese literature*, arXiv:1812.01718, 2018. "
        "Creative Commons BY-SA 4.0 (created by ROIS-DS Center for Open Data in the Humanities).",
        "vae_core.data.mnist",
        SYLLABLES,
    ),
    "frey": DataSet(
        "Frey Faces",
        "Frey Faces: B. Frey, as used by S. Roweis and L. Saul, *Science* 290, 2000. No licence is stated.",
        "vae_core.data.frey",
        photograph=True,
        shape=(28, 20),
        own_test=False,
        preset={
            "likelihood": "gaussian", "pixels": "dequantised", "split": "random", "validation": 160, "clip": 100.0,
            "encoder": (200,), "decoder": (200,), "activation": "tanh",
        },
        paper={"encoder": (200,), "decoder": (200,)},  # "to prevent overfitting"
    ),
}  # fmt: skip


def photograph(name: str) -> bool:
    """Whether a data set is of photographs, as far as its name says it."""
    return name in DATA_SETS and DATA_SETS[name].photograph
