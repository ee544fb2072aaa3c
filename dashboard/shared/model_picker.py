"""What most pages share: the claim with the model beside it, the list of models, and the point that is looked at."""

import math
import time
from functools import lru_cache
from pathlib import Path

import streamlit as st

from dashboard.shared import given_class, model_gallery, model_labels, model_view, notices, page_elements, url_state
from vae_core.runs.store import Entry, bundled, trained

FIRST = "mnist-2d"  # what a visitor sees before choosing
OF_A_MODEL, OF_A_DATA_SET = ("z", "axes", "zoom", "hide", "a", "b"), ("i", "seed", "class")  # parts of an address
FRESH = 2.0  # seconds in which nobody looks again what is bundled


def heading(headline: str, explanation: str, model: model_view.Model, definition: str = "") -> None:
    """The page's claim, the model at its right, and what there is to say about the address.

    A part of a page that is drawn by itself has the model that the whole page had: where another one has been chosen
    from the list since, the whole page is drawn again.
    """
    if url_state.asked("model") not in (None, model.entry.key):
        st.rerun()
    with st.container(horizontal=True, key="heading"):
        page_elements.claim(headline, f"{explanation} {given_class.said(model)}".strip(), definition)
        picker(model.entry)
    with st.container(key="notices"):  # always one element, so that what follows keeps its place on the page
        notices.show()


def pick() -> model_view.Model:
    """The model in the address, else the first sound one there is; without any model, an invitation."""
    ready = [entry for entry in [*bundled_models(), *trained().list()] if entry.ready]
    wanted = url_state.asked("model")
    chosen = [entry for entry in ready if entry.key == wanted]
    model = first_sound(chosen + ready)
    if model is None:
        invite()
        st.stop()
    if wanted and not chosen:
        shown = model_labels.title(model.entry)
        notices.notify(f"This link’s model isn’t on this machine (“{wanted[:40]}”). Showing {shown} instead.")
    if wanted or model.entry.key != FIRST:  # the first one is what an address without a model means
        url_state.keep("model", model.entry.key)
    return model


def first_sound(entries: list[Entry]) -> model_view.Model | None:
    """The first model whose files are whole; each damaged one before it is said."""
    for entry in entries:
        try:
            return model_view.model(entry)
        except ValueError as damaged:
            notices.notify(str(damaged))
    return None


def invite() -> None:
    page_elements.claim("Every point will be an image", "as soon as there is a model to draw it.")
    notices.show()
    page_elements.sentence(
        "There is no model yet. This trains one in about a minute, on digits that need no download:"
        "<code>python -m vae_core train --preset quick --dataset strokes</code>Then reload this page.",
        "invitation",
    )


def bundled_models() -> list[Entry]:
    """The bundled models by data set and dimension; one that is just being rebuilt is left out."""
    return list(_bundled_models(bundled().folder, time.monotonic() // FRESH))


@lru_cache(maxsize=1)
def _bundled_models(_folder: Path, _now: float) -> tuple[Entry, ...]:
    entries = [entry for entry in bundled().list() if entry.status == "done"]
    return tuple(
        sorted(entries, key=lambda e: (e.key != FIRST, e.settings.data.name, e.settings.model.latent_dim, beta(e)))
    )


def beta(entry: Entry) -> float:
    """What the list is sorted by; autoencoders and linear models come last."""
    model = entry.settings.model
    return entry.settings.train.beta if model.stochastic and model.encoder else math.inf


def picker(current: Entry) -> None:
    """All models by data set and family, then those trained on this machine; unfinished ones cannot be chosen."""
    named, result = model_labels.own_name(current), model_labels.result(current).removesuffix(" per image")
    label = f"Model: **{model_labels.in_markdown(model_labels.spoken(current))}**{'' if named else f' · {result}'}"
    # Without help: for that Streamlit draws the button twice, and a screen reader would read both.
    with st.popover(label, type="tertiary", key="models", on_change="rerun") as list_of_models:
        runs = trained().list()
        model_gallery.draw(
            bundled_models(), runs, current, bool(list_of_models.open), lambda key: pick_key(key, current)
        )


def pick_key(key: str, current: Entry) -> None:
    """What was clicked may have been deleted meanwhile."""
    if entry := bundled().get(key) or trained().get(key):
        chosen(entry, current)


@url_state.one_entry()
def chosen(entry: Entry, before: Entry) -> None:
    if not entry.settings.data.same_images(before.settings.data):
        url_state.forget(*OF_A_DATA_SET)  # a number is another image now, and what was drawn none at all
    choose(entry.key)
    st.session_state["models"] = False  # the list has been used: it covers the picture


@url_state.one_entry()
def choose(key: str) -> None:
    """Another model: its own axes and its own starting point."""
    url_state.forget(*OF_A_MODEL)
    url_state.keep("model", key)


def leave(key: str) -> None:
    """The pages that the menu leads to open with this model from now on."""
    url_state.leave(model=key, **dict.fromkeys((*OF_A_MODEL, *OF_A_DATA_SET)))
