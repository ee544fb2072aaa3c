"""Why a floor under sigma: the log density of a background pixel that never changes, as sigma falls."""

import numpy as np
import streamlit as st

from dashboard.likelihood.pixel import pixel
from dashboard.shared import model_picker, page_elements, url_state
from dashboard.shared.components import component
from vae_core.analysis import flat_pixel
from vae_core.model.likelihoods import SIGMA_FLOOR, gaussian

floor = component("likelihood/floor/floor.js")

SIGMAS = np.logspace(-4, 0, 161)  # the floor is one of them


def draw(name: str) -> None:
    """`name`: a bundled model with a sigma for each pixel."""
    page_elements.part("Why a learned σ needs a floor")
    exact = [flat_pixel.log_density(s) for s in SIGMAS]
    spread = [flat_pixel.log_density(s, flat_pixel.GREY_LEVEL) for s in SIGMAS]
    floor(
        key="floor",
        data={
            "sigmas": SIGMAS.tolist(), "exact": exact, "dequantised": spread, "floor": SIGMA_FLOOR,
            "best": flat_pixel.best_sigma(flat_pixel.GREY_LEVEL), "at": int(np.abs(np.log(SIGMAS / asked())).argmin()),
            "model": counted(name),
        },
        on_sigma_change=lambda: url_state.keep("sigma", st.session_state.floor.sigma),
    )  # fmt: skip
    page_elements.show_source("The likelihood that holds σ above its floor", gaussian)


def asked() -> float:
    """The σ in the address."""
    return url_state.real("sigma", SIGMAS[0], SIGMAS[-1], SIGMA_FLOOR)


def counted(name: str) -> dict | None:
    """How many pixels of that model's images have their sigma at the floor; None: it is not here."""
    model = model_picker.first_sound([entry for entry in model_picker.bundled_models() if entry.key == name])
    return None if model is None else pixel.at_the_floor(model)
