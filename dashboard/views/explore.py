"""Explore: drag a point in the latent plane, the decoder draws what lies there; choose an image, see where it lies."""

import streamlit as st

from dashboard import between, controls, cover, exports, images, later, learned, plane, sliders, state
from dashboard.components import shelf
from dashboard.section import section


@section("This page")
def page() -> None:
    model = controls.pick()
    check(model)
    with section("The heading"):
        controls.heading(*claim(model), model)
    with st.container(key="decoder-shelf"):
        if model.blob:
            shelf(data=model.blob, key="decoder")
    explore(model)


def check(model: state.Model) -> None:
    """Reads all of the address once before the heading, which says what is wrong with it."""
    controls.check(model)
    images.wanted(model)
    images.redraw()
    plane.look(plane.backdrops(model), len(model.classes))
    between.pins(model)
    between.via()
    sliders.in_u()


def claim(model: state.Model) -> tuple[str, str]:
    if model.entry.settings.model.stochastic and len(model.mean) and (model.kl < 0.01).all():
        return "Every point is the same image", "The codes say nothing: the decoder has learned to do without z."
    if not model.blob:
        return "Every point is an image", "Drag the point and let go; the server draws what lies there."
    return "Every point is an image", "Drag the point; the decoder draws what lies there."


@st.fragment
@section("This page")
def explore(model: state.Model) -> None:
    image = images.chosen(model)
    z, axes = controls.point(model, images.start(model, image)), controls.axes(model)
    pins = between.pins(model)
    path = between.path(model, pins) or []
    plane.panel(model, image, z, axes, pins, path)
    sliders.panel(model, z, axes)
    with st.container(key="between"):
        if path:
            between.panel(model, path)
    with section("“Cover half of it”"):
        cover.section(model, image)
    with section("“What did this dimension learn?”"):
        learned.section(model, z)
    exports.panel(model, own=image is not None and image.kind in images.OWN)
    later.redraw_when_done()


page()
