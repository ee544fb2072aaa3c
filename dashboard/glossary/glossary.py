"""Glossary: the terms of the pages, with the page where each can be seen."""

import streamlit as st

from dashboard.glossary import terms
from dashboard.shared import page_elements
from dashboard.shared.section import section


@section("This page")
def page() -> None:
    page_elements.claim("What the words mean", "and where each can be seen.")
    st.button("Take the tour", key="tour-again", on_click=lambda: st.session_state.update(begin_tour=True))
    with section("The list of terms"):
        st.html(terms.as_html())
    if st.session_state.pop("begin_tour", False):
        st.session_state["tour step"] = 0
        st.session_state.pop("tour went", None)
        st.rerun()


page()
