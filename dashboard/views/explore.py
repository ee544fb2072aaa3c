"""Explore: drag a point in the latent plane, the decoder draws what lies there."""

import base64

import streamlit as st

from dashboard import controls, prose, state
from dashboard.components import pad, shelf, strip

MANY = 4  # sliders that are always open


def page() -> None:
    model = controls.pick("explore")
    controls.check(model)
    controls.heading(*claim(model), model)
    if model.blob:
        shelf(data=model.blob, key="decoder")
    explore(model)


def claim(model: state.Model) -> tuple[str, str]:
    if model.entry.settings.model.stochastic and len(model.mean) and (model.kl < 0.01).all():
        return "Every point is the same image", "The codes say nothing: the decoder has learned to do without z."
    if not model.blob:
        return "Every point is an image", "Drag the point and let go; the server draws what lies there."
    return "Every point is an image", "Drag the point; the decoder draws what lies there."


@st.fragment
def explore(model: state.Model) -> None:
    z, axes = controls.point(model), controls.axes(model)
    plane(model, z, axes)
    with st.container(key="dimensions"):
        ordered = list(range(model.dims)) if model.dims <= 2 else model.order  # what carries most comes first
        first, rest = ordered[:MANY], ordered[MANY:]
        sliders(model, z, first)
        if rest:
            with st.expander(f"{len(rest)} more dimensions, {prose.number(model.kl[rest].sum(), 1)} nats together"):
                sliders(model, z, rest)


def plane(model: state.Model, z: list[float], axes: tuple[int, ...]) -> None:
    codes = controls.shelve_codes(model, axes)
    pad(
        key="pad",
        data={
            "model": model.decoder,
            "codes": codes,
            "z": z,
            "nonce": f"{model.entry.key} {nonce(z)}",
            "start": model.start,
            "dims": model.dims,
            "axes": axes,
            "order": model.order,
            "spans": model.spans,
            "view": state.view(model, axes),
            "shape": model.entry.shape,
            "photograph": model.photograph,
            "backdrops": backdrops(model),
            "picture": None if model.blob else picture(model, z),
        },
        on_z_change=moved,
        on_axes_change=turned,
    )


def backdrops(model: state.Model) -> list[str]:
    """What can be shown behind the point; a line has its density with its codes, points have none."""
    known, drawn = bool(len(model.mean)), bool(model.blob)
    wide, spread = model.dims > 1, model.entry.settings.model.stochastic
    offered = {"codes": known, "density": known and wide and spread, "tiles": drawn, "prior": wide or not known}
    return [name for name, there in offered.items() if there]


def picture(model: state.Model, z: list[float]) -> str:
    return base64.b64encode(state.decoded(model, z).tobytes()).decode()


def sliders(model: state.Model, z: list[float], dimensions: list[int]) -> None:
    """Per dimension a film strip and a slider under it, two to a row."""
    columns = st.columns(min(2, len(dimensions)), gap="large")
    for place, d in enumerate(dimensions):
        with columns[place % len(columns)]:
            low, high = model.spans[d]
            if model.blob:
                film = {"model": model.decoder, "dim": d, "z": z, "span": (low, high)}
                strip(key=f"strip{d}", data=film | {"shape": model.entry.shape, "photograph": model.photograph})
            st.session_state[f"slider{d}"] = min(high, max(low, z[d]))
            label = prose.z(d) if model.dims <= 2 else f"{prose.z(d)} :small[KL {prose.number(model.kl[d])} nats]"
            st.slider(label, low, high, step=0.01, key=f"slider{d}", on_change=slid, args=(d, z))


def nonce(z: list[float]) -> int:
    """A new number whenever z was moved by anyone but the pad, which then follows."""
    if st.session_state.get("pad shows") != z:
        st.session_state["pad shows"] = z
        st.session_state.nonce = st.session_state.get("nonce", 0) + 1
    return st.session_state.nonce


def moved() -> None:
    """The pad has a new z, and shows it already."""
    st.session_state["pad shows"] = z = list(st.session_state.pad.z)
    controls.keep_point(z)


def slid(dimension: int, z: list[float]) -> None:
    controls.keep_point([*z[:dimension], st.session_state[f"slider{dimension}"], *z[dimension + 1 :]])


def turned() -> None:
    controls.keep_axes(st.session_state.pad.axes)


page()
