"""Gradients: why you cannot simply differentiate through sampling, and what the reparameterisation trick buys."""

from functools import partial

import streamlit as st

from dashboard.shared import (
    background,
    formatting,
    given_class,
    model_labels,
    model_picker,
    model_view,
    page_elements,
    test_images,
    url_state,
)
from dashboard.shared.components import component
from dashboard.shared.export_bar import along
from dashboard.shared.image_picker import image_picker, source
from dashboard.shared.section import section

arrows = component("gradients/estimators.js")

NO_Q = "An autoencoder has no q(z|x): nothing is sampled, and its gradient needs no estimator. Choose another model."

LITERATURE = (
    "Shown here: Kingma & Welling (2014), *Auto-Encoding Variational Bayes* "
    "([arXiv:1312.6114](https://arxiv.org/abs/1312.6114)), sections 2.2 to 2.4: the score function, equations 6 and "
    "7 (the estimators A and B) and the reparameterisation trick. "
    "Williams (1992), *Simple statistical gradient-following algorithms*: the score function and its baseline. "
    "Roeder, Wu & Duvenaud (2017), *Sticking the landing* "
    "([arXiv:1703.09194](https://arxiv.org/abs/1703.09194)): no variance where q is the posterior."
)


@section("This page")
def page() -> None:
    model = model_picker.pick()
    source.wanted(model)
    if not model.entry.settings.model.stochastic:
        model_picker.heading("Nothing is sampled here", "An autoencoder has no distribution over codes.", model)
        page_elements.sentence(NO_Q, "invitation")
        return
    explore(model)
    st.caption(LITERATURE)


@st.fragment
@section("This page")
def explore(model: model_view.Model) -> None:
    model = given_class.of_image(model)
    image = source.chosen_or_drawn(model)
    with page_elements.place():
        if image is None:
            model_picker.heading("One gradient, five estimators", "The test images are being read.", model)
        else:
            compare(model, image)
    background.redraw_when_done()


@section("The estimators of this gradient")
def compare(model: model_view.Model, image: source.Image) -> None:
    from dashboard.gradients import estimators  # torch: a second of imports, once
    from dashboard.shared import image_bound  # torch: a second of imports, once
    from vae_core.inference.gradient_estimators import gradients

    s = image_bound.bound_inputs(model, image.x)
    when = url_state.one_of("when", estimators.WHEN)
    many = int(url_state.one_of("many", tuple(map(str, estimators.MANY))))
    detach = url_state.one_of("detach", estimators.DETACH)
    shown = estimators.picture(s, when, many) | {"detach": detach == "yes", "over": over(model, when)}
    model_picker.heading(*claim(shown), model)
    arrows(
        key="arrows",
        data=shown | {"offer": image_picker.offer(model, image), "file": model_labels.saved_as(model.entry)},
        on_wish_change=lambda: image_picker.apply(model, st.session_state.arrows.wish),
        on_when_change=lambda: url_state.keep("when", st.session_state.arrows.when),
        on_detach_change=lambda: url_state.keep("detach", st.session_state.arrows.detach),
        on_many_change=lambda: url_state.keep("many", str(st.session_state.arrows.many)),
    )
    page_elements.show_source("The function that makes these arrows", gradients)
    along(key="along", data={"figure": "Arrows as PNG"})


@section("The ratios over several images")
def over(model: model_view.Model, when: str) -> dict[str, tuple[float, float, float]] | None:
    """The ratios over several test images; None without images, or as long as they are being computed."""
    from dashboard.gradients import estimators

    ready = test_images.material(model)
    if ready is None or ready.data is None:
        return None
    key = ("ratios", model.entry.key, model.entry.created, when)
    return background.result(key, partial(estimators.over_images, model, ready.data, when))


def claim(shown: dict) -> tuple[str, str]:
    rows = {row["name"]: row for row in shown["rows"]}
    if shown["detach"]:
        return "With z detached the gradient is wrong on average", biased(shown)
    score, better = rows["score function"]["ratio"], rows["with baseline"]["ratio"]
    when = "once trained" if shown["when"] == "trained" else "before training"
    held = "Hold the noise still, and the bound has a slope to follow"
    if score < 2:
        return held, f"Here it hardly matters {when}: without it the gradient varies {times(score)} times as much."
    return (
        held,
        f"Without it, the score function needs {times(score)} times the samples for this one image "
        f"({times(better)} times with a baseline). All are right on average.",
    )


def biased(shown: dict) -> str:
    """What is left and what should be, along the mean where they differ most."""
    left = next(row["mean"] for row in shown["rows"] if row["wrong"])
    k = max(range(len(left)), key=lambda k: abs(left[k] - shown["exact"][k]))
    mean = "μ" if shown["dims"] == 1 else formatting.z(shown["axes"][k], "μ")
    there, right = formatting.number(left[k]), formatting.number(shown["exact"][k])
    return f"Only the KL’s gradient is left: {there} in {mean}, where the bound’s is {right}."


def times(ratio: float) -> str:
    """To two digits: more of them are the noise's."""
    return (
        formatting.number(ratio, 1)
        if ratio < 10
        else f"{float(f'{ratio:.2g}'):,.0f}"
        if ratio < 1e6
        else formatting.power(ratio)
    )


page()
