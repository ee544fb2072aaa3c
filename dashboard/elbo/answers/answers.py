"""ELBO without Python: the bound of one image, its climb, its draws, and the numbers of each row of the climb."""

import struct
from typing import Any

import numpy as np

from dashboard.elbo.bound import bound
from dashboard.elbo.equation import equation
from dashboard.shared import image_bound, model_view
from dashboard.shared.blob_server import unpacked
from dashboard.shared.browser_blobs import header

DRAWN = "No test image is in this file: this image was sampled from the model."
OF_THE_SET = "The bounds of the test set"


def asked(page: Any) -> dict[str, Any]:
    """What a visitor would have asked for by looking: what lies under the bound."""
    found, draws = page.mount("elbo"), page.mount("draws")
    if found is None or draws is None:
        raise ValueError("This bound is not a number, or there is none: choose another image or model.")
    if not found["exact"]:
        raise ValueError(
            f"log p(x) is exact for one or two dimensions, and this model has {found['dims']}: no file is made of it."
        )
    return {"looked": draws["subject"]}


def recorded(model: model_view.Model, page: Any) -> dict[str, Any]:
    """By the step of the climb, what changes on the page. The table of the whole test set stays with the server."""
    found = page.mount("elbo")
    page.fold("spread", OF_THE_SET)
    if found["offer"]["kind"] == "prior":
        page.body = f'<p class="notice">{DRAWN}</p>{page.body}'
    s = image_bound.bound_inputs(model, pixels(page, found["offer"]["image"]))
    start, first = tuple(found["start"]), image_bound.encoder(s)
    climb = image_bound.refinement(s, start)
    steps = {
        row["step"]: bound.picture(s, start, row["step"], climb)
        for row in found["climb"]["rows"]
        if row["step"] != "encoder"
    } | {"encoder": bound.picture(s, first, "0", None)}
    changed = {
        step: {key: new[key] for key in ("q", "step", "name", "numbers", "errors")} for step, new in steps.items()
    }
    return {"steps": changed, "equation": {step: equation.shown(new) for step, new in steps.items()}}


def pixels(page: Any, key: str) -> np.ndarray:
    """x, as the page lays it on the shelf."""
    for content in page.blobs.values():
        blob = unpacked(content)
        if (head := header(blob))["sha256"] == key:
            (length,) = struct.unpack("<I", blob[:4])
            return np.frombuffer(blob, "<f4", head["count"], 4 + length).copy()
    raise ValueError("The image of this bound could not be read.")
