"""The world: N of its images, the model that is fitted to them, and, once the visitor has guessed, the truth."""

import base64

import numpy as np
import streamlit as st

from dashboard.shared import formatting, notices, page_elements, url_state
from dashboard.shared.caching import cached
from dashboard.shared.components import component
from vae_core.analysis import known_truth
from vae_core.model import toy_world

world = component("toy/world/world.js")

WORLDS = 1000
FEWEST, MOST = 5, 10_000  # images
COUNTS = sorted({round(n) for n in np.geomspace(FEWEST, MOST, 34)} | {30, 100, 1000})
FIRST = 30
SHOWN = 12  # of the images
TRUTH = ("hidden", "shown")


def draw() -> None:
    number = url_state.whole("world", 0, WORLDS - 1, 0)
    count = url_state.whole("count", FEWEST, MOST, FIRST)
    shown = url_state.one_of("truth", TRUTH) == TRUTH[1]
    facts = learned(number)
    page_elements.claim(*says(facts["entropy"], shown))
    with st.container(key="notices"):
        notices.show()
    world(
        key="world",
        data=facts | {"world": number, "worlds": WORLDS, "count": count, "shown": shown},
        on_count_change=lambda: url_state.keep("count", str(int(st.session_state.world.count))),
        on_world_change=lambda: url_state.keep("world", str(int(st.session_state.world.world))),
        on_truth_change=lambda: url_state.keep("truth", st.session_state.world.truth),
    )


def says(entropy: float, shown: bool) -> tuple[str, str]:
    if shown:
        return (
            f"At the truth the mean of log p(x) is {formatting.number(-entropy)}, not 0",
            "No model does better on new images: the best mean log p(x) is minus the entropy of the world.",
        )
    return (
        "A world whose truth you know",
        "We drew images from a linear-Gaussian θ* and fitted a model to N of them. Guess first, then reveal θ*.",
    )


@cached(max_entries=32)
def learned(number: int) -> dict:
    """The fits to the first N images for each N, and the truth; what the browser needs to draw them."""
    truth, images = toy_world.truth(number), toy_world.images(number, MOST)
    grey = 0.5 + (images[:SHOWN] - truth.b) / (6 * truth.covariance.diagonal().max().sqrt())  # 3 deviations each way
    return {
        "fits": [
            {
                "count": fit.count, "own": fit.own, "truthOnOwn": fit.truth_on_own, "new": fit.new,
                "angles": fit.angles, "variance": fit.theta.c, "columns": fit.theta.W.T.tolist(),
            }
            for fit in known_truth.learning_curve(truth, images, COUNTS)
        ],
        "entropy": truth.entropy, "variance": truth.c, "columns": truth.W.T.tolist(), "shape": toy_world.SHAPE,
        "pictures": base64.b64encode(grey.clamp(0, 1).mul(255).round().byte().numpy().tobytes()).decode(),
    }  # fmt: skip
