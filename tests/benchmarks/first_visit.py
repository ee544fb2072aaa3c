"""A first visit and a reload of Explore over a slow line: bytes, by kind, and seconds until an image is on screen.

The line is a proxy in this process that lets `rate` bytes a second through for all connections together and holds each
piece back for half of the latency: what it counts is what travels, websocket messages included, as they are compressed.
"""

import asyncio
import contextlib
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests.server import CHROMIUM, ROOT, served

SLOW = 100_000  # bytes a second
LATENCY = 0.05  # seconds, there and back
PIECE = 4096  # bytes that are let through at a time
INSIDE = """const inside = (root) => root.querySelector(".drawn") ??
  [...root.querySelectorAll("*")].map((e) => e.shadowRoot && inside(e.shadowRoot)).find(Boolean);"""
# The canvas of the decoded image shows more than one grey; the decoder answers the hand.
IMAGE = f"""() => {{ {INSIDE} const canvas = inside(document);
  if (!canvas?.width || !canvas.getBoundingClientRect().width) return false;
  const all = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return all.some((value, k) => k % 4 === 0 && value !== all[0]); }}"""
LIVE = "() => window.vaeLab && [...window.vaeLab.shelf.values()].some((item) => item.layers)"
KINDS = {"js": "scripts", "css": "styles", "woff2": "fonts"}


class Visit(NamedTuple):
    image: float  # seconds until the first image
    live: float  # seconds until the decoder can be dragged
    received: int  # bytes by then
    kinds: dict[str, int]  # bytes after decompression of websocket messages, on the wire for the others


class Line:
    """A proxy to `address` at a number of bytes a second in either direction; None: as fast as it goes."""

    def __init__(self, address: str, rate: float | None) -> None:
        self.to, self.rate, self.received = urlsplit(address), rate, 0
        self.free = 0.0  # when the line has room again
        self.loop = asyncio.new_event_loop()

    async def connect(self, browser: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, there = await asyncio.open_connection(self.to.hostname, self.to.port)
        with contextlib.suppress(asyncio.CancelledError):  # the line is taken down
            await asyncio.gather(
                self.send(browser, there, False), self.send(server, back, True), return_exceptions=True
            )

    async def send(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, counted: bool) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(16)

        async def arrive() -> None:
            while (piece := await waiting.get())[1]:
                await asyncio.sleep(max(0, piece[0] - time.monotonic()))
                target.write(piece[1])
                await target.drain()
            target.close()

        arriving = asyncio.ensure_future(arrive())
        while piece := await source.read(PIECE):
            if counted:
                self.received += len(piece)
                if self.rate:
                    self.free = max(self.free, time.monotonic()) + len(piece) / self.rate
                    await asyncio.sleep(max(0, self.free - time.monotonic()))
            await waiting.put((time.monotonic() + (LATENCY / 2 if self.rate else 0), piece))
        await waiting.put((0, b""))
        await arriving


@contextlib.contextmanager
def line(address: str, rate: float | None) -> Iterator[tuple[str, Line]]:
    through = Line(address, rate)
    threading.Thread(target=through.loop.run_forever, daemon=True).start()
    starting = asyncio.start_server(through.connect, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(starting, through.loop).result(10)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", through
    finally:
        asyncio.run_coroutine_threadsafe(hang_up(server), through.loop).result(10)
        through.loop.call_soon_threadsafe(through.loop.stop)


async def hang_up(server: asyncio.Server) -> None:
    server.close()
    talking = asyncio.all_tasks() - {asyncio.current_task()}
    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)


def measure(root: Path = ROOT, rate: float | None = SLOW) -> dict[str, Visit]:
    """A first visit with nothing cached, and a reload, of a server that has been up for a while."""
    with tempfile.TemporaryDirectory() as cache, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        program = root / "dashboard" / "app.py"
        with served(program, VAE_CACHE_DIR=cache) as address, line(address, rate) as (url, through):
            time.sleep(3)  # it has imported what its first page needs
            found = visits(browser, url, through)
        browser.close()
    return found


def visits(browser: Browser, url: str, through: Line) -> dict[str, Visit]:
    from_afar = {"X-Forwarded-For": "192.0.2.1"}  # for a browser on its own machine the server spares the line less
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, bypass_csp=True, extra_http_headers=from_afar
    )
    page = context.new_page()
    found = {"first visit": visit(page, through, lambda: page.goto(url, wait_until="commit"))}
    page.wait_for_timeout(8000)  # what the page reads afterwards has arrived
    found["reload"] = visit(page, through, lambda: page.reload(wait_until="commit"))
    context.close()
    return found


def visit(page: Page, through: Line, go) -> Visit:
    talk, kinds, kind_of = page.context.new_cdp_session(page), defaultdict(int), {}
    talk.send("Network.enable")
    talk.on("Network.responseReceived", lambda e: kind_of.update({e["requestId"]: kind(e["response"]["url"])}))
    talk.on("Network.dataReceived", lambda e: add(kinds, kind_of.get(e["requestId"], "other"), e["encodedDataLength"]))
    talk.on("Network.webSocketFrameReceived", lambda e: add(kinds, "messages", size(e["response"])))
    before, began = through.received, time.perf_counter()
    go()
    page.wait_for_function(IMAGE, polling=20, timeout=180_000)
    image = time.perf_counter() - began
    page.wait_for_function(LIVE, polling=20, timeout=180_000)
    live = time.perf_counter() - began
    page.wait_for_timeout(500)
    talk.detach()
    return Visit(image, live, through.received - before, dict(kinds))


def add(kinds: dict[str, int], kind: str, count: int) -> None:
    kinds[kind] += count


def kind(url: str) -> str:
    path = urlsplit(url).path
    return "blobs" if "/blobs/" in path else KINDS.get(path.rsplit(".", 1)[-1], "other")


def size(frame: dict) -> int:
    return len(frame["payloadData"]) * 3 // 4 if frame["opcode"] == 2 else len(frame["payloadData"])


def told(name: str, found: Visit) -> str:
    parts = ", ".join(f"{kind} {count / 1e3:,.0f}" for kind, count in sorted(found.kinds.items(), key=lambda k: -k[1]))
    return f"{name:12} image {found.image:6.1f} s, live {found.live:6.1f} s, {found.received / 1e3:7,.0f} kB ({parts})"


if __name__ == "__main__":
    trees = [Path(argument) for argument in sys.argv[1:]] or [ROOT]  # other checkouts are measured in turn
    for rate in (SLOW, None):
        for tree in trees:
            print(f"{rate / 1e3:.0f} kB/s" if rate else "as fast as it goes", tree)
            for name, found in measure(tree, rate).items():
                print(told(name, found), flush=True)
