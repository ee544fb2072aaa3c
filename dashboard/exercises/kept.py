"""The answers to all sheets in the visitor's browser, where a reload and a typed address find them again."""

from typing import Any

import streamlit as st

from dashboard.shared.components import component

kept = component("exercises/kept.js")
TOLD, GIVEN = "answers in the browser", "sheets answered here"  # of a session


def arrive() -> dict[str, str]:
    """What the browser had when this session began, when it has just told it; else nothing."""
    if TOLD in st.session_state:
        return {}
    told = (st.session_state.get("answers kept") or {}).get("told")
    if isinstance(told, dict):
        st.session_state[TOLD] = {str(title): text for title, text in told.items() if isinstance(text, str)}
    return had()


def had() -> dict[str, str]:
    """The same at any time: answers as text, by the title of their sheet, the one answered last at the end."""
    return st.session_state.get(TOLD, {})


def give(title: str) -> None:
    """From now on the browser keeps what is answered to this sheet; what an address alone brought is not one's own."""
    st.session_state.setdefault(GIVEN, set()).add(title)


def draw(title: str, answers: str) -> None:
    data: dict[str, Any] = {"title": title, "answers": answers}
    data |= {"given": title in st.session_state.get(GIVEN, ()), "asks": TOLD not in st.session_state}
    with st.container(key="kept-shelf"):
        kept(key="answers kept", data=data, on_told_change=lambda: None)
