"""Whatever is killed, cut, flipped or filled up: nothing is lost, nothing lies, and the naive way does both.

The same figures in full: python -m tests.faults (ten minutes), or pytest -m long tests/faults.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CI = {  # how often here; the full counts stand in figures.py
    "kills in training": 3, "kills in wake-sleep": 2, "kills in Monte Carlo EM": 2, "kills while saving": 8,
    "named kill points": 0, "bit flips": 120, "truncations": 60, "zeroed blocks": 60, "queued jobs": 4, "one key": 4,
    "stops": 2, "full disk": 2, "list of uses": 5,
}  # fmt: skip
FULL = {
    "kills in training": 200, "kills in wake-sleep": 50, "kills in Monte Carlo EM": 50, "kills while saving": 300,
    "bit flips": 1000, "truncations": 256, "queued jobs": 40, "stops": 50,
}  # fmt: skip


@cache
def figures(*chosen: tuple[str, int]) -> dict[str, dict]:
    """In one process of their own: they fork, which pytest with its threads must not."""
    command = [sys.executable, "-m", "tests.faults", *(str(word) for pair in chosen for word in pair)]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert out.returncode == 0, out.stderr
    return json.loads(out.stdout)


def check(name: str, found: dict) -> None:
    """What must hold at every count, with the control that shows that it could fail."""
    assert "error" not in found, found["error"]
    for nothing in ("unreadable", "steps backwards", "running for ever", "done too early", "left over"):
        assert found.get(nothing, 0) == 0, found
    match name:
        case "kills in training" | "kills in wake-sleep" | "kills in Monte Carlo EM":
            assert found["bit-identical"] == found["runs"] > 0, found
            assert found["after a checkpoint"] > 0, "the control: they resumed"
        case "kills while saving":
            assert found["resumable"] == found["kills"], found
            assert found["control: unreadable"] > 0, "the control: written in place, a kill leaves half a file"
        case "named kill points":
            assert found["killed there"] == found["bit-identical"] == found["points"] >= 21, found
        case "bit flips" | "truncations" | "zeroed blocks":
            assert found["detected"] == found["tried"], found
            if name == "bit flips":
                assert found["control: loaded silently"] > 0, "the control: safetensors alone takes a flipped bit"
        case "queued jobs":
            assert found["done"] + found["failed, explained"] == found["jobs"], found
            assert found["failed, explained"] == found["killed"] == found["jobs"] // 2, found
            assert found["control: failed with one kill"] == found["control: jobs"], found
        case "one key":
            assert (found["processes"], found["trainings"], found["different weights"]) == (4, 1, 1), found
        case "stops":
            assert found["stopped"] == found["resumable"] == found["stops"], found
            assert found["median ms"] < 5000, found  # a second on a machine that does nothing else
        case "full disk":
            assert found["told in a sentence"] == found["earlier run whole"] == found["trainings"], found
            assert found["bit-identical"] == found["trainings"], found
        case "list of uses":
            assert found["order kept"] == found["kills"], found


@pytest.mark.parametrize("name", CI)
def test_nothing_is_lost_and_nothing_lies(name):
    check(name, figures(*CI.items())[name])


@pytest.mark.long
@pytest.mark.parametrize(("name", "count"), FULL.items())
def test_nothing_is_lost_and_nothing_lies_in_full(name, count):
    check(name, figures((name, count))[name])
