"""The foot of a page: which page comes before it, and which one next, for somebody who reads or teaches the paper."""

import streamlit as st

from dashboard.shared import page_elements
from dashboard.shared.page_registry import READING_PATH, SECTIONS, page, script


def lead_on(name: str) -> None:
    """On the pages of the path; the others of their menu say where it begins. style.css marks the menu by the key."""
    of_menu = name in SECTIONS["Learn"]
    if name not in READING_PATH and not of_menu:
        return
    with st.container(key="foot-learn" if of_menu else "foot", horizontal=True):
        if name not in READING_PATH:
            first = next(iter(READING_PATH))
            st.page_link(script(first), label=f"The path through the paper begins with **{page(first).title}** →")
            return
        path = list(READING_PATH)
        place = path.index(name)
        if place:
            st.page_link(script(path[place - 1]), label=f"← {page(path[place - 1]).title}")
        page_elements.sentence(f"page {place + 1} of {len(path)} on the path through the paper")
        if name != path[-1]:
            after = path[place + 1]
            st.page_link(script(after), label=f"Next: **{page(after).title}**, {READING_PATH[after]} →")
