"""A short article below a page's figure, whose links set what stands above it: <a data-set="back=holes">holes</a>."""

from pathlib import Path
from urllib.parse import parse_qsl

import streamlit as st

from dashboard.shared import page_registry, url_state
from dashboard.shared.components import component
from dashboard.shared.section import section

article = component("shared/article/article.js")


@section("The article below")
def draw(page: str, text: Path, **facts: str) -> None:
    """The text of a page, an HTML file with {names} for the facts of the model in front of the reader."""
    written = text.read_text("utf-8").format_map(facts)
    article(key="article", data={"text": written}, on_set_change=lambda: follow(page, st.session_state.article.set))


def follow(page: str, wanted: str) -> None:
    """Puts what a link sets into the address, as if a hand had set it; only what the page reads from there."""
    with url_state.one_entry():
        for key, text in parse_qsl(wanted, keep_blank_values=True):
            if key not in page_registry.page(page).url_keys:
                continue
            url_state.keep(key, text) if text else url_state.forget(key)
