"""Manifold: the decoder's images on a grid of z, in steps of equal probability or of equal length."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.manifold.caption import caption, claim, nearest
from dashboard.manifold.grid import grid as grid_section
from dashboard.manifold.prior_samples import SEEDS, draw_samples
from dashboard.shared import (
    background,
    class_row,
    formatting,
    given_class,
    latent_point,
    model_labels,
    model_picker,
    model_view,
    url_state,
)
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.components import component
from dashboard.shared.saved_pages import button
from dashboard.shared.section import section

manifold = component("manifold/grid/grid.js")

SPACINGS = ("inverse CDF", "linear")
LAYERS = ("tiles", "classes", "codes")
OTHERS = ("0", "code")  # where the dimensions are that the grid does not show


@section("This page")
def page() -> None:
    model = given_class.chosen(model_picker.pick())
    n, spacing = url_state.whole("n", 5, 40, 20), url_state.one_of("spacing", SPACINGS)
    latent_point.check(model)
    url_state.whole("samples", 0, SEEDS, 0)  # before the heading, which says what is wrong with it
    axes, over, base = latent_point.axes(model), layer(model), through(model)
    with section("The heading"):
        model_picker.heading(*claim(model, n, spacing, axes), model)
    publish_blob(data=model.blob, key="decoder")
    with st.container(key="each-class"):
        if model.knows:
            class_row.draw(model, at(model) or model.start)
    with section("The grid of images"):
        tiled(model, n, spacing, axes, over, base)
    draw_samples(model)
    with st.container(horizontal=True, key="take-along"):
        button.offer("manifold", f"{model_labels.saved_as(model.entry)}-manifold", model.entry.key)
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
            "pictures": pictures(model, grid) if model.slow else None,
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
            "caption": caption(model, n, spacing, axes, over, named(model) if any(base) else ""),
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
    if (url_state.asked("i") or "").startswith(("prior", "none", "drawn", "opened")):
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
