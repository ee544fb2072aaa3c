"""Streamlit takes a file only from a browser that keeps its cookie; where that is refused, a sentence says so."""

import streamlit as st

NAME = "_streamlit_xsrf"  # set before the page connects
REFUSED = (
    "Your browser refuses this address’s cookies, and without them it cannot send a file: allow cookies for this "
    "address, then reload the page."
)


def refused() -> bool:
    """Whether the browser came without the cookie that its first answers gave it."""
    asked = st.context.headers  # none outside a browser
    return bool(asked) and st.get_option("server.enableXsrfProtection") and NAME not in st.context.cookies


def say() -> None:
    """The sentence beside an uploader, before a file is chosen in vain."""
    if refused():
        st.text(REFUSED)
