"""Where a presenter says that he is: read from a stranger's JSON until everything in it has its meaning."""

import math
import re
from typing import Any

from dashboard.kl.lecture.lecture import SCENES

PHASES = ("asking", "marked", "shown", "over")  # the question stands; its answer is marked; the scene; nobody presents
STEPS = 10  # of a scene, at most
FAR = 100.0  # any number of a picture is nearer to 0
CHOICE = re.compile(r"[a-z0-9 .,-]{0,60}", re.ASCII)


def place_of(told: Any) -> dict[str, Any]:
    """The place, with nothing else in it; ValueError where something makes no sense."""
    scene, phase, beta = told["scene"], told["phase"], told["beta"]
    if scene not in SCENES or phase not in PHASES:
        raise ValueError("no scene of this lecture")
    if not is_number(beta) or not 0 <= beta < 1e6:
        raise ValueError("no beta")
    place = {"scene": scene, "phase": phase, "beta": beta}
    for key, length in (("g", 4), ("z", 2), ("d", 1), ("step", 1), ("image", 1)):
        if (value := told.get(key)) is not None:
            place[key] = numbers(value, length)
    if not 0 <= place.get("step", 0) < STEPS:
        raise ValueError("no step of a scene")
    if place.get("image", 0) not in range(int(FAR)):
        raise ValueError("no image of the opening scene")
    for key in ("try", "loss"):
        if (value := told.get(key)) is not None:
            place[key] = words(value)
    return place


def numbers(value: Any, length: int) -> float | list[float]:
    each = [value] if length == 1 else value
    if type(each) is not list or len(each) != length or not all(is_number(v) and abs(v) < FAR for v in each):
        raise ValueError("no numbers")
    return each[0] if length == 1 else each


def words(value: Any) -> str:
    if type(value) is not str or not CHOICE.fullmatch(value):
        raise ValueError("no choice")
    return value


def is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
