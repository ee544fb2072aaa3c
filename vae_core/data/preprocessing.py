"""An image from outside, uploaded or drawn, as the model would have met it: its size, its place, its ink.

MNIST's digits were cropped to their ink, fitted into a box of 20 of the 28 pixels, and moved until their centre of mass
was the middle. A model knows no other digits, so whatever comes in is treated alike. Photographs are only cropped to
the right proportions. What was done is said in the remark; `datasets.observe(grey, "threshold")` makes x of it.
"""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from vae_core.data.checksums import DatasetError
from vae_core.data.image_decoding import bright_enough, picture
from vae_core.settings import colours

BOX = 20 / 28  # of the picture's side
SIDE = 560  # pixels of an upload's longer side, before it is looked at
NARROWEST = 20  # times as long as wide: no longer a picture of anything
INK = 0.1  # of the range from paper to ink: a pixel below it is paper
CONTRAST = 24  # grey levels between paper and ink, at least


class ImageError(ValueError):
    """What is wrong with a picture from outside, in one sentence for the viewer."""


class Picture(NamedTuple):
    grey: np.ndarray  # (X,) uint8, as the data set has it: bright is ink; of models of colour red, green, blue
    remark: str = ""  # what was done to it, "" for nothing worth saying


def uploaded(data: bytes, shape: tuple[int, ...], photograph: bool = False) -> Picture:
    """A picture file -> levels (X,) for a model of images of `shape`; an ImageError says what is wrong.

    Colour is kept where the model has it, and there every picture is a photograph.
    """
    coloured = colours(shape) > 1
    try:
        image, done = picture(io.BytesIO(data), "The picture", SIDE, grey=not coloured)
    except DatasetError as error:
        raise ImageError(str(error).replace("repair or remove it", "choose another one")) from error
    done = [what for what in done if not what.startswith("made smaller")]  # every picture is
    if max(image.size) > NARROWEST * min(image.size):
        width, height = image.size
        raise ImageError(
            f"The picture is a line of {width}x{height}: choose one at most {NARROWEST} times as long as wide."
        )
    grey = bright_enough(np.asarray(image), done)
    if photograph or coloured:
        return Picture(cropped(Image.fromarray(grey), shape), "; ".join(done))
    done = [what for what in done if not what.startswith("colour")]  # of ink only its darkness counts
    ink, turned = bright_ink(grey)
    done += ["dark ink on light paper was turned into bright ink"] * turned
    return Picture(centred(ink, shape), "; ".join([*done, "cropped to its ink and centred by its mass"]))


def drawn(grey: np.ndarray, shape: tuple[int, ...], photograph: bool = False) -> Picture:
    """A canvas (h, w) uint8 whose ink is bright -> levels (X,) for a model of images of `shape`; in colour, white."""
    if grey.ndim != 2 or grey.dtype != np.uint8 or not grey.size:
        raise ImageError(f"A drawing has grey levels (height, width) of uint8, not {grey.dtype} of shape {grey.shape}.")
    if photograph or colours(shape) > 1:
        return Picture(cropped(Image.fromarray(grey), shape))
    return Picture(centred(grey, shape), "cropped to its ink and centred by its mass")


def bright_ink(grey: np.ndarray) -> tuple[np.ndarray, bool]:
    """Paper 0 and ink 255, whichever of them was light, and whether they were turned.

    The border tells what paper is: its median, and its usual distance from that as the paper's unevenness.
    """
    grey = grey.astype(np.float32)
    edge = max(1, min(grey.shape) // 20)
    inside = np.zeros(grey.shape, bool)
    inside[edge:-edge, edge:-edge] = True
    paper = np.median(grey[~inside])
    turned = bool(paper > grey.mean())
    above = (paper - grey) if turned else (grey - paper)
    above -= 4 * np.median(np.abs(grey[~inside] - paper))
    top = np.quantile(above, 0.999)
    if top < CONTRAST:
        top = above.max()  # a small figure on much paper
    if top < CONTRAST:
        raise ImageError(
            "There is no ink in this picture, paper and ink hardly differ: use a darker pen or more light."
        )
    return np.rint(255 * np.clip(above / top, 0, 1)).astype(np.uint8), turned


def centred(grey: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """As MNIST's digits were made: (h, w) uint8 with bright ink -> (X,) uint8.

    Cropped to the ink, fitted into the box with smooth edges and its proportions kept, then moved by whole pixels until
    the centre of mass lies in the middle, or as near to it as keeps all ink inside.
    """
    ink = grey > INK * 255
    if not ink.any():
        raise ImageError("There is no ink here yet: draw something.")
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    crop = Image.fromarray(grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    box = [max(1, round(BOX * side)) for side in shape]
    fit = min(box[0] / crop.height, box[1] / crop.width)
    size = [max(1, round(fit * side)) for side in crop.size]
    small = np.asarray(crop.resize(size, Image.Resampling.BOX if fit < 1 else Image.Resampling.BICUBIC))
    picture = np.zeros(shape, np.uint8)
    top, left = (_offset(small.sum(axis, dtype=float), side) for axis, side in ((1, shape[0]), (0, shape[1])))
    picture[top : top + small.shape[0], left : left + small.shape[1]] = small
    return picture.ravel()


def cropped(image: Image.Image, shape: tuple[int, ...]) -> np.ndarray:
    """The middle of a photograph in the right proportions: (X,) uint8."""
    image = image.convert("RGB") if colours(shape) > 1 else image
    return np.asarray(ImageOps.fit(image, (shape[1], shape[0]), Image.Resampling.BOX)).ravel()


def _offset(mass: np.ndarray, side: int) -> int:
    """Where a strip with this mass per pixel begins, so that its centre of mass lies in the pixel right of the middle.

    That is what MNIST's images show: the centres of all of them lie between 14 and 15 of 28.
    """
    centre = (mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum()
    return int(np.clip(np.ceil(side / 2 - centre), 0, side - len(mass)))
