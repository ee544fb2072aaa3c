"""Manifold: the decoder's images on a grid of z, in steps of equal probability or of equal length."""

import html
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from dashboard.manifold.grid import grid as grid_section
from dashboard.manifold.grid.grid import NORMAL, REACH, steps
from dashboard.manifold.prior_samples import SEEDS, draw_samples
from dashboard.shared import (
    background,
    formatting,
    latent_point,
    model_labels,
    model_picker,
    model_view,
    test_images,
    url_state,
)
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.components import component
from dashboard.shared.section import section
from vae_core.analysis.aggregate_posterior import HOLE, share_outside

manifold = component("manifold/grid/grid.js")

SPACINGS = ("inverse CDF", "linear")
LAYERS = ("tiles", "classes", "codes")
OTHERS = ("0", "code")  # where the dimensions are that the grid does not show


@section("This page")
def page() -> None:
    model = model_picker.pick()
    n, spacing = url_state.whole("n", 5, 40, 20), url_state.one_of("spacing", SPACINGS)
    latent_point.check(model)
    url_state.whole("samples", 0, SEEDS, 0)  # before the heading, which says what is wrong with it
    axes, over, base = latent_point.axes(model), layer(model), through(model)
    with section("The heading"):
        model_picker.heading(*claim(model, n, spacing, axes), model)
    if model.blob:
        publish_blob(data=model.blob, key="decoder")
    with section("The grid of images"):
        tiled(model, n, spacing, axes, over, base)
    draw_samples(model)
    background.redraw_when_done()


def tiled(model: model_view.Model, n: int, spacing: str, axes: tuple[int, ...], over: str, base: list[float]) -> None:
    codes = latent_point.publish_codes(model, axes)
    grid = {"n": n, "spacing": spacing, "axes": axes, "base": tuple(base)}
    asked = manifold(
        key="manifold",
        data={
            "model": model.decoder,
            "nonce": f"{model.entry.key} {url_state.follows('manifold', seen(model, n, spacing, over))}",
            "codes": codes,
            "classes": model.classes,
            "view": model_view.view(model, axes),
            "pictures": None if model.blob else pictures(model, grid),
            "regions": regions(model, grid) if over == "classes" else None,
            "z": at(model),
            "start": model.start,
            "n": n,
            "spacing": spacing,
            "spacings": SPACINGS,
            "over": over,
            "layers": layers(model),
            "others": others(model, axes),
            "base": base,
            "dims": model.dims,
            "axes": axes,
            "order": model.order,
            "shape": model.entry.shape,
            "photograph": model.photograph,
            "caption": caption(model, n, spacing, axes, over),
            "printed": printed(model),
        },
        on_z_change=pinned,
        on_n_change=changed("n"),
        on_spacing_change=changed("spacing"),
        on_over_change=changed("over"),
        on_others_change=lambda: url_state.keep("others", st.session_state.manifold.others),
        on_i_change=lambda: url_state.keep("i", str(st.session_state.manifold.i)),
        on_axes_change=turned,
        on_open_change=lambda: None,
    )
    if asked.open:
        url_state.go("explore/explore.py")


def at(model: model_view.Model) -> list[float] | None:
    """The point that Explore or a click has left; None: nobody has moved it."""
    return latent_point.point(model) if url_state.asked("z") else None


def seen(model: model_view.Model, n: int, spacing: str, over: str) -> dict:
    """What the browser changes by itself."""
    return {"n": n, "spacing": spacing, "over": over, "z": at(model)}


# -- the grid --------------------------------------------------------------------------------------------------------


def layer(model: model_view.Model) -> str:
    """What lies over the tiles; nothing where this model cannot have what another one had."""
    over = url_state.one_of("over", LAYERS)
    return over if over in layers(model) else LAYERS[0]


def layers(model: model_view.Model) -> tuple[str, ...]:
    """What can lie over the tiles."""
    known, labelled = bool(len(model.mean)), model.labels is not None
    offered = dict(zip(LAYERS, (True, known and labelled, known), strict=True))
    return tuple(name for name, there in offered.items() if there)


def through(model: model_view.Model) -> list[float]:
    """The point through which the plane goes: 0, or for D > 2 the code of a test image."""
    if model.dims > 2 and len(model.mean) and url_state.one_of("others", OTHERS) == "code":
        return [round(float(value), 3) for value in model.mean[image(model)]]
    return [0.0] * model.dims


def image(model: model_view.Model) -> int:
    """The test image in the address; what else Explore may have left there has no code here."""
    if (url_state.asked("i") or "").startswith(("prior", "none")):
        return 0
    return url_state.whole("i", 0, max(0, len(model.mean) - 1), 0)


def others(model: model_view.Model, axes: tuple[int, ...]) -> dict:
    """The choice of where the other dimensions are, in words."""
    choices = OTHERS if model.dims > 2 and len(model.mean) else OTHERS[:1]
    at = url_state.one_of("others", choices) if len(choices) > 1 else choices[0]
    which = f"the other {model.dims - len(axes)} at"
    return {"choices": choices, "at": at, "which": which, "count": len(model.mean)}


