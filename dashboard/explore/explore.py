"""Explore: drag a point in the latent plane and the decoder draws it; choose an image and see where its code lies."""

import streamlit as st

from dashboard.explore import downloads, inpainting, interpolation, latent_factors, sliders
from dashboard.explore.plane import plane
from dashboard.shared import background, latent_point, model_picker, model_view
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.image_picker import source
from dashboard.shared.section import section


@section("This page")
def page() -> None:
    model = model_picker.pick()
    check(model)
    with section("The heading"):
        model_picker.heading(*claim(model), model)
    with st.container(key="decoder-shelf"):
        if model.blob:
            publish_blob(data=model.blob, key="decoder")
    explore(model)


def check(model: model_view.Model) -> None:
    """Reads the whole address before the heading is drawn, which reports what is wrong with it."""
    latent_point.check(model)
    source.wanted(model)
    source.redraw()
    plane.look(plane.backdrops(model), len(model.classes))
    interpolation.pins(model)
    interpolation.via()
    sliders.in_u()


def claim(model: model_view.Model) -> tuple[str, str]:
    if model.entry.settings.model.stochastic and len(model.mean) and (model.kl < 0.01).all():
        return "Every point is the same image", "The codes say nothing: the decoder has learned to do without z."
    kind = "A variational autoencoder (VAE)" if model.entry.settings.model.stochastic else "An autoencoder"
    squeezes = f"{kind} squeezes each image into {in_words(model.dims)} and learns to draw it back."
    if not model.blob:
        return "Every point is an image", f"{squeezes} Drag the point and let go: the server draws what lies there."
    return "Every point is an image", f"{squeezes} Drag the point to see what it draws."


def in_words(dims: int) -> str:
    return {1: "one number", 2: "two numbers", 3: "three numbers"}.get(dims, f"{dims} numbers")


@st.fragment
@section("This page")
def explore(model: model_view.Model) -> None:
    image = source.chosen(model)
    z, axes = latent_point.point(model, source.start(model, image)), latent_point.axes(model)
    pins = interpolation.pins(model)
    path = interpolation.path(model, pins) or []
    plane.draw_plane(model, image, z, axes, pins, path)
    sliders.draw(model, z, axes)
    with st.container(key="between"):
        if path:
            interpolation.draw(model, path)
    with section("“Cover half of it”"):
        inpainting.draw(model, image)
    with section("“What did this dimension learn?”"):
        latent_factors.draw(model, z)
    downloads.draw(model, own=image is not None and image.kind in source.OWN)
    background.redraw_when_done()


page()
