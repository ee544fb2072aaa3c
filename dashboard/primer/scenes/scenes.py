"""What the sliders of the scenes are set to, as the address has it; nonsense is said, and the usual values stand."""

from typing import Any

from dashboard.shared import notices, url_state

SCENES = ("1", "2", "3", "4", "5")
UNITS = ("nats", "bits")
WAYS = ("q‖p", "p‖q")  # which KL is drawn
COIN = (0.5, 0.2)  # the chance of heads, and of rain
RAREST = 0.001
SIGMA, WIDTHS = 0.5, (0.02, 3.0)
GAUSSIANS = (1.2, 0.5, 0.0, 1.0)  # mean and deviation of q, then of p: as in the lecture
EDGE, SIGMAS = 4.0, (0.05, 4.0)  # of the means and deviations there
FARTHEST = 8.0  # of a code on the line


def chosen(classes: int) -> dict[str, Any]:
    """The settings of all scenes."""
    return {
        "unit": url_state.one_of("unit", UNITS),
        "coin": several("coin", COIN, [(RAREST, 1 - RAREST)] * 2),
        "bars": several("bars", (), [(0.0, 1.0)] * classes),
        "sigma": several("sigma", (SIGMA,), [WIDTHS])[0],
        "g": several("g", GAUSSIANS, [(-EDGE, EDGE), SIGMAS] * 2),
        "way": url_state.one_of("way", WAYS),
        "place": (several("place", (), [(-FARTHEST, FARTHEST)]) or [None])[0],
        "bend": several("bend", (0.0,), [(0.0, 1.0)])[0],
    }


def several(key: str, usual: tuple[float, ...], ranges: list[tuple[float, float]]) -> list[float]:
    """As many numbers as there are ranges, each inside its own."""
    text = url_state.asked(key)
    if text is None:
        return list(usual)
    try:
        values = url_state.numbers(text)
    except ValueError:
        values = []
    inside = all(low <= value <= high for value, (low, high) in zip(values, ranges, strict=False))
    if len(values) == len(ranges) and inside and (key != "bars" or sum(values) > 0):
        return values
    notices.notify(f"The address has {key} = {text[:40]}, which this page cannot show; these are its usual values.")
    url_state.forget(key)
    return list(usual)
