"""A picture file from outside -> grey values, safely: formats by allow-list, size known before anything is decoded."""

import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from vae_core.files import DatasetError

FORMATS = {"PNG": (".png",), "JPEG": (".jpg", ".jpeg"), "BMP": (".bmp",), "GIF": (".gif",), "WEBP": (".webp",)}
SUFFIXES = tuple(suffix for suffixes in FORMATS.values() for suffix in suffixes)
PIXELS = 25_000_000  # of one picture, before it is made small
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)  # how decoders give up


def grey_picture(source: Path | BinaryIO, name: str, side: int = 64) -> tuple[Image.Image, list[str]]:
    """A picture of mode L, at most `side` pixels on its longer side, and what was done to it on the way.

    The right way up, first frame only, transparent parts white, 16 bits made 8; grey values stay as they are seen:
    bright is high. Anything else raises a DatasetError that names the file.
    """
    try:
        with Image.open(source, formats=tuple(FORMATS)) as image:
            width, height = image.size
            if width * height > PIXELS:
                raise DatasetError(f"{name} has {width}x{height} pixels, more than {PIXELS:,}: make it smaller.")
            done = ["only the first frame is used"] * bool(getattr(image, "is_animated", False))
            image.draft("L", (2 * side, 2 * side))  # a large JPEG need not be decoded in full
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
    grey = eight_bits(upright) if upright.mode.startswith("I") else upright.convert("L")
    if max(width, height) > side:
        done.append(f"made smaller to at most {side} pixels a side")
        size = [max(1, round(n * side / max(grey.size))) for n in grey.size]
        grey = grey.resize(size, Image.Resampling.BOX)
    return grey, done


def eight_bits(image: Image.Image) -> Image.Image:
    """Pillow clips 16 bits when it is asked for 8; 65535 is to be 255."""
    return Image.fromarray(np.clip(np.rint(np.asarray(image, np.float32) / 257), 0, 255).astype(np.uint8))
