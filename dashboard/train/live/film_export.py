"""A training as an animated picture: per snapshot the manifold, the codes beside it, and the bound on its way up.

GIF, because slides and mails play it. The same frames, side by side, are the strip in the README.
"""

import io
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit
from PIL import Image, ImageColor, ImageDraw, ImageFont

from dashboard.shared.formatting import number, short
from vae_core.data.class_names import complete

SIDE, EDGE, FOOT, REACH = 392, 16, 48, 3.5
CURVE = 130  # height of the curve under the pictures
FROM = 0.05  # of the steps: what lies before is far below everything else
SANS = Path(streamlit.__file__).parent / "static" / "static" / "media"
LETTERS = 32  # greys beside the colours of images in colour
LOOKED_AT = 200_000  # pixels, for these colours
SLOWEST, FASTEST = 1400, 160  # milliseconds that the last picture, and each other one, stays
PAPER, INK, GREY = 255, 26, 86
ELBO, HAIR, CODE, GROUND, CIRCLE = "#5332b8", "#d9dcd8", "#1f63d6", "#f6f4f0", "#a9b0b6"
CLASSES = ("#85355c", "#616f89", "#4e9ce8", "#5a5b1d", "#434592", "#9268b3", "#1f8958", "#956b00", "#c78d1f", "#729f8b")


class Still(NamedTuple):
    """One step of a training."""

    step: int
    bound: float | None  # nats per image, of held-out images
    tiles: np.ndarray  # (n * n, X) uint8, ink
    codes: np.ndarray  # (N, 2) float32


@cache
def font(size: int, weight: int = 400) -> ImageFont.FreeTypeFont:
    """The page's own letters; where Streamlit has them no longer, those of Pillow."""
    found = next(iter(SANS.glob("SourceSansVF-Upright*.woff2")), None)
    if found is None:
        return ImageFont.load_default(size)
    made = ImageFont.truetype(str(found), size)
    made.set_variation_by_axes([weight])
    return made


