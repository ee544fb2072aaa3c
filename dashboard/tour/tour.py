"""The tour for a first visit: six steps that stand in tour.json. The browser remembers that it was offered."""

import json
from functools import cache
from pathlib import Path

import streamlit as st

from dashboard.shared import page_registry, url_state
from dashboard.shared.components import component

tour = component("tour/tour.js")


@cache
def steps() -> list[dict[str, str]]:
    return json.loads((Path(__file__).parent / "tour.json").read_text("utf-8"))


def guide(page: str) -> None:
    """Offers the tour once; shows the step that this visitor has come to."""
    with st.container(key="tour-shelf"):
        tour(
            key="tour",
            data={"steps": steps(), "page": page, "step": st.session_state.get("tour step")},
            on_step_change=lambda: st.session_state.update({"tour step": st.session_state.tour.step}),
        )
    step = st.session_state.get("tour step")
    if step is not None and steps()[step]["page"] != page and step != st.session_state.get("tour went"):
        st.session_state["tour went"] = step
        url_state.go(page_registry.script(steps()[step]["page"]))
