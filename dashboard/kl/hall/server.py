"""The hall's addresses, which no run of a page's script stands behind: 300 phones cost no more than their messages.

vote          the page of a phone; POST is its vote
vote/mine     what this phone has voted
vote/events   where the lecture is, as server-sent events
hall          the presenter's second window; POST moves the hall
hall/events   the same for the presenter, with the votes as they come

They lie below whatever path the server is reached at. routes.py answers; it is read when it is first asked.
"""

import asyncio
import re
import signal
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

ADDRESS = re.compile(r".*/(vote|hall)(?:/([\w.-]+))?", re.ASCII)
STOPS = (signal.SIGTERM, signal.SIGINT)
RUNNING: WeakSet["HallServer"] = WeakSet()


class HallServer:
    """Answers what concerns the hall, and passes on all else."""

    def __init__(self, served: ASGIApp) -> None:
        self.served, self.routes, self.opening = served, None, asyncio.Lock()
        RUNNING.add(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = ADDRESS.fullmatch(scope["path"]) if scope["type"] == "http" else None
        answer = None
        if asked:
            async with self.opening:
                self.routes = self.routes or await asyncio.to_thread(opened)
            answer = await self.routes.answer(Request(scope, receive), asked[1], asked[2] or "")
        await (answer or self.served)(scope, receive, send)


def opened() -> Any:
    from dashboard.kl.hall.routes import Routes
    from vae_core.paths import cache_folder

    return Routes(cache_folder() / "hall")


def end_streams_on_stop() -> None:
    """A server that is told to stop waits for everything it still sends; what never ends by itself ends then.

    Called within the server's loop, once it has its own handlers of signals.
    """
    loop = asyncio.get_running_loop()

    def end() -> None:
        for server in RUNNING:
            if server.routes:
                server.routes.streams.end()

    def ending(before: Any) -> Callable[[int, Any], None]:
        def handler(number: int, frame: Any) -> None:
            loop.call_soon_threadsafe(end)
            before(number, frame)

        return handler

    for number in STOPS:
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, ending(before))