def palette(stills: list[Still], shape: tuple[int, ...]) -> Image.Image:
    """Greys for images and letters, and every colour that is drawn: a few dots of a class keep theirs. Of images in
    colour most of it are their own colours, the same for all stills."""
    drawn = [ImageColor.getrgb(name) for name in (*CLASSES, ELBO, HAIR, CODE, GROUND, CIRCLE)]
    if len(shape) > 2:
        pixels = np.concatenate([still.tiles.reshape(-1, 3) for still in stills])
        few = pixels[:: max(1, len(pixels) // LOOKED_AT)]
        count = 256 - len(drawn) - LETTERS
        found = Image.fromarray(few[None]).quantize(count, Image.Quantize.MEDIANCUT).getpalette()
        drawn += [tuple(found[3 * k : 3 * k + 3]) for k in range(len(found) // 3)][:count]
    shades = 255 - len(drawn)
    greys = [(round(255 * k / shades),) * 3 for k in range(shades + 1)]
    sheet = Image.new("P", (1, 1))
    sheet.putpalette([level for colour in [*greys, *drawn] for level in colour])
    return sheet


def animated(
    stills: list[Still], shape: tuple[int, ...], labels: np.ndarray | None, photograph: bool = False,
    classes: tuple[str, ...] = (), name: str = "", rows: list[dict[str, Any]] | None = None,
) -> bytes:  # fmt: skip
    """All stills as a GIF that loops; `rows` are the training's reports, of which the bound is drawn."""
    classes = complete(classes, labels)
    pictures = [picture(still, shape, labels, photograph, classes, name, rows or []) for still in stills]
    colours = palette(stills, shape)
    pictures = [sheet.quantize(palette=colours, dither=Image.Dither.NONE) for sheet in pictures]
    waits = [FASTEST] * (len(pictures) - 1) + [SLOWEST]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], duration=waits, loop=0)
    return file.getvalue()


def strip(stills: list[Still], shape: tuple[int, ...], photograph: bool = False) -> Image.Image:
    """The manifolds side by side, as a still picture for print."""
    made = [
        manifold(still, shape, photograph).resize((SIDE // 2, SIDE // 2), Image.Resampling.LANCZOS) for still in stills
    ]
    wide = len(made) * (SIDE // 2 + EDGE) - EDGE
    mode = made[0].mode
    paper, grey = ((level,) * len(mode) for level in (PAPER, GREY))  # "L" or "RGB"
    sheet = Image.new(mode, (wide, SIDE // 2 + FOOT), paper)
    pen = ImageDraw.Draw(sheet)
    for k, (still, one) in enumerate(zip(stills, made, strict=True)):
        left = k * (SIDE // 2 + EDGE)
        sheet.paste(one, (left, 0))
        pen.text((left, SIDE // 2 + 8), caption(still), grey, font(16))
    return sheet


def picture(
    still: Still, shape: tuple[int, ...], labels: np.ndarray | None, photograph: bool, classes: tuple[str, ...] = (),
    name: str = "", rows: list[dict[str, Any]] | None = None,
) -> Image.Image:  # fmt: skip
    under = SIDE + 2 * EDGE + FOOT
    sheet = Image.new("RGB", (2 * SIDE + 3 * EDGE, under + (CURVE if rows else 0)), (PAPER,) * 3)
    sheet.paste(manifold(still, shape, photograph).convert("RGB"), (EDGE, EDGE))
    pen = ImageDraw.Draw(sheet)
    plane(pen, still.codes, labels, SIDE + 2 * EDGE, EDGE)
    said = caption(still) + (" held out" if still.bound is not None else "")
    pen.text((EDGE, SIDE + EDGE + 6), said, (INK,) * 3, font(22, 600))
    pen.text((EDGE, SIDE + EDGE + 34), short(name, 56), (GREY,) * 3, font(16))
    legend(pen, classes, SIDE + 2 * EDGE, SIDE + EDGE + 8)
    if rows:
        curve(pen, rows, still.step, (EDGE, under + 8, 2 * SIDE + 2 * EDGE, under + CURVE - EDGE))
    return sheet


def curve(pen: ImageDraw.ImageDraw, rows: list[dict[str, Any]], step: int, box: tuple[int, int, int, int]) -> None:
    """The bound over the square root of the steps, as far as the training has come at `step`."""
    left, top, right, bottom = box
    last = max(rows[-1]["step"], 1)
    points = [(row["step"], row["reconstruction"] - row["kl"]) for row in rows]
    points = [(at, value) for at, value in points if np.isfinite(value)]
    seen = [value for at, value in points if at >= FROM * last]
    if not seen:
        return
    low, high = min(seen), max(seen)
    grey, small, room = (GREY,) * 3, font(15), 64

    def place(at: float, value: float) -> tuple[float, float]:
        across = left + room + (right - left - room) * (at / last) ** 0.5
        return across, bottom - (bottom - top) * (min(max(value, low), high) - low) / max(high - low, 1e-9)

    for value in (low, high):
        y = place(0, value)[1]
        pen.line((left + room, y, right, y), HAIR)
        pen.text((left + room - 8, y), number(value, 0), grey, small, anchor="rm")
    pen.text((left, (top + bottom) / 2), "ELBO", ELBO, font(15, 600), anchor="lm")
    drawn = [place(at, value) for at, value in points if at <= step]
    if len(drawn) > 1:
        pen.line(drawn, ELBO, 3, joint="curve")
    if drawn:
        x, y = drawn[-1]
        pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=ELBO)


def legend(pen: ImageDraw.ImageDraw, classes: tuple[str, ...], left: int, top: int) -> None:
    """The names of the classes in their colours, in two lines under the plane; a count where they need more."""
    letters, right = font(15), left + SIDE
    many = f"{len(classes)} classes, colours repeat" if len(classes) > len(CLASSES) else f"{len(classes)} classes"
    x, line = left, 0
    for k, name in enumerate(classes):
        said = short(name, 12)
        wide = pen.textlength(said, letters) + 12
        last = 12 + pen.textlength(f"… {many}", letters) if line and k + 1 < len(classes) else 0
        if x + wide - 12 + last > right:
            if line:
                return pen.text((x, top + 20), f"… {many}", (GREY,) * 3, letters)
            x, line = left, 1
        pen.text((x, top + 20 * line), said, CLASSES[k % len(CLASSES)], letters)
        x += wide
    if len(classes) > len(CLASSES) and x + pen.textlength("colours repeat", letters) <= right:
        pen.text((x, top + 20 * line), "colours repeat", (GREY,) * 3, letters)
    return None


def manifold(still: Still, shape: tuple[int, ...], photograph: bool) -> Image.Image:
    rows, columns, *colour = shape
    n = round(len(still.tiles) ** 0.5)
    sheet = still.tiles.reshape(n, n, *shape).swapaxes(1, 2).reshape(n * rows, n * columns, *colour)
    return Image.fromarray(sheet if photograph or colour else 255 - sheet).resize(
        (SIDE, SIDE), Image.Resampling.LANCZOS
    )


def plane(pen: ImageDraw.ImageDraw, codes: np.ndarray, labels: np.ndarray | None, left: int, top: int) -> None:
    pen.rectangle((left, top, left + SIDE, top + SIDE), fill=GROUND)
    middle = np.array([left, top]) + SIDE / 2
    for r in (1, 2):
        reach = r * SIDE / (2 * REACH)
        pen.ellipse((*(middle - reach), *(middle + reach)), outline=CIRCLE)
    inside = (np.abs(codes) < REACH).all(1)
    for k in np.flatnonzero(inside):
        x, y = middle + codes[k] * (SIDE / (2 * REACH), -SIDE / (2 * REACH))
        pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=CODE if labels is None else CLASSES[labels[k] % 10])


def caption(still: Still) -> str:
    bound = "" if still.bound is None else f"   {number(still.bound, 1)} nats"
    return f"step {still.step:,}{bound}"


def bound_at(rows: list[dict[str, Any]], step: int) -> float | None:
    """The held-out bound of the last report at or before a step that has one."""
    known = [row["validation"] for row in rows if row["step"] <= step and "validation" in row]
    return known[-1] if known else None
