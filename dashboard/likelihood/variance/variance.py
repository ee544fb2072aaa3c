"""The variance family for the browser: every member's decoder on the shelf, its numbers, and this image under it."""

from typing import Any

import streamlit as st
import torch

from dashboard.shared import formatting, model_view, notices, page_elements, url_state
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.caching import cached
from dashboard.shared.components import component
from dashboard.shared.image_picker import image_picker, source
from vae_core.analysis import posterior_collapse, variance_family
from vae_core.model.likelihoods import fixed_gaussian
from vae_core.runs.store import Entry

variance = component("likelihood/variance/variance.js")

FIRST = "0.1"
AXES = 16  # eigenvalues that are drawn


def draw(entries: list[Entry], image: source.Image | None) -> None:
    """`image`: None while it is being read."""
    models = [model_view.model(entry) for entry in entries]
    rows = [variance_family.member(entry) for entry in entries]
    here = stop(rows)
    page_elements.claim(*claim(rows, here))
    with st.container(key="notices"):
        notices.show()
    if image is None:
        page_elements.sentence("The test images are being read.")
        return
    spectrum = posterior_collapse.mnist()
    variance(
        key="variance",
        data={
            "rows": [numbers(row) for row in rows], "at": here, "pixels": rows[0].pixels, "dims": rows[0].latent_dim,
            "image": [under(entry, image.x.tobytes()) for entry in entries],
            "decoders": [model.decoder for model in models], "shape": entries[0].shape, "photograph": False,
            "eigenvalues": spectrum.covariance[:AXES], "images": spectrum.images,
            "offer": image_picker.offer(models[0], image),
        },
        on_c_change=lambda: url_state.keep("c", str(st.session_state.variance.c)),
        on_wish_change=lambda: image_picker.apply(models[0], st.session_state.variance.wish),
    )  # fmt: skip
    for model in sorted(models, key=lambda m: m is not models[here]):  # what is looked at first comes first
        publish_blob(data=model.blob, key=f"decoder {model.entry.key}")
    page_elements.show_source("The density behind these numbers", fixed_gaussian)


def name(row: variance_family.Member) -> str:
    """Of a stop, as the address has it."""
    return "learned" if row.learned else f"{row.variance:g}"


def stop(rows: list[variance_family.Member]) -> int:
    names = [name(row) for row in rows]
    first = FIRST if FIRST in names else names[0]
    return names.index(url_state.one_of("c", (first, *(n for n in names if n != first))))


def numbers(row: variance_family.Member) -> dict[str, Any]:
    more = {"stop": name(row), "constant": row.constant, "expectedResidual": row.expected_residual}
    return row._asdict() | more


@cached(max_entries=256)
def under(entry: Entry, x: bytes) -> dict[str, Any]:
    """This image under one model."""
    seen = torch.frombuffer(bytearray(x), dtype=torch.float32)[None]
    return variance_family.of_image(model_view.network(model_view.model(entry)), seen)._asdict()


def claim(rows: list[variance_family.Member], here: int) -> tuple[str, str]:
    row = rows[here]
    c = f"a learned c of {row.variance:.2g}" if row.learned else f"c = {row.variance:g}"
    bound = formatting.number(row.elbo, 0)
    why = (
        "The decoder expects every pixel to be off by σ = √c. That one number decides what an error costs: nothing "
        "else differs between these models."
    )
    if row.active_units == 0:
        return f"At {c} every error is put down to noise, and no dimension is used", why
    if row.elbo > 0:
        return f"At {c} the bound is above zero, {bound} nats: a density may exceed 1", why
    return f"At {c} {row.active_units} of {row.latent_dim} dimensions are used, and the bound is {bound} nats", why
