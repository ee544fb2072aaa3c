"""Explore: drag a point in the latent plane and the decoder draws it; choose an image and see where its code lies."""

import streamlit as st

from dashboard.explore import article, downloads, inpainting, interpolation, latent_factors, sliders
from dashboard.explore.plane import plane
from dashboard.shared import background, class_row, given_class, latent_point, model_picker, model_view
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.image_picker import source
from dashboard.shared.section import section

CONDITIONAL = (
    "Shown here: Kingma, Mohamed, Rezende & Welling (2014), *Semi-supervised learning with deep generative models* "
    "([arXiv:1406.5298](https://arxiv.org/abs/1406.5298)), model M2 with every label known, "
    "and its figure 1, which keeps z and changes the class; Sohn, Lee & Yan (2015), *Learning structured output "
    "representation using deep conditional generative models*, whose prior depends on what is given."
)


@section("This page")
def page() -> None:
    model = model_picker.pick()
    check(model)
    with section("The heading"):
        model_picker.heading(*claim(model), model)
    with st.container(key="decoder-shelf"):
        publish_blob(data=model.blob, key="decoder")
    explore(model)
    if model.knows:
        st.caption(CONDITIONAL)


def check(model: model_view.Model) -> None:
    """Reads the whole address before the heading is drawn, which reports what is wrong with it."""
    latent_point.check(model)
    source.wanted(model)
    source.redraw()
    given_class.chosen(model)
    plane.look(plane.backdrops(model), len(model.classes))
    interpolation.pins(model)
    interpolation.via()


def claim(model: model_view.Model) -> tuple[str, str]:
    if model.collapsed:
        return "Every point is the same image", "The codes say nothing: the decoder has learned to do without z."
    kind = "A variational autoencoder (VAE)" if model.entry.settings.model.stochastic else "An autoencoder"
    squeezes = f"{kind} squeezes each image into {in_words(model.dims)} and learns to draw it back."
    if model.knows:
        kind = "A conditional VAE" if model.entry.settings.model.stochastic else "A conditional autoencoder"
        return (
            "Change the class, keep the style",
            f"{kind} is told each image’s class and keeps {in_words(model.dims)} beside it. Drag the point to see.",
        )
    return "Every point is an image", f"{squeezes} Drag the point to see what it draws."


def in_words(dims: int) -> str:
    return {1: "one number", 2: "two numbers", 3: "three numbers"}.get(dims, f"{dims} numbers")


@st.fragment
@section("This page")
def explore(model: model_view.Model) -> None:
    model = given_class.chosen(model)
    image = source.chosen(model)
    z, axes = latent_point.point(model, source.start(model, image)), latent_point.axes(model)
    pins = interpolation.pins(model)
    path = interpolation.path(model, pins) or []
    with st.container(key="each-class"):
        if model.knows:
            class_row.draw(model, z)
    plane.draw_plane(model, image, z, axes, pins, path)
    sliders.draw(model, z, axes)
    with st.container(key="between"):
        if path:
            interpolation.draw(model, path)
    with section("“Hide half, let the model fill it in”"):
        inpainting.draw(model, image)
    with section("“What has each dimension learned?”"):
        latent_factors.draw(model, z)
    downloads.draw(model, own=image is not None and image.kind in source.OWN)
    article.draw(model, in_words(model.dims))
    background.redraw_when_done()


page()
