"""The tour for a first visit: six steps that stand in tour.json. The browser remembers that it was offered."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.shared import page_registry, url_state
from dashboard.shared.components import component

tour = component("tour/tour.js")


@cache
def steps() -> list[dict[str, Any]]:
    return json.loads((Path(__file__).parent / "tour.json").read_text("utf-8"))


def guide(page: str) -> None:
    """Before the page is drawn, which may take long: goes where a click on the card leads, or shows the card."""
    # What was clicked is read in each run, and not by a callback: one that another click overtakes may never be called.
    go = (st.session_state.get("tour") or {}).get("go")
    if go and go["clicks"] > st.session_state.get("tour clicks", 0):
        st.session_state["tour clicks"] = go["clicks"]
        begin(go["to"], page)
    lead(page)
    with st.container(key="tour-shelf"):
        tour(
            key="tour",
            data={
                "steps": steps(), "page": page, "step": st.session_state.get("tour step"),
                "clicks": st.session_state.get("tour clicks", 0),
            },
            on_go_change=lambda: None,
        )  # fmt: skip


def begin(step: int | None, page: str) -> None:
    """The tour stands at this step from now on, and leaves this page for that of the step; None ends it."""
    st.session_state.update({"tour step": step, "tour leaves": page})


def lead(page: str) -> None:
    """To the page of the step; who has gone elsewhere by himself is not taken back, and has ended the tour."""
    step = st.session_state.get("tour step")
    if step is None:
        return
    there = steps()[step]["page"]
    if there == page:
        st.session_state["tour leaves"] = None
    elif st.session_state.get("tour leaves") == page:
        url_state.go(page_registry.script(there))
    else:
        st.session_state["tour step"] = None
