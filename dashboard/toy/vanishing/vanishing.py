"""One code, one pixel: the exact posterior beside the nearest Gaussian, as the decoder's noise goes to 0."""

from typing import NamedTuple

import numpy as np
import streamlit as st
import torch

from dashboard.shared import notices, url_state
from dashboard.shared.caching import cached
from dashboard.shared.components import component
from vae_core.analysis import vanishing_gap

vanishing = component("toy/vanishing/vanishing.js")

DECODERS = ("bent", "folded", "straight")  # the first is what a visitor sees first
IMAGES = ("1.0", "0.5", "1.5", "2.0")
SIGMAS = [float(f"{sigma:.3g}") for sigma in np.geomspace(0.01, 3, 40)]
FIRST = 0.3


class Chosen(NamedTuple):
    decoder: str
    image: str
    sigma: float


def chosen() -> Chosen:
    """What the address asks for; of the noise, the nearest that there is."""
    decoder, image = url_state.one_of("decoder", DECODERS), url_state.one_of("observed", IMAGES)
    return Chosen(decoder, image, nearest_to(asked_sigma()))


def nearest_to(sigma: float) -> float:
    return min(SIGMAS, key=lambda there: abs(np.log(there / sigma)))


def asked_sigma() -> float:
    text = url_state.asked("sigma")
    if text is None:
        return FIRST
    try:
        (sigma,) = url_state.numbers(text)
        if not SIGMAS[0] <= sigma <= SIGMAS[-1]:
            raise ValueError(text)
    except ValueError:
        low, high = SIGMAS[0], SIGMAS[-1]
        notices.notify(f"The address has sigma = {text[:40]}, not a number from {low:g} to {high:g}; this is {FIRST}.")
        url_state.keep("sigma", f"{FIRST:g}")
        return FIRST
    return sigma


def draw() -> None:
    now = chosen()
    vanishing(
        key="vanishing",
        data=now._asdict() | {
            "decoders": DECODERS, "images": IMAGES, "sigmas": SIGMAS, "nearest": nearest(now.decoder),
        },
        on_decoder_change=lambda: url_state.keep("decoder", st.session_state.vanishing.decoder),
        on_image_change=lambda: url_state.keep("observed", st.session_state.vanishing.image),
        on_sigma_change=lambda: url_state.keep("sigma", f"{st.session_state.vanishing.sigma:g}"),
    )  # fmt: skip


@cached(max_entries=len(DECODERS))
def nearest(decoder: str) -> dict[str, dict[str, list[float]]]:
    """For each image, over the sigmas: the nearest Gaussian, its KL to the posterior, and log p(x)."""
    sigma = torch.tensor(SIGMAS, dtype=torch.float64)
    found = {}
    for image in IMAGES:
        q = vanishing_gap.nearest(vanishing_gap.DECODERS[decoder], torch.full_like(sigma, float(image)), sigma)
        found[image] = {name: values.tolist() for name, values in q._asdict().items()}
    return found
