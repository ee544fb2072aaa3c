"""The plane of Explore: the data sent to its component (the pad), and the callbacks for what the visitor does there."""

import base64
from functools import partial

import streamlit as st

from dashboard.explore import interpolation
from dashboard.explore.plane import dot_images, hidden_units, preview
from dashboard.shared import coverage, latent_point, model_labels, model_view, test_images, url_state
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.components import component
from dashboard.shared.image_picker import image_picker, source
from dashboard.shared.section import section

pad = component("explore/plane/plane.js")

BACKDROPS = ("codes", "density", "tiles", "holes", "prior")
LOOKS = ("mean", "sample")


@section("The plane")
def draw_plane(
    model: model_view.Model, image: source.Image | None, z: list[float], axes: tuple[int, ...],
    pins: dict[str, list[float]], path: list[list[float]],
) -> None:  # fmt: skip
    offered = backdrops(model)
    seen = look(offered, len(model.classes))
    pad(
        key="pad",
        data=lasting(model, axes)
        | {
            "codes": latent_point.publish_codes(model, axes),
            "z": z,
            "nonce": f"{model.entry.key} {url_state.follows('pad', z)}",
            "start": source.start(model, image),
            "look": seen | {"nonce": url_state.follows("look", seen)},
            "picture": picture(model, z),
            "chooser": image_picker.offer(model, image),
            "q": image and spread(image),
            "encoder": hidden_units.first_layer(model, image),
            "near": test_images.neighbours(model, z),
            "tests": dot_images.packets(model),
            "pins": pins,
            "path": path,
            **(holes(model, axes, seen["back"] == "holes") or {"holes": "", "hatch": ""}),
        },
        on_z_change=moved,
        on_axes_change=turned,
        on_look_change=looked,
        on_pins_change=pinned,
        on_pick_change=partial(picked, model),
    )


def lasting(model: model_view.Model, axes: tuple[int, ...]) -> dict:
    """What the pad is told of a model, whatever a visitor does with it."""
    return {
        "name": model.entry.key,
        "file": model_labels.saved_as(model.entry),
        "points": not model.entry.settings.model.stochastic,
        "model": model.decoder,
        "given": model.given,
        "classes": model.classes,
        "dims": model.dims,
        "axes": axes,
        "order": model.order,
        "spans": model.spans,
        "view": model_view.view(model, axes),
        "shape": model.entry.shape,
        "variance": model.variance,
        "photograph": model.photograph,
        "backdrops": backdrops(model),
    }


def spread(image: source.Image) -> dict:
    """q(z|x) of the chosen image; an autoencoder's has no sigma."""
    return {"mean": image.mean.tolist(), "sigma": None if image.sigma is None else image.sigma.tolist()}


def look(offered: list[str], classes: int = 10) -> dict:
    """How the plane is looked at, as the address has it."""
    back, pixels = url_state.one_of("back", BACKDROPS), url_state.one_of("pixels", LOOKS)
    back = back if back in offered else offered[0]  # not every model has what another one had
    draw = url_state.whole("draw", 0, 10**6, 1)
    hidden = url_state.some_of("hide", max(10, classes))
    return {"back": back, "pixels": pixels, "draw": draw, "hide": hidden, "zoom": latent_point.zoom()}


def backdrops(model: model_view.Model) -> list[str]:
    """What can be shown behind the point; a line has its density with its codes, points have neither q nor prior."""
    known, drawn = bool(len(model.mean)), not model.slow
    wide, spread = model.dims > 1, model.entry.settings.model.stochastic
    q, prior = known and wide and spread, spread and (wide or not known)
    offered = dict(zip(BACKDROPS, (known, q, drawn, q, prior), strict=True))
    return [name for name, there in offered.items() if there] or ["codes"]


@section("The count of holes")
def holes(model: model_view.Model, axes: tuple[int, ...], seen: bool) -> dict[str, str]:
    """What is hatched and how much of the prior that is, and where on the browser's shelf the picture of it lies.

    Both are counted while the page is already there; the browser hatches nothing until then.
    """
    with st.container(key="holes-shelf"):
        if not seen:
            return {"holes": "", "hatch": ""}
        found, drawn = coverage.holes(model, axes), coverage.drawing(model, axes)
        if drawn is None:
            return {"holes": coverage.sentence(found, model.dims), "hatch": ""}
        key, blob = drawn
        publish_blob(data=blob, key="hatch")
        return {"holes": coverage.sentence(found, model.dims), "hatch": key}


def picture(model: model_view.Model, z: list[float]) -> str:
    """What z decodes to, until the browser has the decoder."""
    return base64.b64encode(preview.mean_image(model, z).tobytes()).decode()


def moved() -> None:
    z = list(st.session_state.pad.z)
    url_state.shows("pad", z)
    latent_point.keep_point(z)


def turned() -> None:
    latent_point.keep_axes(st.session_state.pad.axes)


@url_state.one_entry()
def looked() -> None:
    seen = dict(st.session_state.pad.look)
    url_state.shows("look", seen)
    for key, usual in (("back", None), ("pixels", LOOKS[0]), ("draw", 1)):
        url_state.keep(key, str(seen[key])) if seen[key] != usual else url_state.forget(key)
    for key, numbers in (("hide", seen["hide"]), ("zoom", seen["zoom"])):
        url_state.keep(key, ",".join(f"{n:g}" for n in numbers)) if numbers else url_state.forget(key)


@url_state.one_entry()
def pinned() -> None:
    pins = st.session_state.pad.pins
    for name in interpolation.PINS:
        latent_point.keep_point(pins[name], name.lower()) if name in pins else url_state.forget(name.lower())


@url_state.one_entry()
def picked(model: model_view.Model) -> None:
    """Another image: z goes to the middle of its q(z|x), or back to where it was with that one."""
    wish = st.session_state.pad.pick
    if image := image_picker.apply(model, wish):
        latent_point.keep_point(latent_point.within(model, wish.get("z") or image.mean.tolist()))
