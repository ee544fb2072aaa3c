"""Streamlit's scripts and styles with gzip, compressed once per file: Streamlit sends them as they are, 2.5 MB of them.

They have their hash in their name, so what was read once holds as long as the server runs.
"""

import asyncio
import re
from typing import NamedTuple

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.browser_blobs import gzipped, takes_gzip

ASSET = re.compile(r".*/static/.*\.(js|css)")
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
            return await self.served(scope, receive, send)
        path = scope["path"]
        if path not in self.assets:
            heard = Heard(send)
            await self.served(scope, receive, heard)
            if not heard.whole:
                return None
            self.assets[path] = await asyncio.to_thread(compressed, heard.headers, heard.body)
        asset = self.assets[path]
        await send({"type": "http.response.start", "status": 200, "headers": asset.headers})
        await send({"type": "http.response.body", "body": asset.body})


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
        self.send, self.whole, self.headers, self.body = send, False, [], b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kinds = {name.lower(): value for name, value in message["headers"]}
            kind = kinds.get(b"content-type", b"")  # an unknown file is answered with Streamlit's page
            self.whole = message["status"] == 200 and (b"javascript" in kind or b"css" in kind)
            self.whole &= b"content-encoding" not in kinds
            self.headers = list(message["headers"])
        if not self.whole:
            return await self.send(message)
        self.body += message.get("body", b"")
