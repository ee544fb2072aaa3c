"""What Python says of every panel that the page without Python can show: its claim, by what a curve is drawn over."""

from typing import Any

from dashboard.paper.figures import panels
from dashboard.paper.figures.figures import AXES, claim
from vae_core.analysis import paper_figures


def recorded(*_: Any) -> dict[str, Any]:
    rows = paper_figures.kept()
    return {
        "claims": {name: {axis: claim(panel, rows, axis) for axis in AXES} for name, panel in panels.panels().items()}
    }
