"""Manifold: the decoder's images on a grid of z, in steps of equal probability or of equal length."""

from statistics import NormalDist

import numpy as np
import streamlit as st

from dashboard import controls, prose, state
from dashboard.components import manifold, shelf

NORMAL = NormalDist()
REACH = 3.0  # equal steps cover -3 to 3
SPACINGS = ("inverse CDF", "linear")


def page() -> None:
    model = controls.pick("manifold")
    n, spacing = controls.whole("n", 5, 40, 20), controls.one_of("spacing", SPACINGS)
    controls.check(model)
    axes = controls.axes(model)
    controls.heading(*claim(model, n, spacing), model)
    if model.blob:
        shelf(data=model.blob, key="decoder")
    codes = controls.shelve_codes(model, axes)
    asked = manifold(
        key="manifold",
        data={
            "model": model.decoder,
            "nonce": model.entry.key,
            "codes": codes,
            "view": state.view(model, axes),
            "pictures": None if model.blob else pictures(model, n, spacing, axes),
            "z": controls.point(model) if controls.asked("z") else None,
            "start": model.start,
            "n": n,
            "spacing": spacing,
            "spacings": SPACINGS,
            "dims": model.dims,
            "axes": axes,
            "order": model.order,
            "shape": model.entry.shape,
            "photograph": model.photograph,
            "caption": caption(model, n, spacing, axes),
        },
        on_z_change=pinned,
        on_n_change=resized,
        on_spacing_change=spaced,
        on_axes_change=turned,
        on_open_change=lambda: None,
    )
    if asked.open:
        st.switch_page("views/explore.py")


def steps(n: int, spacing: str) -> list[float]:
    """z of n steps: at the quantiles (i + 1/2) / n of the prior, or equally far apart."""
    shares = [(i + 0.5) / n for i in range(n)]
    return [REACH * (2 * u - 1) if spacing == "linear" else NORMAL.inv_cdf(u) for u in shares]


def claim(model: state.Model, n: int, spacing: str) -> tuple[str, str]:
    if spacing == "linear":
        middle = "third" if model.dims == 1 else "ninth"
        inner = prose.percent(prior_inside(REACH / 3, min(model.dims, 2)))
        return f"The middle {middle} of the tiles holds {inner}", "Equal steps of z: the rim is hardly ever drawn."
    return f"Each tile is 1/{n * n} of the prior", "Equal steps of probability: what is common takes the most room."


def caption(model: state.Model, n: int, spacing: str, axes: tuple[int, ...]) -> str:
    """What the grid leaves out: of the prior, and of the codes of the test images."""
    edge = steps(n if model.dims > 1 else n * n, spacing)[-1]
    said = f"<p>The grid ends at ±{prose.number(edge)}. Outside it, hatched, lie "
    said += f"<b>{prose.percent(1 - prior_inside(edge, len(axes)))}</b> of the prior"
    if len(model.mean):
        inside = (np.abs(model.mean[:, axes]) <= edge).all(1).mean()
        said += f" and <b>{prose.percent(1 - float(inside))}</b> of the {len(model.mean):,} test codes"
    said += ".</p>"
    if model.dims > 2:
        said += f"<p>{prose.z(axes[0])} runs across, {prose.z(axes[1])} upwards; the other {model.dims - 2} are 0.</p>"
    if not model.blob:
        said += "<p>This decoder runs on the server: tiles arrive when you let go.</p>"
    return said


def prior_inside(edge: float, dims: int) -> float:
    """The share of the prior with every |z_d| below the edge."""
    return (2 * NORMAL.cdf(edge) - 1) ** dims


def pictures(model: state.Model, n: int, spacing: str, axes: tuple[int, ...]) -> str:
    key, blob = state.tiles(model, model.entry.key, tuple(steps(n, spacing)), axes, n=n, spacing=spacing)
    shelf(data=blob, key="pictures")
    return key


def pinned() -> None:
    controls.keep_point(st.session_state.manifold.z)


def resized() -> None:
    controls.keep("n", str(st.session_state.manifold.n))


def spaced() -> None:
    controls.keep("spacing", st.session_state.manifold.spacing)


def turned() -> None:
    controls.keep_axes(st.session_state.manifold.axes)


page()
