"""The runs of this machine: a table, which one is shown, which curves lie over it, what can be done with each."""

from typing import Any

import streamlit as st

from dashboard.shared import access, model_labels, notices, page_elements, training_queue, url_state
from dashboard.shared.components import component
from dashboard.shared.section import section
from dashboard.train.live import snapshots
from dashboard.train.run_table import run_chart
from dashboard.train.run_table.actions import MOST, actions, importing, listing, notify
from dashboard.train.run_table.rows import row
from vae_core.runs.store import Entry, trained

table = component("train/run_table/run_table.js")

POLL = 1.0  # seconds


def draw(current: Entry | None) -> None:
    """All runs trained here, newest first, and what can be done with those that are selected."""
    entries = trained().list()
    gone(entries)
    chosen = selected(entries)
    with st.container(key="runs-head", horizontal=True):
        page_elements.sentence(f"Runs <span>{len(entries):,} on this machine</span>", "heading")
        st.text(st.session_state.get("runs said") or reason(chosen))
        if entries:
            listing(entries)
        if access.may_train():
            importing()
    with st.container(key="runs-actions", horizontal=True), section("What can be done with these runs"):
        actions(chosen, current)
    table(
        key="runs",
        data={
            "rows": [row(entry) for entry in entries],
            "shown": current.key if current else "",
            "selected": [entry.key for entry in chosen],
            "toForm": st.session_state.get("to the form", 0),
        },
        on_selected_change=notify,
    )
    with section("“Runs as a chart”"):
        run_chart.draw(entries)
    before = signature(entries)
    st.fragment(watch, run_every=POLL if any(e.status in snapshots.ACTIVE for e in entries) else None)(before)


def watch(before: list) -> None:
    """The table is drawn anew when a run starts, ends or moves up in the queue, and not in between."""
    if signature(trained().list()) != before:
        st.session_state["drawn anew"] = True
        st.rerun()


def signature(entries: list[Entry]) -> list[tuple]:
    return [(e.key, e.status, e.name, e.pinned, training_queue.jobs().place(e.key)) for e in entries]


def reason(chosen: list[Entry]) -> str:
    """Why the one that is selected broke off."""
    return chosen[0].why if len(chosen) == 1 else ""


def selected(entries: list[Entry]) -> list[Entry]:
    """The rows that the viewer has ticked, in the order of the table."""
    state = st.session_state.get("runs") or {}
    keys = state.get("selected") or []
    return [entry for entry in entries if entry.key in keys]


def gone(entries: list[Entry]) -> None:
    """Curves in the address whose runs are no longer here."""
    asked = [key for key in (url_state.asked("over") or "").split(",") if key]
    here = [key for key in asked if key in {entry.key for entry in entries}][:MOST]
    if asked and here != asked:
        notices.notify("Some of the curves in the address are not here; their runs may have been deleted.")
        url_state.keep("over", ",".join(here)) if here else url_state.forget("over")


@section("The curves of other runs")
def overlaid(current: Entry | None) -> list[dict[str, Any]]:
    """Curves of other runs, to lie under the current one's."""
    keys = [key for key in (url_state.asked("over") or "").split(",") if key]
    entries = [entry for key in keys[:MOST] if (entry := trained().get(key)) and (not current or key != current.key)]
    return [
        {
            "name": model_labels.name(entry), "curves": snapshots.curves(entry.history()),
            "importance": entry.settings.train.importance_samples,
        }
        for entry in entries
    ]  # fmt: skip
