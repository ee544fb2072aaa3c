"""Curves of several runs as one drawing, with an axis and a line of its own for each: SVG as text."""

import math
from collections.abc import Sequence

from dashboard.shared.formatting import number

WIDE, TALL = 880, 280
LEFT, RIGHT, TOP, FOOT = 64, 12, 12, 34
FROM = 0.05  # of the steps: what lies before is far from everything else
COLOURS = ("#5332b8", "#b83a00", "#1f63d6", "#47700a", "#a82477", "#0a5c4a", "#936500", "#1a1d21")
DASHES = ("", "8 4", "2 3", "10 3 2 3")


def stroke(k: int) -> str:
    """The look of the k-th run's line: a colour, and from the ninth run on dashes too."""
    dash = DASHES[k // len(COLOURS) % len(DASHES)]
    return f'stroke="{COLOURS[k % len(COLOURS)]}" stroke-width="2" fill="none"' + (
        f' stroke-dasharray="{dash}"' if dash else ""
    )


def key(k: int) -> str:
    """A short piece of that line, for a table."""
    return f'<svg class="key" viewBox="0 0 26 8"><path d="M0 4H26" {stroke(k)}/></svg>'


def drawing(runs: Sequence[Sequence[tuple[int, float]]], title: str) -> str:
    """`runs`: of each its points (step, value in nats). Empty text where there is nothing to draw."""
    last = max((points[-1][0] for points in runs if points), default=0)
    seen = [value for points in runs for step, value in points if step >= FROM * last]
    if not last or not seen:
        return ""
    low, high = min(seen), max(seen)
    room = max(0.06 * (high - low), 0.2)
    low, high = low - room, high + room

    def place(step: int, value: float) -> str:
        x = LEFT + (WIDE - LEFT - RIGHT) * step / last
        y = TOP + (TALL - TOP - FOOT) * (high - value) / (high - low)
        return f"{x:.1f} {y:.1f}"

    parts = []
    for value in round_ticks(low, high):
        _, y = place(0, value).split()
        parts.append(f'<path d="M{LEFT} {y}H{WIDE - RIGHT}" stroke="#eceeeb"/>')
        digits = 0 if high - low > 8 else 1
        parts.append(f'<text x="{LEFT - 8}" y="{y}" dy=".34em" text-anchor="end">{number(value, digits)}</text>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, _ = place(round(share * last), low).split()
        anchor = "end" if share == 1 else "middle"  # the last one has no room beyond the axis
        parts.append(f'<text x="{x}" y="{TALL - 10}" text-anchor="{anchor}">{round(share * last):,}</text>')
    lines = []
    for k, points in enumerate(runs):
        if len(points) > 1:
            line = "L".join(place(step, value) for step, value in points)
            lines.append(f'<path d="M{line}" {stroke(k)}/>')
    # An svg within the svg cuts off what leaves it, and says so by a line that ends at its edge.
    tall = TALL - TOP - FOOT
    window = f'y="{TOP}" width="{WIDE}" height="{tall}" viewBox="0 {TOP} {WIDE} {tall}"'
    parts.append(f"<svg {window}>{''.join(lines)}</svg>")
    if any(not low <= value <= high for points in runs for _, value in points):
        x = LEFT + (WIDE - LEFT - RIGHT) / 8  # between the first two numbers
        parts.append(f'<text x="{x}" y="{TALL - 10}" text-anchor="middle">first steps cut off</text>')
    return f'<svg viewBox="0 0 {WIDE} {TALL}" role="img" aria-label="{title}">{"".join(parts)}</svg>'


BAR, GAP, MOST = 22, 56, 20  # pixels: a bar's height, from one to the next; bars of a run
LEAST = 0.5  # nats that the scale has at least: of collapsed runs the bars stay as short as they are


def bars(runs: Sequence[tuple[int, Sequence[float]]]) -> list[str]:
    """`runs`: of each its look and its values in nats; a drawing each, their bars on one scale."""
    top = max((value for _, values in runs for value in values), default=0.0)
    if not runs:
        return []
    scale = (GAP - 6) / max(top, LEAST)
    made = []
    for k, values in runs:
        shown = list(values)[:MOST]
        parts = [bar(GAP * d + 12, value, scale, COLOURS[k % len(COLOURS)]) for d, value in enumerate(shown)]
        rest = len(values) - len(shown)
        parts += [f'<text x="{GAP * MOST + 12}" y="{GAP + 18}">and {rest} more</text>'] if rest else []
        wide = GAP * (len(shown) + 2 * bool(rest))
        made.append(
            f'<svg class="bars" width="{wide}" height="{GAP + 26}" viewBox="0 0 {wide} {GAP + 26}" role="img" '
            f'aria-label="KL per dimension">{"".join(parts)}<path d="M0 {GAP}H{wide}" stroke="#d9dcd8"/></svg>'
        )
    return made


def bar(x: int, value: float, scale: float, colour: str) -> str:
    """A value in nats as a bar on the axis, and the number under it."""
    tall = max(value, 0) * scale
    return (
        f'<rect x="{x}" y="{GAP - tall:.1f}" width="{BAR}" height="{tall:.1f}" fill="{colour}"/>'
        f'<text x="{x + BAR / 2}" y="{GAP + 18}" text-anchor="middle">{number(value, 2)}</text>'
    )


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers between the two."""
    raw = (high - low) / about
    ten = 10.0 ** math.floor(math.log10(raw))
    step = next(k * ten for k in (1, 2, 5, 10) if k * ten >= raw * 0.999)
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
