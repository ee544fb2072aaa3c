"""The page's own style and the names of its scripts within Streamlit's page, both there from the first moment on.

Streamlit sends its page empty: white until a megabyte of scripts has run, then in a narrow column until the server's
first answer. With the style in it the ground, the header and the width are right before that, and nothing moves when
the rest comes; the components' modules are read meanwhile. A line of script says there which theme was chosen, where it
is not the system's, and another one opens a page again that Streamlit has lost.
"""

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.shared import page_registry
from dashboard.shared.blob_server import gzipped, takes_gzip
from dashboard.shared.streamlit_internals import OURS

STYLE = Path(__file__).parents[1] / "style.css"
OF_THE_FILE = (  # what holds for Streamlit's file alone, asked and answered
    b"accept-encoding", b"if-none-match", b"if-modified-since", b"range", b"content-length", b"etag", b"last-modified",
    b"accept-ranges", b"vary",
)  # fmt: skip
END = b"</body>"  # after Streamlit's own rules, so that these are the last word


class FirstPaint:
    """Writes style.css and the names of modules into each page that is answered; passes all else on."""

    def __init__(self, served: ASGIApp) -> None:
        self.served = served
        scripts = "".join(f"<script>{script}</script>\n" for script in OURS)
        self.style = f"<style>\n{STYLE.read_text('utf-8')}</style>\n{scripts}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and asks_for_a_page(Request(scope)):
            told = await asyncio.to_thread(modules, scope["path"])
            send = Styled(send, self.style + told, takes_gzip(Request(scope)))
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0].lower() not in OF_THE_FILE]}
        await self.served(scope, receive, send)


def modules(path: str) -> bytes:
    """Links to the modules of the page at this path, whatever path the server is reached at."""
    from dashboard.shared import components  # not before the server serves

    last = path.rsplit("/", 1)[-1]
    page = last if last in page_registry.PAGES else page_registry.PAGES[0]
    links = (f'<link rel="modulepreload" href="./static/components/{at}">' for at in components.of_page(page))
    return ("\n".join(links) + "\n").encode()


class Styled:
    """Collects an answer that is a page, and sends it with the style before its end."""

    def __init__(self, send: Send, style: bytes, gzip: bool) -> None:
        self.send, self.style, self.gzip = send, style, gzip
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and is_page(message):
            self.start = message
        elif self.start is None:
            await self.send(message)
        else:
            self.body += message.get("body", b"")
            if not message.get("more_body", False):
                await self.finish(self.start)

    async def finish(self, start: Message) -> None:
        body = self.body.replace(END, self.style + END, 1)
        headers = [pair for pair in start["headers"] if pair[0].lower() not in OF_THE_FILE]
        if self.gzip:
            body = gzipped(body)
            headers += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
        await self.send({**start, "headers": [*headers, (b"content-length", b"%d" % len(body))]})
        await self.send({"type": "http.response.body", "body": body})


def asks_for_a_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def is_page(start: Message) -> bool:
    """Whether an answer is Streamlit's page, and no file that somebody takes along."""
    headers = {name.lower(): value for name, value in start["headers"]}
    kept = headers.keys() & {b"content-encoding", b"content-disposition"}
    return start["status"] == 200 and b"text/html" in headers.get(b"content-type", b"") and not kept
