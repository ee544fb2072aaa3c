"""All models as cards with a small picture of what each draws: by data set, families as one card, one's own last."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from dashboard.shared import background, browser_blobs, model_labels
from dashboard.shared.components import component
from vae_core.analysis import miniatures
from vae_core.runs.store import Entry
from vae_core.settings import colours

gallery = component("shared/model_gallery.js")

SERIES, OWN = "Series", "Yours"
PICTURED = 24  # runs of one's own that are drawn; the latest are first in the list
_bundled: dict[tuple, list[dict[str, Any]]] = {}  # the headings of the latest lists of bundled models


def draw(entries: list[Entry], runs: list[Entry], current: Entry, opened: bool, choose: Callable[[str], None]) -> None:
    """`opened`: the list is seen, so its pictures are sent; `choose` is told the key of the card that was clicked."""
    pictures = {}
    if opened:
        pictures = miniatures.kept() | {run.key: drawn for run in runs[:PICTURED] if (drawn := own(run)) is not None}
    grey, coloured = ({key: sheet for key, sheet in pictures.items() if sheet.ndim == axes} for axes in (2, 3))
    places = {key: place for some in (grey, coloured) for place, key in enumerate(some)}
    gallery(
        key="gallery",
        data={
            "groups": groups(entries, runs, places), "current": current.key, "side": miniatures.SIDE,
            "pictures": shelved(list(grey.values()), "miniatures"),
            "coloured": shelved(list(coloured.values()), "miniatures in colour"),
        },
        on_choose_change=lambda: choose(st.session_state.gallery.choose),
    )  # fmt: skip


def own(run: Entry) -> np.ndarray | None:
    """The picture of a run trained here, drawn while nobody waits; None until then, and of an unfinished one."""
    if not run.ready:
        return None
    return background.result(("miniature", run.key, run.step), partial(sound, run))


def sound(run: Entry) -> np.ndarray | None:
    """A damaged run has no picture: whoever opens it is told why."""
    try:
        return miniatures.miniature(run)
    except (ValueError, OSError):
        return None


def shelved(sheets: list[np.ndarray], name: str) -> str:
    """Pictures of one kind, grey or in colour, in one blob; "" for none."""
    if not sheets:
        return ""
    key, blob = browser_blobs.encode("pictures", [np.stack(sheets)], count=len(sheets), shape=sheets[0].shape)
    with st.container(key=f"{name.replace(' ', '-')}-shelf"):
        browser_blobs.publish_blob(data=blob, key=name)
    return key


def groups(entries: list[Entry], runs: list[Entry], places: dict[str, int]) -> list[dict[str, Any]]:
    """Headings with their cards. Those of bundled models are made once."""
    told = tuple((entry.key, entry.created, places.get(entry.key)) for entry in entries)
    made = _bundled.get(told) or bundled(entries, places)
    while len(_bundled) > 3:  # closed and open, each with and without models of another rebuild
        _bundled.pop(next(iter(_bundled)), None)
    _bundled[told] = made
    mine = [card("", [mine_shown(run, places)]) for run in runs]
    return made + ([{"name": OWN, "cards": mine}] if mine else [])


def bundled(entries: list[Entry], places: dict[str, int]) -> list[dict[str, Any]]:
    """By data set. A card has one model, or the stops of a slider."""
    found: dict[str, dict[str, list]] = {}
    for entry in sorted(entries, key=lambda e: model_labels.along(e) if model_labels.family(e) else 0):
        family = model_labels.family(entry)
        heading = SERIES if family else model_labels.collection(entry)
        found.setdefault(heading, {}).setdefault(family or entry.key, []).append(shown(entry, places))
    if SERIES in found:  # after the models of the data set that they are trained on
        series = found.pop(SERIES)
        first, *others = found or [SERIES]
        found = {first: found.get(first, {}), SERIES: series} | {name: found[name] for name in others}
    return [
        {"name": heading, "cards": [card(name, stops) for name, stops in cards.items()]}
        for heading, cards in found.items()
        if cards
    ]


def card(name: str, stops: list[dict[str, Any]]) -> dict[str, Any]:
    """A series begins at 1, where β gives the ELBO itself, if it has that."""
    ones = [place for place, stop in enumerate(stops) if stop["stop"].endswith("= 1")]
    return {"title": name if len(stops) > 1 else "", "stops": stops, "start": ones[0] if ones else 0}


def shown(entry: Entry, places: dict[str, int]) -> dict[str, Any]:
    whole = model_labels.spoken(entry)
    return stop(entry, places, whole, whole.split(", ", 1)[-1], model_labels.listed_result(entry))


def mine_shown(run: Entry, places: dict[str, int]) -> dict[str, Any]:
    name, result = model_labels.trained(run)
    return stop(run, places, name, name, result)


def stop(entry: Entry, places: dict[str, int], name: str, short: str, result: str) -> dict[str, Any]:
    """`short` stands under the picture, `name` is what a screen reader says."""
    return {
        "key": entry.key, "name": name, "short": short, "result": result, "stop": model_labels.stop(entry),
        "also": model_labels.also(entry),
        "ready": entry.ready, "place": places.get(entry.key), "photograph": entry.photograph,
        "coloured": colours(entry.shape) > 1,
    }  # fmt: skip