def named(model: model_view.Model) -> str:
    """A test image in words."""
    i = image(model)
    known = model.labels is not None and i < len(model.labels)
    return f"test image {i:,}" + (f", class {formatting.short(model.classes[model.labels[i]])}" if known else "")


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
        return f"The middle {middle} holds {inner} of the prior", "Equal steps of z: the rim is hardly ever drawn."
    of = f" of {formatting.z(axes[0])} and {formatting.z(axes[1])}" if model.dims > 2 else ""
    return (
        f"Each tile stands for 1/{n * n} of the prior{of}",
        "Equal steps of probability: what is common takes the most room.",
    )


def caption(model: model_view.Model, n: int, spacing: str, axes: tuple[int, ...], over: str) -> str:
    """What the grid leaves out, of the prior and of the codes of the test images; and what its tiles add up to."""
    last = edge(model, n, spacing)
    if spacing == "linear":
        said = f"<p>The grid ends at ±{formatting.number(last, 0)}. Outside it, hatched, lie "
    else:
        said = f"<p>Each tile shows the image at the middle of its share, the outermost at ±{formatting.number(last)}; "
        said += "their shares have no end. Farther out, hatched, lie "
    said += f"<b>{formatting.percent(1 - prior_inside(last, len(axes)))}</b> of the prior"
    if len(model.mean):
        said += (
            f" and <b>{formatting.percent(share_outside(model, last, axes))}</b> of the {len(model.mean):,} test codes"
        )
    said += ".</p>"
    if model.dims > 2:
        place = "are 0" if not any(through(model)) else f"are those of {html.escape(named(model))}"
        said += f"<p>{formatting.z(axes[0])} runs across, {formatting.z(axes[1])} upwards; "
        said += f"the other {model.dims - 2} {place}.</p>"
    if over != "tiles":
        said += f"<p>{legend(model, over, spacing)}</p>"
    elif model.dims <= 2 and spacing != "linear" and len(model.mean) and model.entry.settings.model.stochastic:
        said += f"<p>{sum_of_tiles(model, n)}</p>"
    if not model.blob:
        said += "<p>This decoder runs on the server: tiles arrive when you let go.</p>"
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
                " Hatched tiles lie where these codes hardly ever come: "
                f"<i>q</i>(<i>z</i>) &lt; <i>p</i>(<i>z</i>)/{1 / HOLE:.0f}."
            )
        return said + shared(model)
    crowd = "; those far out crowd the outer tiles" if spacing != "linear" else ""
    return f"Dots are the codes of test images{crowd}.{shared(model)}"


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
    much = "a coarse estimate" if tile > sigma else "an estimate"
    return (
        "Tiles of equal mass make <i>p</i>(<i>x</i>) ≈ the mean of <i>p</i>(<i>x</i>|<i>z</i>) over all tiles: "
        f"{much}, for the narrowest tile is {formatting.number(tile)} wide and the typical <i>q</i>(<i>z</i>|<i>x</i>) "
        f"has σ = {formatting.number(sigma)}."
    )


def prior_inside(edge: float, dims: int) -> float:
    """The share of the prior with every |z_d| below the edge."""
    return (2 * NORMAL.cdf(edge) - 1) ** dims


def pictures(model: model_view.Model, grid: dict) -> str:
    key, blob = grid_section.tiles(model, **grid)
    publish_blob(data=blob, key="pictures")
    return key


@section("The classes of the tiles")
def regions(model: model_view.Model, grid: dict) -> dict:
    found = grid_section.regions(model, **grid)
    return found | {"n": grid["n"], "spacing": grid["spacing"], "asked": nearest(model)}


def printed(model: model_view.Model) -> dict:
    """What a saved picture says about itself."""
    place = "0" if not any(through(model)) else f"the code of {named(model)}"
    rest = [f"The other {model.dims - 2} dimensions are at {place}."] if model.dims > 2 else []
    equal = {"inverse CDF": "Steps of equal prior probability", "linear": "Equal steps of z"}
    return {
        "title": model_labels.title(model.entry),
        "grid": {name: f"{what}, {{n}} tiles; {model_labels.result(model.entry)}." for name, what in equal.items()},
        "lines": rest,
    }


def set_there(name: str) -> Any:
    """A value that was set in the browser, which shows it already."""
    value = st.session_state.manifold[name]
    url_state.shows("manifold", st.session_state.get("manifold shows", {}) | {name: value})
    return value


def pinned() -> None:
    latent_point.keep_point(set_there("z"))


def changed(name: str) -> Callable[[], None]:
    return lambda: url_state.keep(name, str(set_there(name)))


def turned() -> None:
    latent_point.keep_axes(st.session_state.manifold.axes)


page()
