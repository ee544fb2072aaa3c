"""How the room comes along: the address that phones reach, and its QR code."""

import logging
import os
import re
import socket
from urllib.parse import urlsplit

import streamlit as st

from dashboard.kl.lecture import links
from dashboard.shared import access

VARIABLE = "VAE_LAB_ADDRESS"
SITE = re.compile(r"https?://[a-z0-9.\[\]:-]+(/[\w./~-]*)?", re.IGNORECASE | re.ASCII)
LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")
ELSEWHERE = ("192.0.2.1", 9)  # nothing is sent there: it tells which way would be taken

log = logging.getLogger("vae_lab")


def invitation() -> dict | None:
    """What the lecture's page knows of the hall; None: no browser has the page, so it is being saved."""
    page = st.context.url
    if not page:
        return None
    vote = vote_address(page)
    lecture = f"{vote.removesuffix('vote')}kl"
    return {
        "presides": presides(page), "vote": vote, "code": links.code(vote) if vote else None,
        "lecture": {"address": lecture, "code": links.code(lecture)} if vote else None,
    }  # fmt: skip


def presides(page: str) -> bool:
    """As routes.py has it, for the page's own run."""
    if access.secret():
        return access.presents()
    return LOOPBACK.fullmatch(urlsplit(page).hostname or "") is not None and st.context.ip_address is None


def vote_address(page: str) -> str:
    """The address of the phone's page; "" where no phone reaches this server.

    VAE_LAB_ADDRESS; else where this browser has the page, if that is no name for this machine alone; else this
    machine's address in its network, if the server listens there.
    """
    here = urlsplit(page)
    base = here.path.rsplit("/", 1)[0]
    if chosen := named():
        return f"{chosen}/vote"
    if LOOPBACK.fullmatch(here.hostname or "") is None:
        return f"{here.scheme}://{here.netloc}{base}/vote"
    if LOOPBACK.fullmatch(st.get_option("server.address") or "") or not (own := own_address()):
        return ""
    return f"{here.scheme}://{own}:{here.port or 80}{base}/vote"


def named() -> str:
    """VAE_LAB_ADDRESS, if it is an address of a server."""
    text = os.environ.get(VARIABLE, "").strip().rstrip("/")
    if text and not SITE.fullmatch(text):
        log.error(
            "%s is %r, which is no address of a server: write http://host:8501. It is not used.", VARIABLE, text[:80]
        )
        return ""
    return text


def own_address() -> str:
    """This machine's address in its network; "" where it is in none."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
            way.connect(ELSEWHERE)
            found = way.getsockname()[0]
    except OSError:
        return ""
    return "" if LOOPBACK.fullmatch(found) else found
