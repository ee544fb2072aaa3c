"""A number that Python and JavaScript both need is one number: each declaration in JavaScript is that of Python."""

import math
import re
from pathlib import Path

import pytest

from dashboard.manifold.grid import grid
from dashboard.shared import coverage
from dashboard.train.live import film_export
from vae_core.analysis.aggregate_posterior import HOLE

DASHBOARD = Path(__file__).parents[3] / "dashboard"
SCRIPTS = {path: path.read_text("utf-8") for path in sorted(DASHBOARD.rglob("*.js"))}


@pytest.mark.parametrize(
    ("folder", "declared", "expected"),
    [
        ("", r"\bHOLE = Math\.log\(([\d.]+)\)", HOLE),
        ("", r"\bRIM = ([\d.]+)", coverage.RIM),
        ("", r"p\(z\)/(\d+)", 1 / HOLE),
        ("manifold", r"\bREACH = ([\d.]+)", grid.REACH),
        ("train/live", r"\bREACH = ([\d.]+)", film_export.REACH),
    ],
)
def test_the_browser_has_the_number_that_python_has(folder, declared, expected):
    here = {path: text for path, text in SCRIPTS.items() if (DASHBOARD / folder) in path.parents}
    found = {path.name: float(number) for path, text in here.items() for number in re.findall(declared, text)}
    assert found, "it is declared nowhere: this line of the test can go"
    for name, number in found.items():
        assert math.isclose(number, expected, rel_tol=1e-12), name
