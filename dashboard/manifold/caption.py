"""What Manifold says of its grid: the claim, and which share of the prior and of the codes the tiles leave out."""

import html

import numpy as np

from dashboard.manifold.grid import grid as grid_section
from dashboard.manifold.grid.grid import NORMAL, REACH, steps
from dashboard.shared import formatting, model_view, test_images
from vae_core.analysis.aggregate_posterior import HOLE, share_outside


def claim(model: model_view.Model, n: int, spacing: str, axes: tuple[int, ...]) -> tuple[str, str]:
    if not model.entry.settings.model.stochastic and len(model.mean):
        outside = share_outside(model, edge(model, n, spacing), axes)
        return (
            f"{formatting.percent(outside)} of the codes lie elsewhere",
            "An autoencoder knows no prior: its codes go anywhere.",
        )
    if spacing == "linear":
        middle = "third of this line" if model.dims == 1 else "ninth of this square"
        inner = formatting.percent(prior_inside(REACH / 3, min(model.dims, 2)))
        return f"The middle {middle} holds {inner} of the prior", "Equal steps of z: the rim is almost never sampled."
    of = f" of {formatting.z(axes[0])} and {formatting.z(axes[1])}" if model.dims > 2 else ""
    return (
        f"The prior{of} is cut into {n * n} equal shares, one tile each",
        "Equal steps of probability: the more likely a region, the more room it gets.",
    )


def caption(model: model_view.Model, n: int, spacing: str, axes: tuple[int, ...], over: str, through: str = "") -> str:
    """What the grid leaves out, of the prior and of the codes of the test images; and what its tiles add up to.

    `through` names the image through whose code the plane goes; "" where it goes through 0.
    """
    last = edge(model, n, spacing)
    if spacing == "linear":
        said = f"<p>The grid ends at ±{formatting.number(last, 0)}. Beyond it (hatched) lies "
    else:
        said = "<p>A tile shows the image at the median of its slice. The outermost slices never end, so their tiles "
        said += f"sit at ±{formatting.number(last)}. Beyond them (hatched) lies "
    said += f"<b>{formatting.percent(1 - prior_inside(last, len(axes)))}</b> of the prior"
    if len(model.mean):
        said += (
            f" and <b>{formatting.percent(share_outside(model, last, axes))}</b> of the {len(model.mean):,} test codes"
        )
    said += ".</p>"
    if model.dims > 2:
        place = f"are those of {html.escape(through)}" if through else "are 0"
        said += f"<p>{formatting.z(axes[0])} runs across, {formatting.z(axes[1])} upwards; "
        said += f"the other {model.dims - 2} {place}.</p>"
    if over != "tiles":
        said += f"<p>{legend(model, over, spacing)}</p>"
    elif model.dims <= 2 and spacing != "linear" and len(model.mean) and model.entry.settings.model.stochastic:
        said += f"<p>{sum_of_tiles(model, n)}</p>"
    if model.slow:
        said += "<p>This decoder is a large one: the server draws the tiles, when you let go.</p>"
    return said


def edge(model: model_view.Model, n: int, spacing: str) -> float:
    """Where equal steps end; equal shares have no end, but a last image."""
    return REACH if spacing == "linear" else steps(n if model.dims > 1 else n * n, spacing)[-1]


def legend(model: model_view.Model, over: str, spacing: str) -> str:
    """What lies over the tiles, in a sentence."""
    if over == "classes":
        space = f" in all {model.dims} dimensions" if model.dims > 2 else ""
        said = f"The class of a tile is the commonest of the {nearest(model)} codes nearest to it{space}."
        if len(model.mean) == 1:
            said = "There is one code, so every tile has its class."
        if model.dims <= 2 and model.entry.settings.model.stochastic:
            said += (
                " Hatched tiles lie where these codes almost never fall: "
                f"<i>q</i>(<i>z</i>) &lt; <i>p</i>(<i>z</i>)/{1 / HOLE:.0f}."
            )
        return said + shared(model)
    crowd = " Those that lie far out are squeezed into the outer tiles." if spacing != "linear" else ""
    return f"Each dot is the code of a test image.{crowd}{shared(model)}"


def shared(model: model_view.Model) -> str:
    """That a colour stands for several classes, where there are more than it has."""
    more = len(model.classes) > test_images.PER_CLASS
    return f" {len(model.classes)} classes share {test_images.PER_CLASS} colours, which repeat." if more else ""


def nearest(model: model_view.Model) -> int:
    """How many codes tell a tile's class."""
    return min(grid_section.NEAREST, len(model.mean))


def sum_of_tiles(model: model_view.Model, n: int) -> str:
    """Tiles of equal mass are a rule of quadrature, and a coarse one: assets/math.md#latent-grids."""
    tile = 1 / ((n if model.dims > 1 else n * n) * NORMAL.pdf(0))  # the narrowest, in units of z
    sigma = float(np.exp(np.median(model.logvar) / 2))
    said = "Average <i>p</i>(<i>x</i>|<i>z</i>) over all tiles and you get an estimate of <i>p</i>(<i>x</i>)"
    narrow, typical = formatting.number(tile), f"a typical <i>q</i>(<i>z</i>|<i>x</i>) (σ = {formatting.number(sigma)})"
    if tile > sigma:
        return f"{said}: a coarse one, because even the narrowest tile ({narrow}) is wider than {typical}."
    return f"{said}: the narrowest tile ({narrow}) is narrower than {typical}."


def prior_inside(edge: float, dims: int) -> float:
    """The share of the prior with every |z_d| below the edge."""
    return (2 * NORMAL.cdf(edge) - 1) ** dims
