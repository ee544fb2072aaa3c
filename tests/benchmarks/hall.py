"""A lecture hall: many sessions on one server, each asking for another point once a second, without browsers.

Each session speaks Streamlit's own protocol over its websocket: the page of an address, drawn in full, from the request
to the end of the script. A training may run beside them.
"""

import asyncio
import contextlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from tests.server import ROOT


class Hall(NamedTuple):
    sessions: int
    median: float  # milliseconds from a request to the end of its script
    slow: float  # 95th percentile
    rate: float  # pages drawn per second
    memory: float  # MB, resident, of the server afterwards
    cost: float  # milliseconds of processor that the server took for a page: hardly more on a busy machine


def fill(address: str, sessions: int, seconds: float) -> Hall:
    """`sessions` visitors of Explore for so long; each moves once a second."""
    server = process(address)
    asyncio.run(_first(address))
    before = used(server)
    times = asyncio.run(_everybody(address, sessions, seconds))
    times.sort()
    return Hall(
        sessions, statistics.median(times), times[int(0.95 * len(times))], len(times) / seconds, resident(server),
        1000 * (used(server) - before) / (len(times) + sessions),
    )  # fmt: skip


@contextlib.contextmanager
def empty_page() -> Iterator[Path]:
    """A program of Streamlit with one word on it, under the same options."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "dashboard" / ".streamlit", Path(folder) / ".streamlit")
        program = Path(folder) / "hello.py"
        program.write_text("import streamlit\n\nstreamlit.markdown('hello', help=None)\n")
        yield program


def process(address: str) -> str:
    """Of the server, its number."""
    port = f"--server.port={urlsplit(address).port}"
    return next(path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if port in _read(path))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def resident(pid: str) -> float:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * 4096 / 1e6


def used(pid: str) -> float:
    """Seconds of processor since it began."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _first(address: str) -> None:
    """For whom the images are read; they are there for the rest of the hour."""
    async with Session(address) as visitor:
        await visitor.draw("", "model=mnist-2d")
        await visitor.settle()


async def _everybody(address: str, sessions: int, seconds: float) -> list[float]:
    parts = await asyncio.gather(*(_visitor(address, n / sessions, seconds) for n in range(sessions)))
    return [t for part in parts for t in part]


async def _visitor(address: str, offset: float, seconds: float) -> list[float]:
    """Milliseconds of each page."""
    async with Session(address) as session:
        await session.draw("", "model=mnist-2d")
        await asyncio.sleep(offset)
        times, end, n = [], time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            began, n = time.perf_counter(), n + 1
            await session.draw("", f"model=mnist-2d&z={0.01 * (n % 200):.2f},{offset:.3f}")
            took = time.perf_counter() - began
            times.append(1000 * took)
            await asyncio.sleep(max(0.0, 1 - took))
        return times


class Session:
    """One visitor's websocket."""

    def __init__(self, address: str) -> None:
        stream = f"ws://{urlsplit(address).netloc}/_stcore/stream"
        self._connecting = connect(stream, subprotocols=["streamlit"], max_size=None)
        self._buttons: dict[str, str] = {}  # label: id
        self._again: dict[str, float] = {}  # fragments that the browser is to ask for, and how often
        self._kept: dict[str, None] = {}  # hashes of the messages that a browser would have kept from the last page

    async def __aenter__(self) -> "Session":
        self._socket = await self._connecting
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    async def draw(self, page: str, query: str) -> None:
        """A page of an address, to the end of its script."""
        self.asked = BackMsg()
        self.asked.rerun_script.query_string = query
        self.asked.rerun_script.page_name = page
        self.asked.rerun_script.cached_message_hashes.extend(self._kept)
        self._kept = {}
        self._buttons, self._again = {}, {}
        await self.ask(self.asked)

    async def ask(self, message: BackMsg) -> None:
        await self._socket.send(message.SerializeToString())
        while await self._heard() != ForwardMsg.FINISHED_SUCCESSFULLY:
            pass

    async def _heard(self) -> int | None:
        """The next message; how the script ended, if that is what it says."""
        heard = ForwardMsg.FromString(await self._socket.recv())
        kind = heard.WhichOneof("type")
        if heard.metadata.cacheable or kind == "ref_hash":
            self._kept[heard.ref_hash or heard.hash] = None
        if kind == "auto_rerun":
            self._again[heard.auto_rerun.fragment_id] = heard.auto_rerun.interval
        elif kind == "delta" and heard.delta.new_element.WhichOneof("type") == "button":
            self._buttons[heard.delta.new_element.button.label] = heard.delta.new_element.button.id
        return heard.script_finished if kind == "script_finished" else None

    def button(self, label: str) -> str:
        return next(known for said, known in self._buttons.items() if label in said)

    async def linger(self, seconds: float) -> None:
        """Looks at the page, whose fragments ask again as they do in a browser."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min([left, *self._again.values()])):
                    while True:
                        if await self._heard() == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                            self._again = {}  # the page is drawn anew, with fragments of its own
            for fragment in list(self._again):
                again = BackMsg()
                again.rerun_script.CopyFrom(self.asked.rerun_script)
                again.rerun_script.fragment_id, again.rerun_script.is_auto_rerun = fragment, True
                await self._socket.send(again.SerializeToString())

    async def settle(self, most: float = 60.0) -> None:
        """Stays until the page lacks nothing any more."""
        end = time.monotonic() + most
        while self._again and time.monotonic() < end:
            await self.linger(0.5)
