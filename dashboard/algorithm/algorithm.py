"""Algorithm: auto-encoding variational Bayes (AEVB) line by line, and the two graphs that make it possible."""

import streamlit as st

from dashboard.shared import background, model_picker, model_view, page_elements, test_images
from dashboard.shared.section import section

NO_Q = "An autoencoder has no q(z|x) and no noise: there is nothing to reparameterise. Choose another model."
LITERATURE = (
    "Shown here: Kingma & Welling (2014), *Auto-Encoding Variational Bayes* "
    "([arXiv:1312.6114](https://arxiv.org/abs/1312.6114)): figure 1, algorithm 1, equations 7, 8 and 10, section 2.4 "
    "(the reparameterisation trick) and, for the score function, section 2.2. "
    "Read on: Rezende, Mohamed & Wierstra (2014, [arXiv:1401.4082](https://arxiv.org/abs/1401.4082)) found the same at "
    "the same time; Doersch (2016, [arXiv:1606.05908](https://arxiv.org/abs/1606.05908)) explains it slowly; Burda, "
    "Grosse & Salakhutdinov (2016, [arXiv:1509.00519](https://arxiv.org/abs/1509.00519)) use L draws for a tighter "
    "bound; Hoffman & Johnson (2016) take the bound apart. The page [Gradients](gradients) compares the estimators."
)


@section("This page")
def page() -> None:
    model = model_picker.pick()
    if not model.entry.settings.model.stochastic:
        model_picker.heading("Nothing is sampled here", "An autoencoder has no distribution over codes.", model)
        page_elements.sentence(NO_Q, "invitation")
        return
    explore(model)
    st.caption(LITERATURE)


@st.fragment
@section("This page")
def explore(model: model_view.Model) -> None:
    ready = test_images.material(model)
    with page_elements.place():
        if ready is None:
            model_picker.heading("Six lines train a VAE", "The images are being read.", model)
        else:
            follow(model, ready)
    background.redraw_when_done()


@section("The walk through the algorithm")
def follow(model: model_view.Model, ready: test_images.Material) -> None:
    from dashboard.algorithm.walk import walk  # torch: a second of imports, once
    from vae_core.training.single_step import step

    walk.draw(model, ready)
    page_elements.show_source("The function that takes this step", step)


page()
