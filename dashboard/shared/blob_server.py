"""Decoders, codes and pictures at blobs/<sha256 of what is sent>: a browser reads each once and keeps it for good.

An address tells nothing and cannot be guessed. The server keeps the last ones, and again what any page shows; a browser
that finds one gone asks its page, which sends it through the websocket (browser_blobs.js).

What is sent (js/blob_encoding.js reads it), little-endian: uint32 start and count, then the blob, in which the
`count` float32 numbers from byte `start` on are float16 where that changes none of them: all their low bytes, then all
their high bytes. Bundled models are stored in float16, so nothing of theirs is lost.
"""

import asyncio
import hashlib
import json
import re
import struct
import threading
import zlib
from collections import OrderedDict
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

SMALL = 8_000  # bytes; a message carries them sooner than another request would
ROOM = 2**26  # bytes of blobs that are kept, as they are sent, plain and compressed
ADDRESS = re.compile(r".*/blobs/([0-9a-f]{64})")  # below whatever path the server is reached at
FOREVER = "public, max-age=31536000, immutable"


class Sent(NamedTuple):
    """A blob as it is sent."""

    name: str  # the sha256 of `content`
    content: bytes
    halved: bool


class Blobs:
    """What is published, the most recently used last; all sessions and the server's own thread share it."""

    def __init__(self, room: int = ROOM) -> None:
        self.room, self.lock = room, threading.Lock()
        self.names: dict[bytes, str] = {}  # by their heads, for each tells the hash of what follows it
        self.published: OrderedDict[str, tuple[bytes, Sent]] = OrderedDict()  # with their heads
        self.gzipped: dict[str, bytes] = {}

    def publish(self, blob: bytes) -> str:
        """The name under which a browser finds it from now on."""
        head = blob[: length_of_head(blob)]
        with self.lock:
            if name := self.names.get(head):
                self.published.move_to_end(name)
                return name
        sent = packed(blob)
        with self.lock:
            self.names[head] = sent.name
            self.published[sent.name] = head, sent
            while self.size() > self.room and len(self.published) > 1:
                name, (oldest, _) = self.published.popitem(last=False)
                self.gzipped.pop(name, None)
                self.names.pop(oldest, None)
        return sent.name

    def prepare(self, blob: bytes) -> None:
        """So that the first browser that asks for it need not wait."""
        if sent := self.find(self.publish(blob)):
            self.compressed(sent)

    def size(self) -> int:
        return sum(len(sent.content) for _, sent in self.published.values()) + sum(map(len, self.gzipped.values()))

    def find(self, name: str) -> Sent | None:
        with self.lock:
            if name not in self.published:
                return None
            self.published.move_to_end(name)
            return self.published[name][1]

    def compressed(self, sent: Sent) -> bytes:
        """With gzip, computed once."""
        if (known := self.gzipped.get(sent.name)) is None:
            known = gzipped(sent.content, zlib.Z_RLE if sent.halved else zlib.Z_DEFAULT_STRATEGY)
            with self.lock:
                if sent.name in self.published:
                    self.gzipped[sent.name] = known
        return known


def length_of_head(blob: bytes) -> int:
    """Bytes before the arrays."""
    (length,) = struct.unpack("<I", blob[:4])
    return 4 + length


def gzipped(content: bytes, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> bytes:
    work = zlib.compressobj(6, wbits=31, strategy=strategy)
    return work.compress(content) + work.flush()


def packed(blob: bytes) -> Sent:
    """A blob as the module's docstring describes it."""
    import numpy as np  # not before the server serves

    start = length_of_head(blob)
    head = json.loads(blob[4:start])
    count = (len(blob) - start) // 4 if "layers" in head else head.get("floats", 0)
    values = np.frombuffer(blob, "<f4", count, start)
    with np.errstate(over="ignore"):
        half = values.astype("<f2")
    halved = count > 0 and bool(np.isfinite(half).all()) and np.array_equal(half.astype("<f4"), values)
    planes = half.view(np.uint8).reshape(-1, 2).T.tobytes() if halved else values.tobytes()
    content = struct.pack("<II", start, count if halved else 0) + blob[:start] + planes + blob[start + 4 * count :]
    return Sent(hashlib.sha256(content).hexdigest(), content, halved)


def unpacked(content: bytes) -> bytes:
    """The blob that was packed."""
    import numpy as np

    (start, count), sent = struct.unpack("<II", content[:8]), content[8:]
    halves = np.frombuffer(sent, np.uint8, 2 * count, start).reshape(2, count).T.copy().view("<f2")
    return sent[:start] + halves.astype("<f4").tobytes() + sent[start + 2 * count :]


BLOBS = Blobs()


class BlobServer:
    """Answers requests for blobs itself and passes on all others."""

    def __init__(self, served: ASGIApp, blobs: Blobs = BLOBS) -> None:
        self.served, self.blobs = served, blobs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and ADDRESS.fullmatch(scope["path"])
        answer = await self.answer(Request(scope), asked[1]) if asked else self.served
        await answer(scope, receive, send)

    async def answer(self, request: Request, name: str) -> Response:
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=405, headers={"allow": "GET, HEAD"})
        sent = self.blobs.find(name)
        if sent is None:
            return Response(status_code=404, headers={"cache-control": "no-store"})
        headers = {"cache-control": FOREVER, "etag": f'"{name}"', "vary": "accept-encoding"}
        if f'"{name}"' in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        content = sent.content
        if takes_gzip(request):
            content = await asyncio.to_thread(self.blobs.compressed, sent)
            headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(content))
        body = content if request.method == "GET" else b""
        return Response(body, headers=headers, media_type="application/octet-stream")


def takes_gzip(request: Request) -> bool:
    """Whether the browser reads gzip; ";q=0" means that it does not."""
    offers = [offer.replace(" ", "") for offer in request.headers.get("accept-encoding", "").lower().split(",")]
    return any(o.split(";")[0] == "gzip" and not re.fullmatch(r"gzip;q=0(\.0*)?", o) for o in offers)
