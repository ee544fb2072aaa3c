"""Models of photographs, and whether a picture shows them: 1 is alike their mean image, -1 is its negative."""

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from tests.colour_pictures import glows
from vae_core.data.datasets import DatasetError, load_dataset
from vae_core.jobs.trainer import train_run
from vae_core.runs.store import Runs
from vae_core.settings import preset

ALIKE = 0.4  # at least; a negative is below 0
SURE = 0.5  # likeness, up or down, from which a part of a film is taken for one of its images
SMALL = {
    "network": "mlp", "encoder": (64,), "decoder": (64,), "likelihood": "isotropic_gaussian", "pixels": "dequantised",
    "steps": 200, "batch": 50, "validation": 50,
}  # fmt: skip


class Shown(NamedTuple):
    """Models of photographs whose mean image is known."""

    cache: Path
    keys: dict[str, str]  # two and other are models of theirs, own is their data set
    mean: np.ndarray  # (h, w), in colour (h, w, 3)


def trained(cache: Path) -> dict[str, Shown]:
    """Two models each of somebody's own faces and pictures in colour, trained in seconds, beside the bundled ones; by
    whose images they are. Without the Frey Faces the test that asks is skipped."""
    try:
        frey = load_dataset("frey", download=False)
    except DatasetError:
        pytest.skip("needs the Frey Faces")
    faces = np.concatenate([frey.train.numpy(), frey.test.numpy()]).reshape(-1, *frey.shape)
    found = {"bundled": Shown(cache, {"two": "frey-2d", "other": "frey-10d"}, faces.mean(0))}
    for whose, images in (("own", faces[::3]), ("colour", glows(200))):
        file = cache / f"{whose}.npz"
        np.savez(file, images=images)
        data, runs = load_dataset(file), Runs(cache / "runs")
        settings = preset("quick", data).with_fields(fingerprint=data.fingerprint, name=str(file), **SMALL)
        two, other = (train_run(settings.with_fields(beta=beta), data, runs).key for beta in (1.0, 4.0))
        found[whose] = Shown(cache, {"two": two, "other": other, "own": str(file)}, images.mean(0))
    return found


def opened(file: bytes) -> Image.Image:
    """A picture on white, in colour."""
    picture = Image.open(io.BytesIO(file)).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def likeness(picture: np.ndarray, mean: np.ndarray, fit: tuple[int, int] | float = 1) -> np.ndarray:
    """Of each image in a picture (H, W, 3), its correlation with the mean image (h, w) or (h, w, 3), whose colours are
    compared one by one: the least counts. `fit`: so many images across and down fill the picture; or they lie anywhere,
    so many times as large as the mean image.
    """
    (tall, wide), grid = mean.shape[:2], fit if isinstance(fit, tuple) else None
    size = (grid[0] * wide, grid[1] * tall) if grid else [round(n / fit) for n in picture.shape[1::-1]]
    small = np.asarray(Image.fromarray(picture.astype(np.uint8)).resize(size, Image.Resampling.BOX), float)
    planes, mean = (small, mean) if mean.ndim == 3 else (small.mean(2, keepdims=True), mean[..., None])
    if not grid and planes.shape[:2] != (tall, wide):
        return of_a_film(planes, mean)
    tiles = planes.reshape(planes.shape[0] // tall, tall, planes.shape[1] // wide, wide, -1).swapaxes(1, 2)
    return correlations(tiles, mean).min(-1).ravel()


def of_a_film(planes: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The images wherever they are: the part that is most like the mean image or its negative, then the next."""
    tall, wide = mean.shape[:2]
    each = correlations(np.moveaxis(sliding_window_view(planes, (tall, wide), (0, 1)), 2, -1), mean)
    sure, found = np.abs(each.mean(-1)), []
    while sure.max() > SURE:
        y, x = np.unravel_index(sure.argmax(), sure.shape)
        found.append(each[y, x].min())
        sure[max(0, y - tall // 2) : y + tall // 2 + 1, max(0, x - wide // 2) : x + wide // 2 + 1] = 0
    return np.array(found)


def correlations(tiles: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Of tiles (..., h, w, C) with one image, by colour: (..., C); 0 of a tile of one level."""
    apart, against = (image - image.mean((-3, -2), keepdims=True) for image in (tiles, mean))
    size = np.sqrt((apart**2).sum((-3, -2)) * (against**2).sum((-3, -2)))
    return (apart * against).sum((-3, -2)) / np.maximum(size, 1e-9)


def shows(pictures: list[np.ndarray], mean: np.ndarray, fit: tuple[int, int] | float = 1) -> bool:
    """Whether most of what pictures show is like such images, and their negatives would not be."""
    both = pictures, [255 - picture for picture in pictures]
    found, turned = (np.concatenate([likeness(picture, mean, fit) for picture in some]) for some in both)
    return len(found) > 0 and np.median(found) > ALIKE and np.median(turned) < 0
