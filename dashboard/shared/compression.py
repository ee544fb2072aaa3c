"""Streamlit's scripts and styles with gzip, compressed once per file: Streamlit sends them as they are, 2.5 MB of them.

They have their hash in their name, so what was read once holds as long as the server runs.
"""

import asyncio
from typing import NamedTuple

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.shared.blob_server import gzipped, takes_gzip
from dashboard.shared.streamlit_internals import ASSET

KEPT = (b"cache-control", b"content-type", b"last-modified")


class Asset(NamedTuple):
    headers: list[tuple[bytes, bytes]]
    body: bytes


class CompressedAssets:
    """Answers requests for what it has compressed before; reads the rest from the application it wraps."""

    def __init__(self, served: ASGIApp) -> None:
        self.served = served
        self.assets: dict[str, Asset] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not wanted(scope):
            await self.served(scope, receive, send)
        elif asset := self.assets.get(scope["path"]) or await self.read(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": asset.headers})
            await send({"type": "http.response.body", "body": asset.body})

    async def read(self, scope: Scope, receive: Receive, send: Send) -> Asset | None:
        """What the application answers, compressed; None: it is no script or style, and has been sent.

        The answer is kept for all who come later, so it is read to its end even if this visitor leaves: `receive` would
        say so, and the application would stop in the middle of the file.
        """
        heard = Heard(send)
        await self.served(scope, nobody_leaves, heard)
        if not heard.whole:
            return None
        if not heard.complete():
            raise RuntimeError(f"Streamlit's {scope['path']} ended before its last byte; it was not kept.")
        asset = self.assets[scope["path"]] = await asyncio.to_thread(compressed, heard.headers, heard.body)
        return asset


async def nobody_leaves() -> Message:
    return await asyncio.get_running_loop().create_future()  # for ever


def wanted(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or not ASSET.fullmatch(scope["path"]):
        return False
    request = Request(scope)
    return takes_gzip(request) and not {"range", "if-none-match", "if-modified-since"} & set(request.headers)


def compressed(headers: list[tuple[bytes, bytes]], body: bytes) -> Asset:
    body = gzipped(body)
    own = [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"), (b"content-length", b"%d" % len(body))]
    return Asset([pair for pair in headers if pair[0].lower() in KEPT] + own, body)


class Heard:
    """Collects an answer with a whole script or style sheet; passes any other on."""

    def __init__(self, send: Send) -> None:
        self.send, self.whole, self.headers, self.body, self.ended = send, False, [], b"", False

    def complete(self) -> bool:
        """Whether the last byte has come: the application said so, and as many came as it had announced."""
        announced = {name.lower(): value for name, value in self.headers}.get(b"content-length")
        return self.ended and announced in (None, b"%d" % len(self.body))

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kinds = {name.lower(): value for name, value in message["headers"]}
            kind = kinds.get(b"content-type", b"")  # an unknown file is answered with Streamlit's page
            self.whole = message["status"] == 200 and (b"javascript" in kind or b"css" in kind)
            self.whole &= b"content-encoding" not in kinds
            self.headers = list(message["headers"])
        if self.whole:
            self.body += message.get("body", b"")
            self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        else:
            await self.send(message)
