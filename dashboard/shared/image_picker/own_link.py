"""An image of one's own in the address, so that a reload and a shared link show it.

`drawn-28x28-2-...` is how it was made, its height and width, its levels of grey, and the levels of all pixels, row by
row, as URL-safe base64: 784 pixels of two levels are 131 characters.
"""

import base64
import binascii
import re

import numpy as np

KINDS = ("drawn", "opened")
LEVELS = {2: 1, 16: 4}  # of grey: bits
LARGEST = 256  # pixels to a side
LONGEST = 1600  # characters of the pixels in an address
SHAPE = re.compile(r"(drawn|opened)-(\d{1,3})x(\d{1,3})-(2|16)-([\w-]+)", re.ASCII)


def written(kind: str, grey: np.ndarray, shape: tuple[int, ...], binary: bool) -> str | None:
    """The text for the grey values (X,) of an image of `shape` (H, W); None where it has too many pixels for a link."""
    levels = 2 if binary else 16
    if len(shape) != 2 or grey.size != shape[0] * shape[1] or grey.size * LEVELS[levels] > 6 * LONGEST:
        return None
    values = quantised(grey, levels)
    bits = (values[:, None] >> np.arange(LEVELS[levels])[::-1]) & 1
    packed = base64.urlsafe_b64encode(np.packbits(bits.astype(np.uint8)).tobytes()).decode().rstrip("=")
    return f"{kind}-{shape[0]}x{shape[1]}-{levels}-{packed}"


def quantised(grey: np.ndarray, levels: int) -> np.ndarray:
    """(X,) uint8 from 0 to `levels` − 1: the nearest of so many equal steps."""
    return ((grey.astype(np.uint16) * (levels - 1) + 127) // 255).astype(np.uint8)


def rounded(grey: np.ndarray, binary: bool) -> np.ndarray:
    """The grey values (X,) uint8 that a link of them gives back."""
    levels = 2 if binary else 16
    return quantised(grey, levels) * np.uint8(255 // (levels - 1))


def read(text: str) -> tuple[str, np.ndarray] | None:
    """(how it was made, grey values (H, W) uint8); None for anything else."""
    found = SHAPE.fullmatch(text) if len(text) <= LONGEST + 40 else None
    if not found:
        return None
    kind, height, width, levels = found[1], int(found[2]), int(found[3]), int(found[4])
    bits, pixels = LEVELS[levels], height * width
    try:
        packed = base64.b64decode(found[5] + "=" * (-len(found[5]) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if not 0 < height <= LARGEST or not 0 < width <= LARGEST or len(packed) != -(-pixels * bits // 8):
        return None
    each = np.unpackbits(np.frombuffer(packed, np.uint8), count=pixels * bits).reshape(pixels, bits)
    values = (each << np.arange(bits)[::-1]).sum(1).astype(np.uint8)
    return kind, (values * np.uint8(255 // (levels - 1))).reshape(height, width)
