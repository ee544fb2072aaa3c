"""Glossary: the terms of the pages with a small figure each, and the page where each can be seen."""

import streamlit as st

from dashboard.glossary import entries
from dashboard.shared import page_elements
from dashboard.shared.section import section


@section("This page")
def page() -> None:
    page_elements.claim("What the words mean", "Type to search; move over a picture to change it.")
    st.button("Take the tour", key="tour-again", on_click=begin_tour)
    with section("The list of terms"):
        entries.draw()


def begin_tour() -> None:
    st.session_state.update({"tour step": 0, "tour leaves": "glossary"})


page()
