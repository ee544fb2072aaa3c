"""ELBO: one image's bound taken apart, and what it lacks to log p(x), exactly."""

import streamlit as st

from dashboard import controls, guesses, images, later, prose, state
from dashboard.components import along, draws, elbo, shelf, spread
from dashboard.section import section

NO_Q = (
    "An autoencoder maps an image to a point. It has no q(z|x), so there is neither KL nor ELBO, "
    "and nothing says how likely an image is. Choose a model with a distribution over codes at the upper right."
)


@section("This page")
def page() -> None:
    with st.container(key="sums-shelf"):  # before the first sum over a plane
        st.html('<i class="sums"></i>')
    model = controls.pick()
    images.wanted(model)
    if not model.entry.settings.model.stochastic:
        controls.heading("Points have no bound", "An ELBO needs a distribution over codes.", model)
        prose.sentence(NO_Q, "invitation")
        return
    if model.blob:
        shelf(data=model.blob, key="decoder")
    explore(model)


@st.fragment
@section("This page")
def explore(model: state.Model) -> None:
    with later.first():
        image = images.chosen_or_drawn(model)
        if image is None:
            controls.heading("One bound, taken apart", "The test images are being read.", model)
        else:
            apart(model, image)
    later.redraw_when_done()


@section("The bound of this image")
def apart(model: state.Model, image: images.Image) -> None:
    from dashboard import bounds, dissection, verdict  # torch: a second of imports, once

    s = bounds.subject(model, image.x)
    start, step = guesses.guess(bounds.encoder(s))
    climbed = (s.key, start) in st.session_state.setdefault("climbed", set())
    climb = bounds.climb(s, start) if climbed or step != "0" else None
    q = bounds.bound(s, start if climb is None else climb.at(step))
    if not bounds.finite(bounds.exact(s), q):
        controls.heading("This bound is not a number", "The model overflows on this image.", model)
        prose.sentence(
            f"Neither bound nor evidence of {image.name} is finite; choose another image or model.", "invitation"
        )
        return
    shown = dissection.picture(s, start, step, climb)
    controls.heading(*verdict.claim(s, q, climb, shown["name"], verdict.noun(model, image)), model)
    offer = images.offer(model, image)
    elbo(
        key="elbo",
        data=shown | {"offer": offer},
        on_wish_change=lambda: picked(model),
        on_more_change=lambda: st.session_state["climbed"].add((s.key, start)),
        on_station_change=lambda: guesses.stationed(st.session_state.elbo.station),
        on_q_change=lambda: guesses.made(st.session_state.elbo.q),
    )
    underneath(model, image, s, shown, offer["image"])


def picked(model: state.Model) -> None:
    if images.pick(model, st.session_state.elbo.wish):
        guesses.encoders()


@section("What lies under the bound")
def underneath(model: state.Model, image: images.Image, s, shown: dict, x: str) -> None:
    """Computed for those who scroll there."""
    from dashboard import draws as computed
    from dashboard import testset
    from vae_core.derivation import derivation

    q = tuple(shown["q"])
    subject = f"{s.key} {q}"
    looked = st.session_state.get("looked") == subject
    with section("The draws under the bound"):
        draws(
            key="draws",
            data={"subject": subject, "found": computed.below(s, q) if looked else None}
            | computed.flow(s, q, x, shown["name"]),
            on_look_change=lambda: st.session_state.update(looked=st.session_state.draws.look),
        )
    prose.show_source("The function behind these lines", derivation)
    with section("The bounds of the test set"):
        spread(
            key="spread",
            data=testset.shown(model, s, image.index, st.session_state.get("set seen", False)),
            on_look_change=lambda: st.session_state.update({"set seen": True}),
            on_sort_change=lambda: testset.sort(**st.session_state.spread.sort),
            on_choose_change=lambda: chosen(st.session_state.spread.choose),
        )
    along(key="along", data={"figure": "The bound as SVG"})


def chosen(index: int) -> None:
    images.test_image(int(index))
    guesses.encoders()


page()
