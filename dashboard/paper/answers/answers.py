"""What Python says of every panel that the page without Python can show: its claim."""

from typing import Any

from dashboard.paper.figures import panels
from dashboard.paper.figures.figures import claim
from vae_core.analysis import paper_figures


def recorded(*_: Any) -> dict[str, Any]:
    rows = paper_figures.kept()
    return {"claims": {name: claim(panel, rows) for name, panel in panels.panels().items()}}
