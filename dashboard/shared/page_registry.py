"""The pages in the order of the navigation. A page is a folder whose package declares TITLE and URL_KEYS."""

from functools import cache
from importlib import import_module
from typing import NamedTuple

import streamlit as st

SECTIONS = {  # the pages of a section with a name share a menu
    "": ("explore", "manifold", "elbo", "kl", "compare", "train"),
    "Learn": ("primer", "algorithm", "gradients", "likelihood", "paper", "toy", "exercises", "glossary", "about"),
}
# The order in which Kingma & Welling (2014) is read: each page leads to the next, and says what it has of the paper.
READING_PATH = {
    "primer": "information, entropy, KL and Bayes’ theorem",
    "elbo": "section 2.2: the bound, and what it lacks",
    "algorithm": "sections 2.3 and 2.4: the six lines, and z = μ + σ ε",
    "gradients": "section 2.4: what that trick buys",
    "likelihood": "section 3 and appendix C: Bernoulli and Gaussian decoders",
    "kl": "appendix B: what the KL is for, a lecture",
    "paper": "section 5: its figures, computed again",
    "toy": "section 2.1: a true θ* that you know",
}
PAGES = tuple(page for pages in SECTIONS.values() for page in pages)


class Page(NamedTuple):
    title: str
    url_keys: tuple[str, ...]  # what the page reads from its address, and writes there on entry


@cache
def page(name: str) -> Page:
    declared = import_module(f"dashboard.{name}")
    return Page(declared.TITLE, declared.URL_KEYS)


def url_keys() -> set[str]:
    """Those of all pages."""
    return {key for name in PAGES for key in page(name).url_keys}


def script(name: str) -> str:
    """The page's script, as st.Page and st.switch_page name it."""
    return f"{name}/{name}.py"


@cache
def navigation() -> dict[str, list[st.Page]]:
    """The pages by their section. Made within the first run of a script: doing so asks the disk a hundred times."""
    return {
        section: [st.Page(script(name), title=page(name).title, default=name == PAGES[0]) for name in names]
        for section, names in SECTIONS.items()
    }
