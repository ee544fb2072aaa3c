"""The trainings that were begun together: each small, with its manifold, its bound and its KL, on one scale.

The address has the beginnings of their keys, so that a reload and a link show them again.
"""

from typing import Any

import streamlit as st

from dashboard.shared import formatting, notices, page_elements, training_queue, url_state
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.components import component
from dashboard.shared.section import section
from dashboard.train.live import snapshots
from dashboard.train.run_table import rows
from vae_core.runs.store import Entry, trained

multiples = component("train/sweep/sweep.js")

DIGITS = 8  # of a key, in the address
MOST = 30  # runs
POLL = 1.5  # seconds


def begin(keys: list[str]) -> None:
    """From now on the page follows these runs."""
    with url_state.one_entry():
        url_state.forget("at", "run", "over")
        url_state.keep("sweep", ",".join(key[:DIGITS] for key in keys))


def entries() -> list[Entry]:
    """Those of the address that are here, in its order; what is not here is said once, and left out of it."""
    asked = list(dict.fromkeys((url_state.asked("sweep") or "").split(",")[:MOST])) if url_state.asked("sweep") else []
    known = {entry.key[:DIGITS]: entry for entry in trained().list()} if asked else {}
    here = [part for part in asked if part in known]
    if here != asked:
        missing = next(part for part in asked if part not in known)
        notices.notify(f"This link’s run isn’t on this machine (“{missing[:40]}”): it may have been deleted.")
        url_state.keep("sweep", ",".join(here)) if here else url_state.forget("sweep")
    return [known[part] for part in here]


def newest(runs: list[Entry]) -> Entry | None:
    """The run to look at: the one in training, else the one that is next, else the one that ended last."""
    active = [entry for entry in runs if entry.status in snapshots.ACTIVE]
    return min(active, key=turn, default=None) or max(runs, key=lambda entry: entry.created, default=None)


def turn(entry: Entry) -> float:
    """0: it is in training; else its place in the queue."""
    if entry.status != "queued":
        return 0
    place = training_queue.jobs().place(entry.key)
    return MOST + 1 if place is None else place + 0.5


def place(shown: Entry) -> str:
    """ "Run 2 of 3, β 4.": which of these the stage shows; "" for a run that was trained alone."""
    runs = entries()
    keys = [entry.key for entry in runs]
    if len(keys) < 2 or shown.key not in keys:
        return ""
    settings = rows.flat(shown.settings)
    varied = [rows.said(field, settings[field]) for field in varying(runs)]
    return f"{', '.join([f'Run {keys.index(shown.key) + 1} of {len(keys)}', *varied])}."


def draw(shown: Entry | None) -> None:
    """All of them; drawn again while one is in training."""
    runs = entries()
    if len(runs) < 2:
        return
    page_elements.part("Several at once")
    active = any(entry.status in snapshots.ACTIVE for entry in runs)
    st.fragment(cards, run_every=POLL if active else None)(shown.key if shown else "")


@section("The cards of these runs")
def cards(shown: str) -> None:
    runs = entries()
    fields = varying(runs)
    made = [card(entry, fields) for entry in runs]
    with st.container(key="sweep-shelf"):
        for entry, (_, blob) in zip(runs, made, strict=True):
            if blob:
                publish_blob(data=blob[1], key=f"small-{entry.key}")
    multiples(
        key="sweep", data={"cards": [told for told, _ in made], "shown": shown, "side": snapshots.SMALL},
        on_show_change=lambda: show(st.session_state.sweep.show),
    )  # fmt: skip


def card(entry: Entry, fields: list[str]) -> tuple[dict[str, Any], tuple[str, bytes] | None]:
    """What a card says, and its tiles."""
    data, history, settings = snapshots.dataset(entry.settings), entry.history(), rows.flat(entry.settings)
    axes = snapshots.plane(history, entry.settings.model.latent_dim)
    blob = snapshots.small(entry, data, axes) if data and data.data is not None else None
    report, last = entry.metrics if entry.ready else {}, history[-1] if history else None
    curves = snapshots.curves(history)
    bound = [r - k if None not in (r, k) else None for r, k in zip(curves["reconstruction"], curves["kl"], strict=True)]
    return {
        "key": entry.key,
        "title": " · ".join(rows.said(field, settings[field]) for field in fields) or "these settings",
        "status": rows.status(entry),
        "live": entry.status in snapshots.ACTIVE,
        "bound": "ELBO" if entry.settings.model.stochastic else "reconstruction",
        "tested": bool(report),
        "elbo": value(report.get("elbo") or report.get("reconstruction"), bound),
        "kl": value(report.get("kl"), [last["kl"]] if last and entry.settings.model.stochastic else []),
        "active": report.get("active_units"),
        "dims": entry.settings.model.latent_dim,
        "steps": entry.settings.train.steps,
        "curves": {"step": curves["step"], "elbo": bound, "kl": curves["kl"]},
        "pictures": blob[0] if blob else "",
        "shape": entry.shape,
        "photograph": snapshots.photograph(entry, entry.settings, data.data if data else None),
    }, blob


def value(measured: float | None, curve: list[float | None]) -> str:
    """Of the test images once there is a number, of the training images before."""
    found = measured if measured is not None else curve[-1] if curve else None
    return "" if found is None else formatting.readable(found, 1)


def varying(runs: list[Entry]) -> list[str]:
    """The settings in which these runs differ."""
    known = [rows.flat(entry.settings) for entry in runs]
    order = ["beta", *rows.LETTERS, *known[0]]
    differ = [f for f in order if f not in rows.HIDDEN and len({str(settings[f]) for settings in known}) > 1]
    return list(dict.fromkeys(differ))


def show(key: str | None) -> None:
    """A card was pressed: its run stays on the stage; the one in training is followed again by pressing its own."""
    entry = trained().get(key) if key else None
    if entry is None:
        return
    with url_state.one_entry():
        url_state.forget("at")
        follow = newest(entries())
        if follow and follow.key == key:
            url_state.forget("run")
        else:
            url_state.keep("run", key)
