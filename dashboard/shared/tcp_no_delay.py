"""TCP_NODELAY for the server's connections: without it each answer but a connection's first waits 40 ms.

The head and the body of an answer are two small packets. By Nagle's algorithm the second waits until the browser has
acknowledged the first, which Linux puts off for 40 ms. asyncio switches that off where a socket names TCP as its
protocol; the one that Streamlit listens on names none, and so do all that it accepts. (The same in another server:
https://github.com/Kludex/uvicorn/issues/3149.)
"""

import asyncio
import socket

SWITCHED = "_set_nodelay"  # of asyncio.base_events: what it does to each new connection


def send_at_once() -> None:
    """From now on every TCP connection of this process's event loops sends what it is given without waiting."""
    if hasattr(asyncio.base_events, SWITCHED):
        setattr(asyncio.base_events, SWITCHED, no_delay)


def no_delay(connection: socket.socket) -> None:
    if connection.family in {socket.AF_INET, socket.AF_INET6} and connection.type == socket.SOCK_STREAM:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
