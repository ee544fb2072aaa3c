"""Explore of your own model in a notebook: from vae_core.notebook import explore; explore(vae, images)

The cell shows the page that `export --html` writes, in a frame: it decodes and encodes in the browser, so that it stays
alive in a saved notebook, and where no kernel runs. It needs a clone with the dashboard beside this package.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vae_core.cli.pages import check_dashboard
from vae_core.data.datasets import load_dataset
from vae_core.exchange import foreign_weights
from vae_core.model.networks import ACTIVATIONS
from vae_core.runs.store import Runs

LONGEST = 300  # seconds
HIGH = 860  # pixels of the frame


class Page(NamedTuple):
    """What a notebook shows of `explore`, and a file for others."""

    html: str

    def _repr_html_(self) -> str:
        frame = f'width="100%" height="{HIGH}" style="border: 0" title="VAE Lab"'
        return f'<iframe {frame} srcdoc="{html.escape(self.html)}"></iframe>'

    def save(self, path: Path | str) -> None:
        """The same as one file, which opens without Python."""
        Path(path).write_text(self.html, "utf-8")


def explore(
    model: Any, images: Any, labels: Any = None, *, layout: str = "", activation: str = "",
    likelihood: str = "bernoulli", name: str = "your model",
) -> Page:  # fmt: skip
    """Explore of a torch model with these images (N, H, W), grey values of 0 to 1 or 0 to 255, as its test images.

    The model is a VAE of ours or a module with an encoder and a decoder of fully connected layers, whose weights are
    called as in one of `foreign_weights.LAYOUTS`; ValueError says why another one cannot be shown.
    """
    check_dashboard()
    pictures = np.asarray(images)
    if pictures.ndim != 3 or not len(pictures):
        raise ValueError(f"Images are needed as an array (N, H, W), these have the shape {pictures.shape}.")
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        dataset = load_dataset(str(kept(cache / file_of(name), pictures, labels)))
        chosen = {"layout": layout, "activation": activation or activation_of(model), "likelihood": likelihood}
        entry = foreign_weights.take(weights_of(model, cache), dataset, Runs(cache / "runs"), name=name, **chosen)
        return Page(page_of(entry.key, cache))


def file_of(name: str) -> str:
    """A file of images, after which the page names the model."""
    plain = re.sub(r"[^\w -]", "", name).strip()[:40]
    return f"{plain or 'images'}.npz"


def kept(file: Path, images: np.ndarray, labels: Any) -> Path:
    """A data set file whose test images are these; a copy of them stands for the training images, which are unknown."""
    known = {} if labels is None else {"train_labels": np.asarray(labels), "test_labels": np.asarray(labels)}
    np.savez(file, train_images=images, test_images=images, **known)
    return file


def weights_of(model: Any, folder: Path) -> Path:
    from safetensors.torch import save_file

    file = folder / "model.safetensors"
    save_file({key: array.detach().cpu().contiguous() for key, array in model.state_dict().items()}, file)
    return file


def activation_of(model: Any) -> str:
    """Of the first of its modules that is one; "" where it computes them by itself, as pytorch/examples do."""
    kinds = {kind: name for name, kind in ACTIVATIONS.items()}
    return next((kinds[type(module)] for module in model.modules() if type(module) in kinds), "")


def page_of(key: str, cache: Path) -> str:
    """Made by another process, whose cache folder is this model's alone."""
    file = cache / "page.html"
    command = [sys.executable, "-m", "vae_core", "export", key, "--html", str(file), "--with-images"]
    here = {"cwd": Path(__file__).parents[1], "env": os.environ | {"VAE_CACHE_DIR": str(cache)}}
    done = subprocess.run(command, **here, capture_output=True, text=True, timeout=LONGEST, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["the page could not be made"]
        raise ValueError(said[-1].removeprefix("vae_core: "))
    return file.read_text("utf-8")
