"""Words that open their entry of the glossary: four where each first stands on a page, and those that a page marks."""

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
MARKED = {  # by `term` of shared/js/html.js
    "primer": [
        "information", "nat", "entropy", "density", "cross-entropy", "Kullback–Leibler divergence",
        "prior", "likelihood", "decoder", "posterior",
    ],
    "algorithm": ["score function", "nat"],
}  # fmt: skip


def explain(page: str) -> None:
    known = [{"word": word} | terms.shown(terms.named(name)) for word, name in WORDS.items()]
    marked = [terms.shown(terms.named(name)) for name in MARKED.get(page, ())]
    with st.container(key="words-shelf"):
        popover(key="words", data={"page": page, "terms": [] if page == "glossary" else known, "marked": marked})
