"""All terms as cards that can be searched, with the images that some of their figures show."""

import base64
from contextlib import suppress

import numpy as np

from dashboard.glossary import terms
from dashboard.shared import background, model_view
from dashboard.shared.components import component
from vae_core.runs.store import bundled

entries = component("glossary/entries.js")

DRAWS = "strokes-2d"  # the bundled model whose images the figures show: its data are drawn here and free
SIDE = 5  # images along each axis of z, from -2 to 2


def draw() -> None:
    groups = {group: [terms.shown(term) for term in found] for group, found in terms.terms().items()}
    entries(key="terms", data={"groups": groups, "images": background.result("glossary images", images)})
    background.redraw_when_done()


def images() -> dict | None:
    """The decoder's mean images on a grid of z, row by row from the largest z2; None without the model."""
    with suppress(ValueError, OSError, AttributeError):
        model = model_view.model(bundled().get(DRAWS))
        along = np.linspace(-2, 2, SIDE, dtype=np.float32)
        z = np.stack(np.meshgrid(along, along[::-1]), axis=-1).reshape(-1, 2)
        levels = model_view.decoded(model, z)
        return {"levels": base64.b64encode(levels.tobytes()).decode(), "side": SIDE, "shape": model.entry.shape}
    return None
