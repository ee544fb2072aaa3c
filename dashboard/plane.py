"""The plane of Explore: what the pad is given, and what it gives back."""

import base64
from functools import partial

import streamlit as st

from dashboard import between, controls, images, later, prose, state
from dashboard.components import pad

LOOKS = ("mean", "sample")


def panel(
    model: state.Model, image: images.Image | None, z: list[float], axes: tuple[int, ...],
    pins: dict[str, list[float]], path: list[list[float]],
) -> None:  # fmt: skip
    offered = backdrops(model)
    seen = look(offered)
    pad(
        key="pad",
        data={
            "name": model.entry.key,
            "model": model.decoder,
            "codes": controls.shelve_codes(model, axes),
            "z": z,
            "nonce": f"{model.entry.key} {nonce(z)}",
            "start": images.start(model, image),
            "dims": model.dims,
            "axes": axes,
            "order": model.order,
            "spans": model.spans,
            "view": state.view(model, axes),
            "shape": model.entry.shape,
            "variance": model.variance,
            "photograph": model.photograph,
            "backdrops": offered,
            "look": seen,
            "picture": None if model.blob else picture(model, z),
            "logFit": None if model.blob or image is None else images.log_likelihood(model, image, z),
            "chooser": images.offer(model, image),
            "q": image and spread(image),
            "near": images.neighbours(model, z),
            "pins": pins,
            "path": path,
            "holes": holes(model, axes) if seen["back"] == "holes" else "",
        },
        on_z_change=moved,
        on_axes_change=turned,
        on_look_change=looked,
        on_pins_change=pinned,
        on_pick_change=partial(picked, model),
    )


def spread(image: images.Image) -> dict:
    """q(z|x) of the chosen image; an autoencoder's has no sigma."""
    return {"mean": image.mean.tolist(), "sigma": None if image.sigma is None else image.sigma.tolist()}


def look(offered: list[str]) -> dict:
    """How the plane is looked at, as the address has it."""
    back, pixels = controls.one_of("back", tuple(offered)), controls.one_of("pixels", LOOKS)
    draw = controls.whole("draw", 0, 10**6, 1)
    return {"back": back, "pixels": pixels, "draw": draw, "hide": controls.some_of("hide", 10), "zoom": controls.zoom()}


def backdrops(model: state.Model) -> list[str]:
    """What can be shown behind the point; a line has its density with its codes, points have none."""
    known, drawn = bool(len(model.mean)), bool(model.blob)
    wide, spread = model.dims > 1, model.entry.settings.model.stochastic
    q = known and wide and spread
    offered = {"codes": known, "density": q, "tiles": drawn, "holes": q, "prior": wide or not known}
    return [name for name, there in offered.items() if there]


def holes(model: state.Model, axes: tuple[int, ...]) -> str:
    """What is hatched, and how much of the prior that is; counted while the page is already there."""
    said = "Hatched: <i>q</i>(<i>z</i>) &lt; 0.05 <i>p</i>(<i>z</i>)"
    said += ", of these two axes alone" if model.dims > 2 else ""
    found = later.result(("holes", model.entry.key, model.entry.created, axes), partial(state.holes, model, axes))
    if found is None:
        return f"<p>{said}.</p>"
    share = f"<b>{prose.percent(found.share)}</b> ± {prose.percent(found.error)} of the prior"
    return f"<p>{said}. {share} ({found.points:,} draws, {found.images:,} codes).</p>"


def picture(model: state.Model, z: list[float]) -> str:
    return base64.b64encode(state.decoded(model, z).tobytes()).decode()


def nonce(z: list[float]) -> int:
    """A new number whenever z was moved by anyone but the pad, which then follows."""
    if st.session_state.get("pad shows") != z:
        st.session_state["pad shows"] = z
        st.session_state.nonce = st.session_state.get("nonce", 0) + 1
    return st.session_state.nonce


def moved() -> None:
    """The pad has a new z, and shows it already."""
    st.session_state["pad shows"] = z = list(st.session_state.pad.z)
    controls.keep_point(z)


def turned() -> None:
    controls.keep_axes(st.session_state.pad.axes)


def looked() -> None:
    seen = st.session_state.pad.look
    controls.keep("back", seen["back"])
    controls.keep("pixels", seen["pixels"])
    controls.keep("draw", str(seen["draw"]))
    for key, numbers in (("hide", seen["hide"]), ("zoom", seen["zoom"])):
        controls.keep(key, ",".join(f"{n:g}" for n in numbers)) if numbers else controls.forget(key)


def pinned() -> None:
    pins = st.session_state.pad.pins
    for name in between.PINS:
        controls.keep_point(pins[name], name.lower()) if name in pins else controls.forget(name.lower())


def picked(model: state.Model) -> None:
    """Another image: z goes to the middle of its q(z|x)."""
    if image := images.pick(model, st.session_state.pad.pick):
        controls.keep_point(controls.within(model, image.mean.tolist()))
