"""A slider for each dimension with its film strip, and the four that carry most always open."""

from statistics import NormalDist

import streamlit as st

from dashboard.shared import formatting, latent_point, model_view, url_state
from dashboard.shared.components import component
from dashboard.shared.section import section

strip = component("explore/sliders.js")

MANY = 4  # sliders that are always open
SCALES = ("z", "u")
NORMAL = NormalDist()


@section("The sliders")
def draw(model: model_view.Model, z: list[float], axes: tuple[int, ...]) -> None:
    with st.container(key="dimensions"):
        ordered = [*axes, *(d for d in model.order if d not in axes)]  # the plane's, then what carries most
        first, rest = ordered[:MANY], ordered[MANY:]
        sliders(model, z, first)
        if rest:
            with st.expander(
                f"{len(rest)} more dimensions, {formatting.number(model.kl[rest].sum(), 1)} nats together"
            ):
                sliders(model, z, rest)
        if model.entry.settings.model.stochastic:
            in_steps_of()


def in_u() -> bool:
    """Even steps are shares u of the prior, z being the quantile of u."""
    return url_state.one_of("scale", SCALES) == "u"


def sliders(model: model_view.Model, z: list[float], dimensions: list[int]) -> None:
    """Per dimension a film strip and a slider under it, two to a row; in z, or in u with z = the quantile of u."""
    shares = in_u() and model.entry.settings.model.stochastic
    columns = st.columns(min(2, len(dimensions)), gap="large")
    for place, d in enumerate(dimensions):
        with columns[place % len(columns)]:
            strip(key=f"strip{d}", data=model_view.film(model, z, d, shares))
            (low, high), value, step = model.spans[d], z[d], 0.01
            if shares:
                low, high, value, step = (*(round(NORMAL.cdf(v), 3) for v in (low, high, value)), 0.001)
            st.session_state[f"slider{d}"] = min(high, max(low, value))
            label = formatting.z(d, "u" if shares else "z")
            label += "" if model.dims <= 2 else f" :small[KL {formatting.number(model.kl[d])} nats]"
            form = "%.3f" if shares else "%.2f"
            st.slider(
                label, low, high, step=step, format=form, key=f"slider{d}", on_change=slid, args=(model, d, z, shares)
            )


def in_steps_of() -> None:
    """Even steps of z, or of the share u of the prior that lies below."""
    st.session_state.scale = in_u()
    label = "sliders in u = Φ(z): even steps are even shares of the prior"
    st.checkbox(label, key="scale", on_change=lambda: url_state.keep("scale", SCALES[st.session_state.scale]))


def slid(model: model_view.Model, dimension: int, drawn: list[float], shares: bool) -> None:
    """Moves one dimension of z; the others are where they are now, which is not always where the slider was drawn."""
    z = latent_point.place(model, "z") or drawn
    value = st.session_state[f"slider{dimension}"]
    value = NORMAL.inv_cdf(min(1 - 1e-6, max(1e-6, value))) if shares else value
    latent_point.keep_point([*z[:dimension], value, *z[dimension + 1 :]])
