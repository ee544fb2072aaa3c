"""What a variational autoencoder is, told along the figure above."""

import math
from pathlib import Path

from dashboard.explore.plane import plane
from dashboard.shared import formatting, model_view
from dashboard.shared.article import article


def draw(model: model_view.Model, in_words: str) -> None:
    """For models with a distribution over codes whose decoder draws while the hand moves."""
    if not model.entry.settings.model.stochastic or not len(model.mean) or model.dims < 2:
        return
    height, width, *colour = model.entry.shape
    article.draw(
        "explore",
        Path(__file__).with_suffix(".html"),
        numbers=in_words,
        pixels=f"{math.prod(model.entry.shape):,}",
        each="three per pixel, red, green and blue" if colour else "one per pixel",
        size=" × ".join(map(str, (width, height, *colour))),
        codes=f"{len(model.mean):,}",
        kl=formatting.readable(float(model.kl.sum()), 1),
        holes=HOLES if "holes" in plane.backdrops(model) else "",
    )


HOLES = (
    'The <a data-set="back=holes">holes</a> are where the prior has room for a code and hardly any image has one: '
    "what the decoder draws there, nobody taught it. "
)
