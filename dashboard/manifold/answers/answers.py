"""What Python says of every grid that the page without Python can show: its claim and caption, by the choices made."""

from typing import Any

from dashboard.manifold.caption import caption, claim
from dashboard.shared import model_view

SIDES = range(5, 41)  # tiles


def recorded(model: model_view.Model, page: Any) -> dict[str, Any]:
    """Captions by the spacing, the layer over the tiles and the number of tiles; claims by spacing and tiles."""
    data = page.mount("manifold")
    axes = tuple(data["axes"])
    return {
        "spans": model.spans,  # for the plane of other axes
        "captions": {
            spacing: {over: {n: caption(model, n, spacing, axes, over) for n in SIDES} for over in data["layers"]}
            for spacing in data["spacings"]
        },
        "claims": {spacing: {n: claim(model, n, spacing, axes) for n in SIDES} for spacing in data["spacings"]},
    }
