"""Four words that every page uses: where each first stands, it opens its entry of the glossary."""

import streamlit as st

from dashboard.glossary import terms
from dashboard.shared.components import component

popover = component("glossary/popover.js")

WORDS = {  # as a page writes it: the term
    "ELBO": "evidence lower bound",
    "KL": "KL of the code",
    "prior": "prior",
    "nat": "nat",
}


def explain(page: str) -> None:
    known = [{"word": word} | terms.shown(terms.named(name)) for word, name in WORDS.items()]
    with st.container(key="words-shelf"):
        popover(key="words", data={"page": page, "terms": [] if page == "glossary" else known})
