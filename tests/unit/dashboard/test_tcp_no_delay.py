"""Each answer of the server is sent at once, also from a socket that does not name TCP as its protocol."""

import asyncio
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from dashboard.shared import tcp_no_delay
from tests.server import ROOT


async def accepted() -> int:
    """TCP_NODELAY of a connection that a socket like the one Streamlit listens on has accepted: 0 is off."""
    found = asyncio.get_running_loop().create_future()

    def heard(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        found.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listening = socket.socket(family=socket.AF_INET)
    listening.bind(("127.0.0.1", 0))
    async with await asyncio.start_server(heard, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        switched = await asyncio.wait_for(found, 30)
        writer.close()
    return switched


def test_what_such_a_socket_accepts_sends_at_once(monkeypatch):
    monkeypatch.setattr(asyncio.base_events, tcp_no_delay.SWITCHED, asyncio.base_events._set_nodelay)
    tcp_no_delay.send_at_once()
    with ThreadPoolExecutor(1) as another:  # a test before this one may have left a loop in this thread
        assert another.submit(lambda: asyncio.run(accepted())).result()


def test_other_sockets_are_left_alone():
    one, other = socket.socketpair()  # of the family unix
    with one, other:
        tcp_no_delay.no_delay(one)


def test_the_server_switches_it_on():
    code = (
        "import asyncio; from dashboard import app;"
        "from dashboard.shared import tcp_no_delay;"
        "assert getattr(asyncio.base_events, tcp_no_delay.SWITCHED) is tcp_no_delay.no_delay"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)
