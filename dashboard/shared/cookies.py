"""Streamlit takes a file only from a browser that keeps its cookie; where that is refused, a sentence says so."""

import streamlit as st

from dashboard.shared import streamlit_internals

REFUSED = (
    "Your browser refuses this address’s cookies, and without them it cannot send a file: allow cookies for this "
    "address, then reload the page."
)


def refused() -> bool:
    """Whether the browser came without the cookie that its first answers gave it."""
    return not streamlit_internals.came_with_cookie()


def notify() -> None:
    """The sentence beside an uploader, before a file is chosen in vain."""
    if refused():
        st.text(REFUSED)
