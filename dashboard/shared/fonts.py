"""Streamlit's fonts over a slow line: its serif with the letters of our pages only, its icons after everything else.

Source Serif is 776 kB, of which we set titles and symbols. fonts/ holds it in the weights that style.css asks for
(Roman 400 to 600, Italic 600), with Latin, Greek and mathematical signs: 83 kB. Other letters come from the system's
serif. The files were made with fontTools, from Streamlit's own, and carry another name as their licence (SIL Open Font
License 1.1) asks for; copyright and licence stand in their name tables.
"""

import asyncio
import re
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.shared.blob_server import FOREVER

FONTS = Path(__file__).parent / "fonts"
SERIF = re.compile(r".*/static/media/SourceSerif[^/]*-(Roman|Italic)\.[^/]*woff2")
ICONS = re.compile(r".*/static/media/MaterialSymbols[^/]*\.woff2")
ICONS_WAIT = 3.0  # seconds; 375 kB that Streamlit asks for before the page. style.css draws the arrows that ours need


def on_this_machine(scope: Scope) -> bool:
    """Whether the browser runs where the server does, so that no line is slow; one behind a proxy does not."""
    here = (scope.get("client") or ("", 0))[0] in ("127.0.0.1", "::1")
    return here and b"x-forwarded-for" not in dict(scope["headers"])


class Fonts:
    """Answers requests for the serif itself and passes on all others, those from elsewhere for icons a while later."""

    def __init__(self, served: ASGIApp, wait: float = ICONS_WAIT) -> None:
        self.served, self.wait = served, wait

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" and scope["method"] == "GET" else ""
        answer: ASGIApp = self.served
        if serif := SERIF.fullmatch(path):
            content = (FONTS / f"serif-{serif[1].lower()}.woff2").read_bytes()
            answer = Response(content, headers={"cache-control": FOREVER}, media_type="font/woff2")
        elif ICONS.fullmatch(path) and not on_this_machine(scope):
            await asyncio.sleep(self.wait)
        await answer(scope, receive, send)
