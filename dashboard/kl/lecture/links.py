"""Each scene's address as a QR code, which a room can photograph."""

import segno
import streamlit as st

from dashboard.kl.lecture.lecture import SCENES
from dashboard.shared.caching import cached

BORDER = 2  # empty squares around a code
LONGEST = 300  # characters of an address that a phone's camera still reads from the last row


def codes() -> dict | None:
    """Of the address under which this browser has the page; None where it is not known, or too long."""
    page = st.context.url
    return drawn(page) if page and len(page) < LONGEST else None


@cached(max_entries=32)
def drawn(page: str) -> dict:
    """The codes by scene: the side in squares, and the dark ones as lines of an SVG path."""
    return {scene: code(f"{page}?scene={scene}") for scene in SCENES}


def code(address: str) -> dict:
    """One code, drawn so."""
    made = segno.make(address, micro=False, error="m")
    return {"side": made.symbol_size(border=BORDER)[0], "path": path(made)}


def path(code: segno.QRCode) -> str:
    return "".join(
        f"M{column} {row}.5h1"
        for row, squares in enumerate(code.matrix_iter(border=BORDER))
        for column, dark in enumerate(squares)
        if dark
    )
