"""What the hall tells its phones and its presenter, as it changes: server-sent events, each the whole state.

One task looks for changes, writes each message once, and wakes all who listen; so a phone costs a connection and the
name of a message. A browser that loses its connection opens another one by itself, and is told everything again.
"""

import asyncio
import json
from typing import Any

from starlette.types import Receive, Scope, Send

from dashboard.kl.hall.state import Hall

LISTENERS = 3000  # in one process
LOOK = 0.05  # seconds between two looks for changes
BEAT = 15.0  # seconds of silence before a sign of life, which keeps proxies from ending it
STUCK = 20.0  # seconds that a phone which sleeps may take for a message
HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
BEGIN = b"retry: 1000\n\n"  # ms until a browser tries again


class Streams:
    """All that listen in this process."""

    def __init__(self, hall: Hall) -> None:
        self.hall, self.listening, self.looking = hall, 0, None
        self.seen, self.ended = -1, False
        self.messages = {False: b"", True: b""}  # by whether it is everything
        self.turns: dict[bool, asyncio.Future] = {}  # done when there is another message

    def open(self, everything: bool) -> "Stream":
        return Stream(self, everything)

    def look(self) -> None:
        """Writes the messages, if something has changed; where another thread has the hall, at the next look."""
        if not self.hall.lock.acquire(blocking=False):
            return
        try:
            self.hall.catch_up()
            if self.hall.version == self.seen:
                return
            self.seen, public = self.hall.version, shown(self.hall)
            messages = {False: event(public), True: event(public | counted(self.hall))}
        finally:
            self.hall.lock.release()
        for everything, message in messages.items():
            if message != self.messages[everything]:
                self.messages[everything] = message
                self.wake(everything)

    def wake(self, everything: bool) -> None:
        turn, self.turns[everything] = self.turns.get(everything), asyncio.get_running_loop().create_future()
        if turn and not turn.done():
            turn.set_result(None)

    async def keep_looking(self) -> None:
        while self.listening and not self.ended:
            self.look()
            await asyncio.sleep(LOOK)
        self.looking = None

    def end(self) -> None:
        """The server stops, and waits for everything that is being sent."""
        self.ended = True
        for everything in self.messages:
            self.wake(everything)


class Stream:
    """One who listens."""

    def __init__(self, streams: Streams, everything: bool) -> None:
        self.streams, self.everything = streams, everything

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streams = self.streams
        if streams.listening >= LISTENERS or streams.ended:
            await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"5")]})
            await send({"type": "http.response.body", "body": b"The hall is full."})
            return
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        gone = asyncio.ensure_future(left(receive))
        streams.listening += 1
        try:
            if not streams.turns:
                streams.wake(False)
                streams.wake(True)
            streams.look()
            if streams.looking is None:
                streams.looking = asyncio.ensure_future(streams.keep_looking())
            await self.send_all(send, gone)
            await send({"type": "http.response.body", "body": b""})
        except (OSError, TimeoutError):  # it sleeps, or is gone
            pass
        finally:
            streams.listening -= 1
            gone.cancel()

    async def send_all(self, send: Send, gone: asyncio.Future) -> None:
        told, body = b"", BEGIN
        while not gone.done() and not self.streams.ended:
            turn, message = self.streams.turns[self.everything], self.streams.messages[self.everything]
            if message is not told:
                body, told = body + message, message
            if body:
                await asyncio.wait_for(send({"type": "http.response.body", "body": body, "more_body": True}), STUCK)
            done, _ = await asyncio.wait({turn, gone}, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
            body = b"" if done else b": still here\n\n"


async def left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def event(state: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(state, separators=(",", ":"), ensure_ascii=False).encode() + b"\n\n"


def shown(hall: Hall) -> dict[str, Any]:
    """What everybody may know."""
    question, place = hall.asking(), hall.place
    state = {"place": place, "results": hall.results(), "question": question.shown() if question else None}
    if question and place["phase"] == "marked":
        tally = hall.tally(question.round)
        few = {key: tally[key] for key in ("count", "right", "bars") if key in tally}
        state["answer"] = question.answer() | {"tally": few}
    return state


def counted(hall: Hall) -> dict[str, Any]:
    """What the presenter knows besides: every vote, and who leads."""
    question = hall.asking()
    known = {"began": hall.began, "leader": hall.leader, "tally": None, "key": None}
    if question:
        known |= {"tally": hall.tally(question.round), "key": question.answer()}
    return known
