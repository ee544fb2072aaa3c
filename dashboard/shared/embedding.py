"""Other sites that may show these pages in a frame: course pages, named in VAE_LAB_EMBED.

VAE_LAB_EMBED="https://moodle.uni.edu https://*.school.org:8443" lets these do so; without it only this server's own
pages may. `?embed=true` in the frame's address leaves out the navigation and the tour.
"""

import logging
import os
import re

import streamlit as st

from dashboard.shared import page_elements

VARIABLE = "VAE_LAB_EMBED"
ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?", re.IGNORECASE)
ALONE = (
    "Inside another page your browser may refuse to send files: "
    '<a href="{page}" target="_blank" rel="noopener">open this page in a tab of its own</a> to use your own images.'
)

log = logging.getLogger("vae_lab")


def origins() -> list[str]:
    """Those of VAE_LAB_EMBED that are origins; each other word is logged and left out."""
    found = []
    for word in os.environ.get(VARIABLE, "").replace(",", " ").split():
        if ORIGIN.fullmatch(word):
            found.append(word)
        else:
            log.error(
                "%s has %r, which is no address of a site: write https://host, or https://*.host for all below it. It "
                "may not show these pages.",
                VARIABLE, word[:80],
            )  # fmt: skip
    return found


def frame_ancestors() -> str:
    """For the content security policy."""
    return " ".join(["'self'", *origins()])


def embedded() -> bool:
    """Whether this visitor sees the page in a frame that asked for it."""
    return st.context.is_embedded


def offer_tab(page: str) -> None:
    """Where files are taken: in a frame, the way out of it."""
    if embedded():
        page_elements.sentence(ALONE.format(page=page), "notice")
