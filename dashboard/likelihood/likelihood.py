"""Likelihood: what the decoder says about noise, over models that differ in its variance only, and pixel by pixel."""

import streamlit as st

from dashboard.shared import background, model_picker, model_view, notices, page_elements, url_state
from dashboard.shared.image_picker import source
from dashboard.shared.section import section
from vae_core.analysis import variance_family
from vae_core.runs.store import trained

FEWEST = 3  # models make a family
PIXEL_MODEL = "frey-2d"  # whose decoder has a sigma for each pixel: shown as long as no other model was asked for
INVITATION = (
    "Models of grey MNIST that differ in the decoder’s variance c are not here. This trains them, in five minutes:"
    "<code>python -m vae_core bundle mnist-c-5 mnist-c-1 mnist-c-0.1 mnist-c-0.02 mnist-c-learned</code>"
    "Then reload this page."
)
LITERATURE = (
    "Shown here: Kingma & Welling (2014), *Auto-Encoding Variational Bayes* "
    "([arXiv:1312.6114](https://arxiv.org/abs/1312.6114)), section 3 and appendix C, equations 11 and 12 "
    "(Bernoulli and Gaussian decoders). "
    "Lucas, Tucker, Grosse & Norouzi (2019), *Don’t blame the ELBO!* "
    "([arXiv:1911.02469](https://arxiv.org/abs/1911.02469)): in a linear VAE a dimension stays while its eigenvalue is "
    "above the variance. Loaiza-Ganem & Cunningham (2019), *The continuous Bernoulli* "
    "([arXiv:1907.06845](https://arxiv.org/abs/1907.06845)): its normaliser. Theis, van den Oord & Bethge (2016, "
    "[arXiv:1511.01844](https://arxiv.org/abs/1511.01844)): why grey levels are dequantised before they are scored."
)


@section("This page")
def page() -> None:
    check()
    scored()
    pixels()
    floor()
    st.caption(LITERATURE)


@section("The address")
def check() -> None:
    """Reads the whole address before the title is drawn: under it stands what is wrong with it."""
    from dashboard.likelihood.floor import floor as runaway  # torch: a second of imports, once
    from dashboard.likelihood.grey import grey as formula
    from dashboard.likelihood.pixel import pixel

    formula.asked()
    runaway.asked()
    if model := one_model():
        pixel.asked(model)


@st.fragment
@section("This page")
def scored() -> None:
    """The family and what its image is under a Bernoulli."""
    entries = variance_family.members()
    image = source.chosen_or_drawn(model_view.model(entries[0])) if entries else None
    family(entries, image) if len(entries) >= FEWEST else invite()
    grey(image)
    background.redraw_when_done()


def invite() -> None:
    page_elements.claim("The likelihood says how much noise to expect", "It decides what an error costs.")
    with st.container(key="notices"):
        notices.show()
    page_elements.sentence(INVITATION, "invitation")


@section("The variance family")
def family(entries: list, image: source.Image | None) -> None:
    from dashboard.likelihood.variance import variance  # torch: a second of imports, once

    with page_elements.place():
        variance.draw(entries, image)


@section("Bernoulli on grey pixels")
def grey(image: source.Image | None) -> None:
    from dashboard.likelihood.grey import grey as formula  # torch: a second of imports, once

    formula.draw(image)


@st.fragment
@section("Pixel by pixel")
def pixels() -> None:
    """The model that other pages look at; as long as none was asked for, the faces."""
    from dashboard.likelihood.pixel import pixel  # torch: a second of imports, once

    model = one_model()
    if model is not None:
        with st.container(horizontal=True, key="heading-pixels"):
            page_elements.part("Pixel by pixel: what a decoder expects, and how sure it is")
            model_picker.picker(model.entry)
        pixel.draw(model)
    background.redraw_when_done()


@st.fragment
@section("The floor under σ")
def floor() -> None:
    from dashboard.likelihood.floor import floor as runaway  # torch: a second of imports, once

    runaway.draw(PIXEL_MODEL)


def one_model() -> model_view.Model | None:
    """Asked for in the address or on another page; without any, the faces, else the first that is here."""
    if url_state.asked("model"):
        return model_picker.pick()
    entries = [entry for entry in [*model_picker.bundled_models(), *trained().list()] if entry.ready]
    return model_picker.first_sound(sorted(entries, key=lambda e: e.key != PIXEL_MODEL))


page()
