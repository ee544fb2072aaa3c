"""Hide half, let the model fill it in: z is inferred from the visible pixels alone, the hidden ones are drawn."""

import base64
import hashlib
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard.shared import background, browser_blobs, formatting, model_view, page_elements
from dashboard.shared.components import component
from dashboard.shared.image_picker import source

cover = component("explore/inpainting.js")

DRAWS = 6


class Repaired(NamedTuple):
    pictures: np.ndarray  # (1 + DRAWS, X) uint8: what is expected, then single draws
    log_visible: float  # nats
    effective: float  # of the weighted draws; inf where it was summed


def draw(model: model_view.Model, image: source.Image | None) -> None:
    """Folded; nothing is inferred before it is opened."""
    with st.expander("Hide half, let the model fill it in", key="cover-open", on_change="rerun") as opened:
        if not opened.open:
            return
        if not model.entry.settings.model.stochastic:
            page_elements.sentence("An autoencoder has no p(x, z): there is nothing to infer hidden pixels with.")
        elif image is None:
            page_elements.sentence("Choose an image first, at the top of the page.")
        else:
            draw_inpainting(model, image)


def draw_inpainting(model: model_view.Model, image: source.Image) -> None:
    hidden, seed = covered(model.entry.shape), int(st.session_state.get("repair seed", 0))
    told = hashlib.sha256(image.x.tobytes() + hidden.tobytes()).hexdigest()
    task = ("cover", model.entry.key, model.entry.created, model.given, told, seed)
    found = background.result(task, partial(repaired, model, image.x, hidden, seed)) if hidden.any() else None
    if found is not None:
        st.session_state["repaired"] = found
    shown = found or st.session_state.get("repaired") if hidden.any() else None
    if shown is not None and shown.pictures.shape[1] != len(image.x):
        shown = None
    pictures = np.zeros((0, 0), np.uint8) if shown is None else shown.pictures
    key, blob = browser_blobs.encode("image", [image.x.astype("<f4"), image.grey], count=len(image.x))
    browser_blobs.publish_blob(data=blob, key="covered image")
    cover(
        key="cover",
        data={
            "image": key,
            "hidden": base64.b64encode(hidden.tobytes()).decode(),
            "waits": bool(hidden.any()) and found is None,
            "told": said(hidden, found, model.dims),
            "pictures": base64.b64encode(pictures.tobytes()).decode(),
            "names": ["expected", *(f"draw {k + 1}" for k in range(DRAWS))] if len(pictures) else [],
            "shape": model.entry.shape,
            "photograph": model.photograph,
        },
        on_hidden_change=brushed,
        on_again_change=again,
    )


def covered(shape: tuple[int, ...]) -> np.ndarray:
    """(H W,) uint8, 1 where a pixel is covered: at first the lower half."""
    hidden, count = st.session_state.get("hidden pixels"), shape[0] * shape[1]
    if hidden is None or len(hidden) != count:
        hidden = (np.arange(count) >= count // 2).astype(np.uint8)
    return hidden


def repaired(model: model_view.Model, x: np.ndarray, hidden: np.ndarray, seed: int) -> Repaired:
    """Visible pixels as they are, hidden ones as p(z|x_visible) expects them, and as single draws of it."""
    import torch

    from vae_core.inference.inpainting import inpaint

    hidden = hidden.repeat(len(x) // len(hidden))  # a pixel in colour is three numbers
    vae, seen = model_view.network(model), torch.from_numpy(hidden == 0)
    filled = inpaint(vae, torch.from_numpy(x.copy()), seen, DRAWS, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        pictures = torch.cat([filled.mean[None], vae.mean(filled.z)])
    pictures = np.where(hidden == 0, x, pictures.numpy())
    return Repaired(np.rint(255 * pictures.clip(0, 1)).astype(np.uint8), filled.log_visible, filled.effective_samples)


def said(hidden: np.ndarray, found: Repaired | None, dims: int) -> str:
    if not hidden.any():
        return "Nothing is covered: brush over the image, or choose a half."
    count = f"{int((hidden == 0).sum())} of {len(hidden)} pixels are visible"
    if found is None:
        return f"{count}; inferring <i>z</i> from them …"
    summed = f"summed over the {'line' if dims == 1 else 'plane'}"
    how = summed if np.isinf(found.effective) else f"{found.effective:.0f} effective draws"
    return f"{count}, log <i>p</i>(visible) = <b>{formatting.number(found.log_visible, 1)}</b> nats ({how})."


def brushed() -> None:
    levels = np.frombuffer(base64.b64decode(st.session_state.cover.hidden), np.uint8)
    st.session_state["hidden pixels"] = (levels > 0).astype(np.uint8)


def again() -> None:
    st.session_state["repair seed"] = int(st.session_state.get("repair seed", 0)) + 1
