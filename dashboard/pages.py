"""The navigation, and the set-up that all pages share; app.py serves them."""

import sys
from copy import copy
from pathlib import Path

HERE = Path(__file__).parent
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

import streamlit as st  # noqa: E402  the repository's root has to be on the path first

from dashboard.glossary import popover  # noqa: E402
from dashboard.shared import (  # noqa: E402
    access,
    callbacks,
    embedding,
    notices,
    reading_path,
    streamlit_internals,
    theme,
    url_state,
)
from dashboard.shared.page_registry import PAGES, navigation  # noqa: E402
from dashboard.shared.section import section  # noqa: E402
from dashboard.tour import tour  # noqa: E402

st.set_page_config("VAE Lab", page_icon=str(HERE / "icon.png"), layout="wide", initial_sidebar_state="collapsed")

# Streamlit's logo leads home; style.css writes the name over it, which is in the page's own fonts and colours.
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="74" height="24"></svg>'

if not embedding.embedded():
    st.logo(LOGO)
access.authenticate()
callbacks.guard()
streamlit_internals.tell_of_lost_pages(notices.no_page)
chosen = st.navigation(  # copies, for each run marks the page that it may draw
    {section: list(map(copy, pages)) for section, pages in navigation().items()},
    position="hidden" if embedding.embedded() else "top",
)
name = chosen.url_path or PAGES[0]
url_state.arrive(name)
if not embedding.embedded():
    with section("The theme"):  # in the header, which is there before a page that takes long
        theme.offer(name)
    with section("The tour"):
        tour.guide(name)
chosen.run()
if not embedding.embedded():
    with section("The way on"):
        reading_path.lead_on(name)
with section("The words"):
    popover.explain(name)
streamlit_internals.freeze_imports()
