"""What there is to say: one sentence each, under the title of the page that is drawn next."""

import html
import time

import streamlit as st

from dashboard.shared import page_elements

STAY = 12.0  # seconds


def notify(text: str) -> None:
    """One sentence, shown under the title the next time the page is drawn."""
    st.session_state.setdefault("notices", []).append(text)


def stay(page: str, text: str) -> None:
    """One sentence that this page says each time it is drawn, until another one is to stay or it is `settled`."""
    st.session_state["staying"] = page, text


def settled(text: str) -> None:
    """This sentence need not stay any longer."""
    if st.session_state.get("staying", ("", ""))[1] == text:
        del st.session_state["staying"]


def no_page(name: str) -> None:
    """Of an address that leads to no page; what is shown is the first one."""
    notify(f"There is no page “{name[:40]}” here; this is Explore.")


def show() -> None:
    """What there is to say; for a while it stays where the page is drawn anew although nobody has touched it."""
    now = time.monotonic()
    said = [(now, text) for text in st.session_state.pop("notices", [])]
    if st.session_state.pop("drawn anew", False):
        said = [(when, text) for when, text in st.session_state.get("said", []) if now < when + STAY] + said
    st.session_state["said"] = said
    page, staying = st.session_state.get("staying", ("", ""))
    stay_here = [staying] if page and page == st.session_state.get("this page") else []
    for text in dict.fromkeys(stay_here + [text for _, text in said]):
        page_elements.sentence(html.escape(text), "notice")
