"""Gradients: why one does not differentiate through sampling, and what the reparameterisation trick buys."""

from functools import partial

import streamlit as st

from dashboard import address, controls, images, later, prose, state
from dashboard.components import along, arrows
from dashboard.section import section

NO_Q = "An autoencoder has no q(z|x): nothing is sampled, and its gradient needs no estimator. Choose another model."


@section("This page")
def page() -> None:
    model = controls.pick()
    images.wanted(model)
    if not model.entry.settings.model.stochastic:
        controls.heading("Nothing is sampled here", "An autoencoder has no distribution over codes.", model)
        prose.sentence(NO_Q, "invitation")
        return
    explore(model)


@st.fragment
@section("This page")
def explore(model: state.Model) -> None:
    image = images.chosen_or_drawn(model)
    if image is None:
        controls.heading("One gradient, five estimators", "The test images are being read.", model)
    else:
        compare(model, image)
    later.redraw_when_done()


@section("The estimators of this gradient")
def compare(model: state.Model, image: images.Image) -> None:
    from dashboard import bounds, experiment  # torch: a second of imports, once
    from vae_core.gradients import gradients

    s = bounds.subject(model, image.x)
    when = address.one_of("when", experiment.WHEN)
    many = int(address.one_of("many", tuple(map(str, experiment.MANY))))
    detach = address.one_of("detach", experiment.DETACH)
    shown = experiment.picture(s, when, many) | {"detach": detach == "yes", "over": over(model, when)}
    controls.heading(*claim(shown), model)
    arrows(
        key="arrows",
        data=shown | {"offer": images.offer(model, image)},
        on_wish_change=lambda: images.pick(model, st.session_state.arrows.wish),
        on_when_change=lambda: address.keep("when", st.session_state.arrows.when),
        on_detach_change=lambda: address.keep("detach", st.session_state.arrows.detach),
        on_many_change=lambda: address.keep("many", str(st.session_state.arrows.many)),
    )
    prose.show_source("The function that makes these arrows", gradients)
    along(key="along", data={"figure": "Arrows as PNG"})


@section("The ratios over several images")
def over(model: state.Model, when: str) -> dict[str, tuple[float, float, float]] | None:
    """The ratios over several test images; None without images, or as long as they are being computed."""
    from dashboard import experiment

    ready = images.material(model)
    if ready is None or ready.data is None:
        return None
    key = ("ratios", model.entry.key, model.entry.created, when)
    return later.result(key, partial(experiment.over_images, model, ready.data, when))


def claim(shown: dict) -> tuple[str, str]:
    rows = {row["name"]: row for row in shown["rows"]}
    if shown["detach"]:
        return "With z detached the gradient is wrong on average", biased(shown)
    score, better = rows["score function"]["ratio"], rows["with baseline"]["ratio"]
    when = "once trained" if shown["when"] == "trained" else "before training"
    if score < 2:
        return f"The trick hardly matters {when}", f"The score function varies {prose.number(score, 1)} times as much."
    return (
        f"The score function needs {times(score)} times the samples here",
        f"With a baseline known beforehand {times(better)} times, {when}, for this one image. "
        "All are right on average.",
    )


def biased(shown: dict) -> str:
    """What is left and what should be, along the mean where they differ most."""
    left = next(row["mean"] for row in shown["rows"] if row["wrong"])
    k = max(range(len(left)), key=lambda k: abs(left[k] - shown["exact"][k]))
    mean = "μ" if shown["dims"] == 1 else prose.z(shown["axes"][k], "μ")
    there, right = prose.number(left[k]), prose.number(shown["exact"][k])
    return f"Only the KL’s gradient is left: {there} in {mean}, where the bound’s is {right}."


def times(ratio: float) -> str:
    """To two digits: more of them are the noise's."""
    return (
        prose.number(ratio, 1) if ratio < 10 else f"{float(f'{ratio:.2g}'):,.0f}" if ratio < 1e6 else prose.power(ratio)
    )


page()
