"""A lecture hall: many sessions on one server, each asking for another point once a second, without browsers.

Each session speaks Streamlit's own protocol over its websocket: the page of an address, drawn in full, from the request
to the end of the script. A training may run beside them.
"""

import asyncio
import statistics
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect


class Hall(NamedTuple):
    sessions: int
    median: float  # milliseconds from a request to the end of its script
    slow: float  # 95th percentile
    rate: float  # pages drawn per second
    memory: float  # MB, resident, of the server afterwards


def fill(address: str, sessions: int, seconds: float) -> Hall:
    """`sessions` visitors of Explore for so long; each moves once a second."""
    port = f"--server.port={urlsplit(address).port}"
    pid = next(path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if port in _read(path))
    times = asyncio.run(_everybody(address, sessions, seconds))
    times.sort()
    return Hall(sessions, statistics.median(times), times[int(0.95 * len(times))], len(times) / seconds, resident(pid))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def resident(pid: str) -> float:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * 4096 / 1e6


async def _everybody(address: str, sessions: int, seconds: float) -> list[float]:
    parts = await asyncio.gather(*(_visitor(address, n / sessions, seconds) for n in range(sessions)))
    return [t for part in parts for t in part]


async def _visitor(address: str, offset: float, seconds: float) -> list[float]:
    """Milliseconds of each page."""
    stream = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    async with connect(stream, subprotocols=["streamlit"], max_size=None) as socket:
        await _page(socket, "model=mnist-2d")
        await asyncio.sleep(offset)
        times, end, n = [], time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            began, n = time.perf_counter(), n + 1
            await _page(socket, f"model=mnist-2d&z={0.01 * (n % 200):.2f},{offset:.3f}")
            took = time.perf_counter() - began
            times.append(1000 * took)
            await asyncio.sleep(max(0.0, 1 - took))
        return times


async def _page(socket, query: str) -> None:
    ask = BackMsg()
    ask.rerun_script.query_string = query
    await socket.send(ask.SerializeToString())
    while True:
        heard = ForwardMsg.FromString(await socket.recv())
        if heard.WhichOneof("type") == "script_finished":
            return
