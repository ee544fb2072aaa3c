"""ELBO: one image's bound in its terms, and its gap to log p(x), exact for one or two dimensions."""

import streamlit as st

from dashboard.elbo import article, next_images, q_state
from dashboard.shared import background, given_class, model_labels, model_picker, model_view, page_elements
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.components import component
from dashboard.shared.export_bar import along
from dashboard.shared.image_picker import image_picker, source
from dashboard.shared.saved_pages import button
from dashboard.shared.section import section

draws = component("elbo/draws/draws.js")
elbo = component("elbo/bound/bound.js")
equation = component("elbo/equation/equation.js")
spread = component("elbo/test_set/table.js")

points = component("elbo/points/points.js")

ELBO = (
    "The ELBO (evidence lower bound) is a number that log p(x), the evidence, can never be below: the reconstruction "
    "minus the KL."
)
NO_Q = (
    "An autoencoder maps an image to a point. It has no q(z|x), so there is neither KL nor ELBO, and nothing says how "
    "likely an image is; only how well its pixels are drawn back. Choose a model with a distribution over codes at the "
    "upper right to see a bound taken apart."
)

LITERATURE = (
    "Shown here: Kingma & Welling (2014), *Auto-Encoding Variational Bayes* "
    "([arXiv:1312.6114](https://arxiv.org/abs/1312.6114)), section 2.2, equations 1 to 3 (the bound and its gap), "
    "and appendix B (the KL in closed form). "
    "Cremer, Li & Duvenaud (2018), *Inference suboptimality in variational autoencoders* "
    "([arXiv:1801.03558](https://arxiv.org/abs/1801.03558)): the gap’s two parts, approximation and amortisation. "
    "Burda, Grosse & Salakhutdinov (2016), *Importance weighted autoencoders* "
    "([arXiv:1509.00519](https://arxiv.org/abs/1509.00519)), equation 8: the bound from several draws, which "
    "stands for log p(x) beyond two dimensions."
)


@section("This page")
def page() -> None:
    with st.container(key="sums-shelf"):  # before the first sum over a plane
        st.html('<i class="sums"></i>')
    model = model_picker.pick()
    source.wanted(model)
    if not model.entry.settings.model.stochastic:
        without_bound(model)
        return
    publish_blob(data=model.blob, key="decoder")
    explore(model)
    st.caption(LITERATURE)


@st.fragment
@section("This page")
def without_bound(model: model_view.Model) -> None:
    """An autoencoder's page: the image, what it is decoded to, and the score of its pixels."""
    model_picker.heading("An autoencoder has no ELBO", "An ELBO needs a distribution over codes.", model)
    model = given_class.of_image(model)
    image = source.chosen(model)
    if image is not None:
        with section("The pixels of this image"):
            from dashboard.elbo.points import points as scored  # torch: a second of imports, once

            points(
                key="points",
                data=scored.picture(model, image) | {"offer": image_picker.offer(model, image)},
                on_wish_change=lambda: image_picker.apply(model, st.session_state.points.wish),
            )
    page_elements.sentence(NO_Q, "invitation")
    background.redraw_when_done()


@st.fragment
@section("This page")
def explore(model: model_view.Model) -> None:
    model = given_class.of_image(model)
    with background.pause_long_work(), page_elements.place():
        image = source.chosen_or_drawn(model)
        if image is None:
            model_picker.heading("One bound, taken apart", "The test images are being read.", model, ELBO)
        else:
            apart(model, image)
    article.draw()
    background.redraw_when_done()


@section("The bound of this image")
def apart(model: model_view.Model, image: source.Image) -> None:
    from dashboard.elbo import headline  # torch: a second of imports, once
    from dashboard.elbo.bound import bound
    from dashboard.elbo.equation import equation as identity
    from dashboard.elbo.refinement_later import refinement_later
    from dashboard.shared import image_bound

    s = image_bound.bound_inputs(model, image.x)
    q_state.of_model(model.entry.key)
    start, step = q_state.guess(image_bound.encoder(s))
    known, climb = image_bound.exact(s), None
    if image_bound.finite(known, image_bound.bound(s, start)):
        with section("The way to a better q"):  # the bound stands without it
            climb = refinement_later(s, start) if step == "0" else image_bound.refinement(s, start)
    step = "0" if climb is None else step  # without the way there is no step on it
    q = image_bound.bound(s, start if climb is None else climb.at(step))
    if not image_bound.finite(known, q):
        model_picker.heading("This bound is not a number", "The model overflows on this image.", model, ELBO)
        page_elements.sentence(
            f"Neither bound nor evidence of {image.name} is finite; choose another image or model.", "invitation"
        )
        return
    shown = bound.picture(s, start, step, climb)
    model_picker.heading(*headline.claim(s, q, climb, shown["name"], headline.noun(model, image)), model, ELBO)
    offer = image_picker.offer(model, image)
    equation(key="equation", data=identity.shown(shown))
    elbo(
        key="elbo",
        data=shown | {"offer": offer, "file": model_labels.saved_as(model.entry)},
        on_wish_change=lambda: picked(model),
        on_station_change=lambda: q_state.stationed(st.session_state.elbo.station),
        on_q_change=lambda: q_state.made(st.session_state.elbo.q),
    )
    underneath(model, image, s, shown)
    next_images.prepare(model, image)
    with st.container(horizontal=True, key="take-along"):
        along(key="along", data={"figure": "The bound as SVG"})
        if shown["exact"]:
            button.offer("elbo", f"{model_labels.saved_as(model.entry)}-elbo", model.entry.key)


def picked(model: model_view.Model) -> None:
    if image_picker.apply(model, st.session_state.elbo.wish):
        q_state.encoders()


@section("What lies under the bound")
def underneath(model: model_view.Model, image: source.Image, s, shown: dict) -> None:
    """Draws the sections below the bound; they are computed once they scroll into view."""
    from dashboard.elbo.draws import draws as computed
    from dashboard.elbo.test_set import table
    from vae_core.inference.derivation import derivation

    q = tuple(shown["q"])
    subject = f"{s.key} {q}"
    looked = st.session_state.get("looked") == subject
    with section("The draws under the bound"):
        draws(
            key="draws",
            data={"subject": subject, "dims": s.model.dims, "found": computed.below(s, q) if looked else None},
            on_look_change=lambda: st.session_state.update(looked=st.session_state.draws.look),
        )
    page_elements.show_source("Show the code", derivation)
    with section("The bounds of the test set"):
        spread(
            key="spread",
            data=table.shown(model, s, image.index, st.session_state.get("set seen", False)),
            on_look_change=lambda: st.session_state.update({"set seen": True}),
            on_sort_change=lambda: table.sort(**st.session_state.spread.sort),
            on_pause_change=table.pause,
            on_choose_change=lambda: chosen(st.session_state.spread.choose),
        )


def chosen(index: int) -> None:
    image_picker.test_image(int(index))
    q_state.encoders()


page()
