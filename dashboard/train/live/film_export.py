"""A training as an animated picture: per snapshot the manifold, the codes beside it, the step and the bound.

GIF, because slides and mails play it. The same frames, side by side, are the strip in the README.
"""

import io
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dashboard.shared.formatting import short
from vae_core.data.class_names import complete

SIDE, EDGE, FOOT, REACH = 392, 16, 40, 3.5
SLOWEST, FASTEST = 1400, 160  # milliseconds that the last picture, and each other one, stays
PAPER, INK, GREY = 255, 26, 86
CLASSES = ("#873761", "#5e6f8c", "#4e92d8", "#5b5c1c", "#4c4d99", "#9c70bc", "#228f61", "#9f7100", "#c08a20", "#6f9982")


class Still(NamedTuple):
    """One step of a training."""

    step: int
    bound: float | None  # nats per image, of held-out images
    tiles: np.ndarray  # (n * n, X) uint8, ink
    codes: np.ndarray  # (N, 2) float32


def animated(
    stills: list[Still], shape: tuple[int, int], labels: np.ndarray | None, photograph: bool = False,
    classes: tuple[str, ...] = (),
) -> bytes:  # fmt: skip
    """All stills as a GIF that loops."""
    pictures = [picture(still, shape, labels, photograph, complete(classes, labels)) for still in stills]
    pictures = [sheet.quantize(128) for sheet in pictures]
    waits = [FASTEST] * (len(pictures) - 1) + [SLOWEST]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], duration=waits, loop=0)
    return file.getvalue()


def strip(stills: list[Still], shape: tuple[int, int], photograph: bool = False) -> Image.Image:
    """The manifolds side by side, as a still picture for print."""
    made = [
        manifold(still, shape, photograph).resize((SIDE // 2, SIDE // 2), Image.Resampling.LANCZOS) for still in stills
    ]
    wide = len(made) * (SIDE // 2 + EDGE) - EDGE
    sheet = Image.new("L", (wide, SIDE // 2 + FOOT), PAPER)
    pen = ImageDraw.Draw(sheet)
    for k, (still, one) in enumerate(zip(stills, made, strict=True)):
        left = k * (SIDE // 2 + EDGE)
        sheet.paste(one, (left, 0))
        pen.text((left, SIDE // 2 + 8), caption(still), GREY, ImageFont.load_default(16))
    return sheet


def picture(
    still: Still, shape: tuple[int, int], labels: np.ndarray | None, photograph: bool, classes: tuple[str, ...] = ()
) -> Image.Image:
    sheet = Image.new("RGB", (2 * SIDE + 3 * EDGE, SIDE + 2 * EDGE + FOOT), (PAPER,) * 3)
    sheet.paste(manifold(still, shape, photograph).convert("RGB"), (EDGE, EDGE))
    plane(ImageDraw.Draw(sheet), still.codes, labels, SIDE + 2 * EDGE, EDGE)
    ImageDraw.Draw(sheet).text((EDGE, SIDE + 2 * EDGE), caption(still), (INK,) * 3, ImageFont.load_default(22))
    legend(ImageDraw.Draw(sheet), classes, SIDE + 2 * EDGE, SIDE + EDGE + 8)
    return sheet


def legend(pen: ImageDraw.ImageDraw, classes: tuple[str, ...], left: int, top: int) -> None:
    """The names of the classes in their colours, in two lines under the plane; a count where they need more."""
    font, right = ImageFont.load_default(15), left + SIDE
    many = f"{len(classes)} classes, colours repeat" if len(classes) > len(CLASSES) else f"{len(classes)} classes"
    x, line = left, 0
    for k, name in enumerate(classes):
        said = short(name, 12)
        wide = pen.textlength(said, font) + 12
        last = 0 if line == 0 else pen.textlength(f"… {many}", font) if k + 1 < len(classes) else 0
        if x + wide - 12 + last > right:
            if line:
                return pen.text((x, top + 20), f"… {many}", (GREY,) * 3, font)
            x, line = left, 1
        pen.text((x, top + 20 * line), said, CLASSES[k % len(CLASSES)], font)
        x += wide
    if len(classes) > len(CLASSES) and x + pen.textlength("colours repeat", font) <= right:
        pen.text((x, top + 20 * line), "colours repeat", (GREY,) * 3, font)
    return None


def manifold(still: Still, shape: tuple[int, int], photograph: bool) -> Image.Image:
    rows, columns = shape
    n = round(len(still.tiles) ** 0.5)
    sheet = still.tiles.reshape(n, n, rows, columns).swapaxes(1, 2).reshape(n * rows, n * columns)
    return Image.fromarray(sheet if photograph else 255 - sheet).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def plane(pen: ImageDraw.ImageDraw, codes: np.ndarray, labels: np.ndarray | None, left: int, top: int) -> None:
    pen.rectangle((left, top, left + SIDE, top + SIDE), fill="#f4f5f3")
    middle = np.array([left, top]) + SIDE / 2
    for r in (1, 2):
        reach = r * SIDE / (2 * REACH)
        pen.ellipse((*(middle - reach), *(middle + reach)), outline="#a9b0b6")
    inside = (np.abs(codes) < REACH).all(1)
    for k in np.flatnonzero(inside):
        x, y = middle + codes[k] * (SIDE / (2 * REACH), -SIDE / (2 * REACH))
        pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill="#1f63d6" if labels is None else CLASSES[labels[k] % 10])


def caption(still: Still) -> str:
    bound = "" if still.bound is None else f"   {still.bound:.1f} nats"
    return f"step {still.step:,}{bound}"


def bound_at(rows: list[dict[str, Any]], step: int) -> float | None:
    """The held-out bound of the last report at or before a step that has one."""
    known = [row["validation"] for row in rows if row["step"] <= step and "validation" in row]
    return known[-1] if known else None
