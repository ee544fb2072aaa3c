"""A picture file from outside -> its levels, safely: formats by allow-list, size known before anything is decoded."""

import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from vae_core.data.array_layouts import DIM, note, rescaled
from vae_core.data.checksums import DatasetError

FORMATS = {
    "PNG": (".png",), "JPEG": (".jpg", ".jpeg"), "BMP": (".bmp",), "GIF": (".gif",), "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
}  # fmt: skip
PACKINGS = ("raw", "packbits", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "group3", "group4")  # of a TIFF
SUFFIXES = tuple(suffix for suffixes in FORMATS.values() for suffix in suffixes)
PIXELS = 25_000_000  # of one picture, before it is made small
BROKEN = (  # how decoders give up
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, AttributeError, OverflowError,
    MemoryError, UserWarning, struct.error, zlib.error,
)  # fmt: skip
GREY = ("1", "L", "LA", "I", "F")  # modes without colour, and all that begin with I;16
SAME = 12  # grey levels that JPEG may put between the channels of a grey picture


def picture(source: Path | BinaryIO, name: str, side: int = 64, grey: bool = False) -> tuple[Image.Image, list[str]]:
    """A picture, at most `side` pixels on its longer side, and what was done to it on the way.

    Of mode RGB where there is colour to see, unless it is to be made `grey`, else of mode L. The right way up, first
    frame only, transparent parts white; levels stay as they are seen: bright is high. 16 bits come as mode F, levels
    from 0 to 255 with their fractions, so that a dark picture loses nothing before it is made brighter. Anything else
    raises a DatasetError that names the file.
    """
    try:
        with Image.open(source, formats=tuple(FORMATS)) as image:
            width, height = image.size
            if width * height > PIXELS:
                raise DatasetError(f"{name} has {width}x{height} pixels, more than {PIXELS:,}: make it smaller.")
            if image.format == "TIFF" and (trouble := tiff_trouble(image)):
                raise DatasetError(f"{name} is a TIFF {trouble}: save it as PNG.")
            done = ["only the first frame is used"] * bool(getattr(image, "is_animated", False))
            coloured = image.format == "JPEG" and image.mode not in GREY and has_colour(drafted(source))
            image.draft(
                "RGB" if coloured and not grey else "L", (2 * side, 2 * side)
            )  # a large JPEG need not be decoded in full
            upright = ImageOps.exif_transpose(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DatasetError(f"{name} has more than {PIXELS:,} pixels: make it smaller.") from error
    except DatasetError:
        raise
    except BROKEN as error:
        kinds = ", ".join(FORMATS)
        raise DatasetError(f"{name} is no whole picture of a known kind ({kinds}): repair or remove it.") from error
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
        done.append("transparent parts are white")
    coloured = coloured or has_colour(upright)
    if coloured and grey:
        done.append("colour was made grey")
    mode = "RGB" if coloured and not grey else "L"
    made = eight_bits(upright) if upright.mode.startswith("I") else upright.convert(mode)
    if max(width, height) > side:
        done.append(f"made smaller to at most {side} pixels a side")
        size = [max(1, round(n * side / max(made.size))) for n in made.size]
        made = made.resize(size, Image.Resampling.BOX)
    return made, done


def tiff_trouble(image: Image.Image) -> str:
    """What is not read of a TIFF: rare packings, which bring decoders of their own, and floating point."""
    packing = str(image.info.get("compression", "raw"))
    if packing not in PACKINGS:
        return f"packed by {packing[:20]}"
    return "of floating point numbers" if image.mode == "F" else ""


def drafted(source: Path | BinaryIO) -> Image.Image:
    """A JPEG in colour, no larger than it takes to see some, with the file put back to its start."""
    with Image.open(source, formats=("JPEG",)) as image:
        image.draft("RGB", (64, 64))
        small = image.copy()
    if not isinstance(source, Path):
        source.seek(0)
    return small


def has_colour(image: Image.Image) -> bool:
    """Whether its channels differ, by more than JPEG's rounding."""
    if image.mode in GREY or image.mode.startswith("I;16"):
        return False
    colour = np.asarray(image.convert("RGB")).astype(np.int16)
    return bool((np.ptp(colour, axis=-1) > SAME).any())


def eight_bits(image: Image.Image) -> Image.Image:
    """65535 becomes 255, with fractions: Pillow clips 16 bits when it is asked for 8."""
    return Image.fromarray((np.clip(np.asarray(image, np.float64), 0, 65_535) / 257).astype(np.float32))


def bright_enough(images: np.ndarray, done: list[str]) -> np.ndarray:
    """uint8 from grey levels of 0 to 255; if all of them are far too dark, the brightest becomes white, and that is
    said in `done`."""
    brightest = float(images.max(initial=0))
    if 0 < brightest < DIM:
        note(done, rescaled(brightest, "255", 255 / brightest))
        images = images * np.float32(255 / brightest)
    return images if images.dtype == np.uint8 else np.clip(np.rint(images), 0, 255).astype(np.uint8)
