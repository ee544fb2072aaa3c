"""Any model's p(x|z), pixel by pixel: the observed image, the mean, sigma, and the density of one pixel."""

import base64
import math
from typing import Any

import numpy as np
import streamlit as st
import torch

from dashboard.shared import model_view, notices, test_images, url_state
from dashboard.shared.caching import cached
from dashboard.shared.components import component
from vae_core.model.likelihoods import SIGMA_FLOOR

pixel = component("likelihood/pixel/pixel.js")

AT_THE_FLOOR = 1.05  # times the floor: the bound is a sigmoid's, which is never quite reached


def draw(model: model_view.Model) -> None:
    ready = test_images.material(model)
    index, place = asked(model)
    settings = model.entry.settings
    pixel(
        key="pixel",
        data={
            "index": index, "count": images(model), "pixel": place, "pixels": math.prod(model.entry.shape),
            "output": packed(output(model, index)), "observed": packed(observed(model, ready, index)),
            "missing": "" if ready is None or ready.data is not None else ready.missing,
            "likelihood": settings.model.likelihood, "label": settings.model.row.label,
            "squash": settings.model.row.squash, "variance": model.variance, "kind": settings.model.row.variance,
            "binary": settings.model.row.binary, "shape": model.entry.shape, "photograph": model.photograph,
            "floor": SIGMA_FLOOR, "nearFloor": AT_THE_FLOOR * SIGMA_FLOOR,
        },
        on_j_change=lambda: url_state.keep("j", str(st.session_state.pixel.j)),
        on_at_change=lambda: url_state.keep("pixel", str(st.session_state.pixel.at)),
    )  # fmt: skip


def asked(model: model_view.Model) -> tuple[int, int | None]:
    """The image and the pixel in the address."""
    return within("j", images(model)) or 0, within("pixel", math.prod(model.entry.shape[:2]))


def images(model: model_view.Model) -> int:
    """How many can be looked at; of a model without codes one, drawn at z = 0."""
    return max(1, len(model.mean))


def within(key: str, count: int) -> int | None:
    """A whole number below `count` from the address; one that belonged to a larger model is forgotten."""
    text = url_state.asked(key)
    if text is None:
        return None
    if not (text.isdecimal() and len(text) < url_state.LONGEST):
        notices.notify(
            f"The address has {key} = {text[:40]}, not a whole number from 0 to {count - 1}; it is left out."
        )
    elif int(text) < count:
        return int(text)
    url_state.forget(key)
    return None


@cached(max_entries=64)
def output(model: model_view.Model, index: int) -> np.ndarray:
    """What the decoder says at the code of a test image, before any squashing; of a model without codes at z = 0."""
    z = model.mean[index : index + 1] if len(model.mean) else np.zeros((1, model.dims), np.float32)
    with torch.no_grad():
        return model_view.network(model).decoder(torch.from_numpy(z))[0].float().numpy()


def observed(model: model_view.Model, ready: test_images.Material | None, index: int) -> np.ndarray | None:
    """The test image as the model sees it; None where it is not here."""
    if ready is None or ready.data is None or index >= len(ready.data.test) or len(model.mean) != len(ready.data.test):
        return None
    return ready.data.observed("test", [index], 0, model.entry.settings.data.pixels)[0].numpy()


def packed(values: np.ndarray | None) -> str:
    return "" if values is None else base64.b64encode(values.astype("<f4").tobytes()).decode()


@cached(max_entries=4)
def at_the_floor(model: model_view.Model) -> dict[str, Any]:
    """Of a model with a sigma per pixel: how many pixels of an image have it at the floor, over all test codes."""
    with torch.no_grad():
        sigma = model_view.network(model).observed(torch.from_numpy(model.mean)).stddev
    low = (sigma < AT_THE_FLOOR * SIGMA_FLOOR).sum(1).float()
    return {"name": model.entry.key, "mean": low.mean().item(), "most": low.max().item(), "pixels": sigma.shape[1]}
