"""Glossary: every term of the pages in a sentence, with the page where it can be seen."""

import streamlit as st

from dashboard import glossary, prose


def page() -> None:
    prose.claim("Every word, in a sentence", "and where it can be seen.")
    st.button(
        "Take the tour", key="tour-again", type="tertiary", on_click=lambda: st.session_state.update(begin_tour=True)
    )
    st.html(glossary.as_html())
    if st.session_state.pop("begin_tour", False):
        st.session_state["tour step"] = 0
        st.session_state.pop("tour went", None)
        st.rerun()


page()
