"""Primer: five short scenes for somebody who has not met entropy, a KL or Bayes’ theorem yet."""

from typing import Any

import streamlit as st

from dashboard.primer.scenes import classes, scenes
from dashboard.shared import background, model_picker, model_view, page_elements, page_registry, url_state
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.components import component
from dashboard.shared.image_picker import image_picker, source
from dashboard.shared.section import section
from vae_core.runs.store import trained

primer = component("primer/scenes/scenes.js")

ON_A_LINE = "mnist-1d"  # the bundled model of one dimension
SHARED = ("model", "i", "seed")  # with other pages, of the address
PREPARED = ("3", "4", "5")  # the scenes in which what needs the networks is sent: the first two open at once
LITERATURE = (
    "Shown here: information, entropy and the Kullback–Leibler divergence as in Bishop (2006), *Pattern Recognition "
    "and Machine Learning*, section 1.6, and Cover & Thomas (2006), *Elements of Information Theory*, chapter 2 "
    "(for densities: chapter 8); MacKay (2003), *Information Theory, Inference, and Learning Algorithms*, "
    "explains the same slowly. Bayes’ theorem for a code is the beginning of Kingma & Welling (2014), "
    "*Auto-Encoding Variational Bayes* ([arXiv:1312.6114](https://arxiv.org/abs/1312.6114)), section 2.1; the ring is "
    "figure 2 of Doersch (2016), *Tutorial on Variational Autoencoders* "
    "([arXiv:1606.05908](https://arxiv.org/abs/1606.05908))."
)


@section("This page")
def page() -> None:
    model = model_picker.pick()
    line = on_a_line(model)
    if line is not None:
        publish_blob(data=line.blob, key="decoder")
    explore(model, line)
    st.caption(LITERATURE)


@st.fragment
@section("The five scenes")
def explore(model: model_view.Model, line: model_view.Model | None) -> None:
    scene, found = url_state.one_of("scene", scenes.SCENES), shares(model) or classes.MADE_UP
    prepared, chosen = scene in PREPARED, scenes.chosen(len(found["counts"]))
    source.which(line or model)  # what the address says of it, in every scene
    with background.pause_long_work():
        image = source.chosen_or_drawn(line) if line and prepared else None
        model_picker.heading(
            "Five pictures before your first KL",
            "A variational autoencoder (VAE) writes an image as a few numbers, its code. The Kullback–Leibler "
            "divergence (KL) is what that code costs.",
            model,
        )
        primer(
            key="primer",
            data=chosen
            | {
                "nonce": url_state.follows("primer", here()),
                "scene": scene,
                "classes": found,
                "bayes": posterior(line, image) if line and image else None,
                "instead": line is not None and line.entry.key != model.entry.key,
                "waits": waits(line, prepared, image),
                "offer": image_picker.offer(line, image) if line and prepared else None,
                "layer": layer(model) if prepared else None,
                "shape": model.entry.shape,
                "photograph": model.photograph,
            },
            on_wish_change=lambda: image_picker.apply(line, st.session_state.primer.wish),
            on_place_change=placed,
        )
    if prepared:
        source_of(scene)
    background.redraw_when_done()


def here() -> list[str | None]:
    """The scene and the sliders as the address has them."""
    return [url_state.asked(key) for key in page_registry.page("primer").url_keys if key not in SHARED]


def on_a_line(model: model_view.Model) -> model_view.Model | None:
    """The chosen model where it has one dimension, else the bundled one, else one that was trained here."""
    entries = [entry for entry in [*model_picker.bundled_models(), *trained().list()] if entry.ready]
    entries = [model.entry, *sorted(entries, key=lambda entry: entry.key != ON_A_LINE)]
    return model_picker.first_sound([entry for entry in entries if lies_on_a_line(entry)])


def lies_on_a_line(entry: Any) -> bool:
    """Whether Bayes’ theorem can be drawn for it, as the hand moves: the browser decodes."""
    made = entry.settings.model
    return made.latent_dim == 1 and made.stochastic and made.network == "mlp"


def waits(line: model_view.Model | None, prepared: bool, image: source.Image | None) -> str:
    """What is said in the place of Bayes’ theorem."""
    if line is None:
        return "No model here has a line of codes: train one with one latent dimension on the page Train."
    if not prepared:
        return "The exact posterior is being computed …"
    return "The test images are being read …" if image is None else ""


@section("The classes of the codes")
def shares(model: model_view.Model) -> dict[str, Any]:
    return classes.shares(model)


@section("Bayes’ theorem for this image")
def posterior(line: model_view.Model, image: source.Image) -> dict[str, Any]:
    from dashboard.primer.scenes import bayes  # torch: a second of imports, once

    return bayes.on_the_line(line, image)


@section("What the first layer does")
def layer(model: model_view.Model) -> dict[str, Any]:
    from dashboard.primer.scenes import prior  # torch: a second of imports, once

    return prior.first_layer(model)


@section("The functions behind the scene")
def source_of(scene: str) -> None:
    from vae_core.analysis.first_layer import bend
    from vae_core.inference.posterior_on_a_line import line_posterior
    from vae_core.model.gaussians import kl_normal

    titles = {
        "3": ("The function behind this KL", kl_normal),
        "4": ("The function that sums this posterior", line_posterior),
        "5": ("The function that bends this cloud", bend),
    }
    page_elements.show_source(*titles[scene])


@url_state.one_entry()
def placed() -> None:
    """The browser moved on; the address follows, so that it reopens what is seen."""
    for key, text in st.session_state.primer.place.items():
        if key in page_registry.page("primer").url_keys:
            url_state.keep(key, str(text)) if text else url_state.forget(key)
    url_state.shows("primer", here())


page()
