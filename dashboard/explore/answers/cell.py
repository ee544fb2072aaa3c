"""Explore in a notebook's cell: what its components are given, of a model that is no run and has no address."""

from typing import Any

from dashboard.explore import interpolation, sliders
from dashboard.explore.plane import plane
from dashboard.shared import model_view


def mounts(model: model_view.Model, images: int) -> list[dict[str, Any]]:
    """The pad, the strips and the way between two pins, as explore.py draws them before anybody has done anything."""
    axes = tuple(sorted(model.order[:2]))
    backdrops = [name for name in plane.backdrops(model) if name != "holes"]  # of which no training code is known
    pad = plane.lasting(model, axes) | {
        "codes": model_view.codes(model, axes)[0] if len(model.mean) else "", "z": model.start, "nonce": "0",
        "start": model.start, "backdrops": backdrops, "picture": "", "chooser": chooser(model, images), "q": None,
        "look": {"back": backdrops[0], "pixels": "mean", "draw": 1, "hide": [], "zoom": None, "nonce": 0},
        "encoder": None, "near": None, "tests": None, "pins": {}, "path": [], "holes": "", "hatch": "",
        "drawnBy": "drawn by Python", "undrawn": "",
    }  # fmt: skip
    nothing = {"points": [], "via": interpolation.WAYS[0], "logPrior": None, "logAggregate": None, "labels": None}
    strips = sliders.rows(model, model.start, axes)
    strips["rows"] = [row | {"undrawn": not model.blob} for row in strips["rows"]]
    return [
        {"key": "pad", "script": "explore/plane/plane.js", "data": pad},
        {"key": "sliders", "script": "explore/sliders.js", "data": strips},
        {"key": "way", "script": "explore/interpolation.js", "data": interpolation.lasting(model) | nothing},
    ]


def chooser(model: model_view.Model, images: int) -> dict[str, Any]:
    """As image_picker.offer, before any image is chosen; images.js says most of it anew."""
    stochastic = model.entry.settings.model.stochastic
    return {
        "asked": {"i": "0", "seed": "0", "own": 0}, "dreams": stochastic and bool(model.blob),
        "binary": model.entry.settings.data.binary, "bound": "ELBO" if stochastic else "fit", "count": images,
        "shape": model.entry.shape, "photograph": model.photograph, "note": ("", 0), "classes": model.classes,
        "image": "", "samples": "", "ready": True, "missing": "", "lacking": [], "untrained": [], "kind": "",
        "label": None, "name": "", "own": 0,
    }  # fmt: skip
