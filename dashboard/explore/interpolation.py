"""From pin A to pin B: the way between two points of the latent space, drawn and measured."""

import numpy as np
import streamlit as st

from dashboard.shared import latent_point, model_view, test_images, url_state
from dashboard.shared.components import component
from dashboard.shared.section import section

way = component("explore/interpolation.js")

PINS = ("A", "B")
WAYS = ("straight", "spherical")
STEPS = 61


def pins(model: model_view.Model) -> dict[str, list[float]]:
    """The pinned points by name."""
    found = {name: latent_point.place(model, name.lower()) for name in PINS}
    return {name: point for name, point in found.items() if point is not None}


def via() -> str:
    return url_state.one_of("via", WAYS)


@section("The points from A to B")
def path(model: model_view.Model, pins: dict[str, list[float]]) -> list[list[float]]:
    """Points from A to B; none as long as one is missing, or torch is still being read."""
    if len(pins) < 2 or test_images.material(model) is None:
        return []
    import torch

    from vae_core.analysis import latent_paths

    along = {"straight": latent_paths.straight, "spherical": latent_paths.spherical}[via()]
    return along(*(torch.tensor(pins[name], dtype=torch.float64) for name in PINS), STEPS).tolist()


@section("The way from A to B")
def draw(model: model_view.Model, points: list[list[float]]) -> None:
    """The film along the way, with the density of the prior and of the codes under it."""
    from vae_core.analysis.aggregate_posterior import log_density, log_prior

    z = np.array(points)
    prior = model.entry.settings.model.stochastic  # and q; points have neither
    way(
        key="way",
        data=lasting(model)
        | {
            "points": points,
            "via": via(),
            "logPrior": log_prior(z).tolist() if prior else None,
            "logAggregate": log_density(model, z).tolist() if prior and len(model.mean) else None,
            "labels": classes(model, z),
        },
        on_via_change=turned,
    )


def lasting(model: model_view.Model) -> dict:
    """What the way is told of a model, wherever it leads."""
    return {
        "model": model.decoder, "said": "drag along it", "ways": WAYS, "classes": model.classes,
        "shape": model.entry.shape, "photograph": model.photograph,
    }  # fmt: skip


def classes(model: model_view.Model, z: np.ndarray) -> list[int] | None:
    """The class of the code nearest to each point."""
    if model.labels is None:
        return None
    return [int(model.labels[np.square(model.mean - point.astype(np.float32)).sum(1).argmin()]) for point in z]


def turned() -> None:
    url_state.keep("via", st.session_state.way.via)
