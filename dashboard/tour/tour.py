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
    """Offers the tour once; shows the step that this visitor has come to."""
    with st.container(key="tour-shelf"):
        shown = tour(
            key="tour",
            data={
                "steps": steps(), "page": page, "step": st.session_state.get("tour step"),
                "clicks": st.session_state.get("tour clicks", 0),
            },
            on_go_change=lambda: None,
        )  # fmt: skip
    # What was clicked is read in each run, and not by a callback: one that another click overtakes may never be called.
    go = shown.go
    if go and go["clicks"] > st.session_state.get("tour clicks", 0):
        st.session_state["tour clicks"] = go["clicks"]
        begin(go["to"])
    lead(page)


def begin(step: int | None) -> None:
    """The tour stands at this step from now on, and its page is gone to, once; None ends it."""
    st.session_state.update({"tour step": step, "tour on its way": step is not None})


def lead(page: str) -> None:
    step = st.session_state.get("tour step")
    if step is None:
        return
    there = steps()[step]["page"]
    if there == page:
        st.session_state["tour on its way"] = False
    elif st.session_state.get("tour on its way"):
        url_state.go(page_registry.script(there))
