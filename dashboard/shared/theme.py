"""The choice of light, dark or the system's colours, at the right end of the header of every page."""

import streamlit as st

from dashboard.shared import page_registry
from dashboard.shared.components import component

theme = component("shared/theme.js")


def offer(page: str) -> None:
    """Streamlit keeps a theme per page, so the choice is kept for each of them, where it is read before all else."""
    with st.container(key="theme-shelf"):
        theme(key="theme", data={"page": page, "pages": page_registry.PAGES})
