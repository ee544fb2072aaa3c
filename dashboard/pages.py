"""The navigation, and the set-up that all pages share; app.py serves them."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

import streamlit as st  # noqa: E402  the repository's root has to be on the path first

from dashboard.shared import access, callbacks, streamlit_internals, url_state  # noqa: E402
from dashboard.shared.page_registry import PAGES, page, script  # noqa: E402
from dashboard.shared.section import section  # noqa: E402
from dashboard.tour import tour  # noqa: E402

st.set_page_config("VAE Lab", page_icon=str(HERE / "icon.png"), layout="wide", initial_sidebar_state="collapsed")
st.html(HERE / "style.css")


@st.cache_resource(show_spinner=False)
def settled() -> None:
    """Once, after the first page."""
    streamlit_internals.freeze_imports()


access.authenticate()
callbacks.guard()
chosen = st.navigation(
    [st.Page(script(name), title=page(name).title, default=name == PAGES[0]) for name in PAGES],
    position="top",
)
name = chosen.url_path or PAGES[0]
url_state.arrive(name)
chosen.run()
with section("The tour"):
    tour.guide(name)
settled()
