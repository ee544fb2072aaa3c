"""The registry of likelihoods and data sets, one row each, in which all their properties are looked up.

A new likelihood: a row here, its function in model/likelihoods.py, its formulas in dashboard/shared/js/likelihood.js.
A new data set: a module in data/ with `images`, and a row here. No torch, so that runs can be read without it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

PIXELS = ("dynamic", "static", "threshold", "dequantised", "grey")  # rules that turn a grey level into x
BINARY = ("dynamic", "static", "threshold")  # those that give black or white


class Likelihood(NamedTuple):
    """What follows from the choice of a p(x|z), other than its formula."""

    label: str  # for people
    outputs: int  # of the decoder, for each pixel; the first of them becomes the mean
    binary: bool  # gives probabilities of black and white pixels; else densities of grey ones
    pixels: str  # the rule of observation that goes with it
    squash: str  # makes the mean of the first output: sigmoid, identity or langevin (model/continuous_bernoulli.py)
    variance: str = ""  # "pixel": one of each, from the decoder; "fixed": ModelSettings.variance; "learned": one of all


LIKELIHOODS: dict[str, Likelihood] = {
    "bernoulli": Likelihood("Bernoulli", 1, True, "dynamic", "sigmoid"),
    "gaussian": Likelihood("Gaussian, a variance per pixel", 2, False, "dequantised", "sigmoid", "pixel"),
    "fixed_gaussian": Likelihood("Gaussian, fixed variance", 1, False, "grey", "identity", "fixed"),
    "isotropic_gaussian": Likelihood("Gaussian, one learned variance", 1, False, "grey", "identity", "learned"),
    "continuous_bernoulli": Likelihood("Continuous Bernoulli", 1, False, "grey", "langevin"),
}


class DataSet(NamedTuple):
    """What is known of a data set before its images are read."""

    title: str
    source: str  # what it is, where it is from, its licence; Markdown
    module: str  # its `images(name, root, download, progress)` gives image_arrays.ImageArrays
    classes: tuple[str, ...] = ()  # what the labels mean, as the data set writes it
    photograph: bool = False  # more is brighter; else ink on paper
    shape: tuple[int, ...] = (28, 28)  # H, W, and 3 in colour
    own_test: bool = True  # comes with test images; else it is split
    files: bool = True  # lies in files; else it is drawn when it is needed
    preset: Mapping[str, Any] = {}  # settings that its images ask for, before those of a preset
    paper: Mapping[str, Any] = {}  # what the preset "paper" has for it alone


DIGITS = tuple("0123456789")
GARMENTS = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
SYLLABLES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
OBJECTS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
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
    "emnist": DataSet(
        "EMNIST, balanced",
        "EMNIST (the split balanced): G. Cohen, S. Afshar, J. Tapson and A. van Schaik, *EMNIST: extending MNIST to "
        "handwritten letters*, IJCNN 2017; from NIST Special Database 19.",
        "vae_core.data.torchvision_archives",
        (*DIGITS, *"ABCDEFGHIJKLMNOPQRSTUVWXYZ", *"abdefghnqrt"),
    ),
    "omniglot": DataSet(
        "Omniglot",
        "Omniglot: B. Lake, R. Salakhutdinov and J. Tenenbaum, *Human-level concept learning through probabilistic "
        "program induction*, Science 350, 2015. MIT licence.",
        "vae_core.data.torchvision_archives",
        own_test=False,
        preset={"split": "random"},
    ),
    "svhn": DataSet(
        "SVHN",
        "SVHN: Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu and A. Ng, *Reading digits in natural "
        "images with unsupervised feature learning*, NIPS workshop 2011. For non-commercial use.",
        "vae_core.data.torchvision_archives",
        DIGITS,
        photograph=True,
        shape=(32, 32, 3),
        preset={"latent_dim": 10},
    ),
    "cifar10": DataSet(
        "CIFAR-10",
        "CIFAR-10: A. Krizhevsky, *Learning multiple layers of features from tiny images*, 2009. No licence "
        "is stated.",
        "vae_core.data.torchvision_archives",
        OBJECTS,
        photograph=True,
        shape=(32, 32, 3),
        preset={"latent_dim": 10},
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
    "shapes": DataSet(
        "Shapes",
        "Coloured figures on coloured grounds, drawn by VAE Lab itself from seven known and independent factors: no "
        "data from elsewhere.",
        "vae_core.data.shapes",
        ("ellipse", "square", "triangle", "star", "cross", "half disc"),
        photograph=True,
        shape=(32, 32, 3),
        files=False,
        preset={"latent_dim": 10},
    ),
    "toy": DataSet(
        "Toy world",
        "Images of 20 grey levels drawn by VAE Lab itself from a linear-Gaussian model that is known: no data from "
        "elsewhere.",
        "vae_core.data.toy",
        shape=(4, 5),
        files=False,
        preset={
            "encoder": (), "decoder": (), "likelihood": "isotropic_gaussian", "pixels": "grey", "data_bias": True,
            "noise": "sigma-points", "learning_rate": 3e-2, "schedule": "linear",
        },
    ),
}  # fmt: skip


def photograph(name: str) -> bool:
    """Whether a data set is of photographs, as far as its name says it."""
    return name in DATA_SETS and DATA_SETS[name].photograph


def data_title(name: str) -> str:
    """A data set as one writes it, MNIST; somebody's own file by its name without folder and ending."""
    return DATA_SETS[name].title if name in DATA_SETS else Path(name).stem
