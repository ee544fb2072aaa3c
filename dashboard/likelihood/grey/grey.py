"""A Bernoulli on grey pixels is no density; what its missing normaliser is worth on the image that is looked at."""

from typing import Any

import streamlit as st
import torch

from dashboard.shared import model_labels, model_picker, model_view, page_elements, url_state
from dashboard.shared.caching import cached
from dashboard.shared.components import component
from dashboard.shared.image_picker import source
from vae_core.model.continuous_bernoulli import log_normaliser, log_partition
from vae_core.model.likelihoods import bernoulli

grey = component("likelihood/grey/grey.js")

BERNOULLI = "mnist-10d"  # its logits are taken for those of both
MOST = 8.0  # of the dial
FIRST = 2.0


def draw(image: source.Image | None) -> None:
    page_elements.part("A Bernoulli on grey pixels is no density")
    grey(
        key="grey",
        data={
            "logit": asked(), "most": MOST,
            "image": None if image is None else scored(image.grey.tobytes()), "name": image.name if image else "",
        },
        on_logit_change=lambda: url_state.keep("logit", st.session_state.grey.logit),
    )  # fmt: skip
    page_elements.show_source("What divides the formula: its integral, stable for every logit", log_partition)


def asked() -> float:
    """The logit in the address."""
    return url_state.real("logit", -MOST, MOST, FIRST)


def scored(levels: bytes) -> dict[str, Any] | None:
    """Grey levels of an image under a Bernoulli decoder, at its encoder's code; None: no such model is here."""
    model = model_picker.first_sound([entry for entry in model_picker.bundled_models() if entry.key == BERNOULLI])
    return None if model is None else under(model, levels)


@cached(max_entries=64)
def under(model: model_view.Model, levels: bytes) -> dict[str, Any]:
    vae = model_view.network(model)
    x = torch.frombuffer(bytearray(levels), dtype=torch.uint8).float()[None] / 255
    with torch.no_grad():
        logits = vae.decoder(vae.code(x))
        without, normaliser = bernoulli(logits).log_prob(x).sum().item(), log_normaliser(logits).sum().item()
    name = model_labels.spoken(model.entry)
    return {"model": name, "without": without, "normaliser": normaliser, "pixels": x.shape[1]}
