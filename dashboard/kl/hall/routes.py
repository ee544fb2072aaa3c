"""What stands behind each address of the hall (server.py).

Only the presenter moves the hall: with VAE_LAB_PRESENTER who has its cookie, without it a browser on this machine that
asks by this machine’s own name.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from dashboard.kl.hall import family, pages
from dashboard.kl.hall.passes import COOKIE, Passes
from dashboard.kl.hall.places import place_of
from dashboard.kl.hall.state import Hall, Refused
from dashboard.kl.hall.stream import Streams
from dashboard.shared import access
from dashboard.shared.blob_server import FOREVER, gzipped, takes_gzip
from dashboard.shared.fonts import on_this_machine

LARGEST = 2000  # bytes of what a phone or a presenter sends
LOOPBACK = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?")
YEAR = 31536000


class Routes:
    """Who asks for what, and what is answered."""

    def __init__(self, folder: Path | None) -> None:
        self.hall, self.passes = Hall(folder), Passes(folder)
        self.streams = Streams(self.hall)

    async def answer(self, request: Request, where: str, what: str) -> ASGIApp | None:
        """None: nothing of the hall."""
        way = self.way(request, where, what)
        try:
            return await way if way else None
        except Refused as refused:
            return said(str(refused), 409)
        except OSError:
            return said("The server cannot keep it: its disk is full or may not be written. Tell the presenter.", 503)

    def way(self, request: Request, where: str, what: str) -> Awaitable[Any] | None:
        ways: dict[tuple[str, str, str], Callable[[Request], Awaitable[Any]]] = {
            ("GET", "vote", ""): self.phone,
            ("POST", "vote", ""): self.vote,
            ("GET", "vote", "mine"): self.mine,
            ("GET", "vote", "events"): self.events,
            ("GET", "hall", ""): self.window,
            ("POST", "hall", ""): self.move,
            ("GET", "hall", "events"): self.tallies,
        }
        if way := ways.get((request.method, where, what)):
            return way(request)
        if request.method == "GET" and (script := pages.script(where, what)) is not None:
            return kept(request, script)
        return wrong_way() if any(key[1:] == (where, what) for key in ways) else None

    # Phones.

    async def phone(self, request: Request) -> Response:
        answer = Response(pages.page("vote"), media_type="text/html", headers={"cache-control": "no-store"})
        if self.voter(request) is None:
            if (issued := self.passes.issue()) is None:
                return said("Too many phones come at once: open this page again in a few seconds.", 503)
            secure = request.url.scheme == "https"
            answer.set_cookie(COOKIE, issued, max_age=YEAR, httponly=True, samesite="lax", secure=secure)
        return answer

    def voter(self, request: Request) -> str | None:
        return self.passes.voter(request.cookies.get(COOKIE, ""))

    async def vote(self, request: Request) -> Response:
        voter = self.voter(request)
        if voter is None:
            return said("This phone has no pass for this hall: open the page again, and allow its cookie.", 403)
        if not self.passes.allows(voter):
            return said("That was fast: wait a second, then send it again.", 429)
        told = await read(request)
        if isinstance(told, Response):
            return told
        try:
            round_, vote = told["round"], told["vote"]
        except (TypeError, KeyError):
            return said("That is no vote: choose an answer on the page.", 400)
        return said(await asyncio.to_thread(self.hall.vote, voter, str(round_), vote), 200)

    async def mine(self, request: Request) -> Response:
        voter = self.voter(request)
        await asyncio.to_thread(self.hall.catch_up)
        found = {round_: votes[voter] for round_, votes in self.hall.votes.copy().items() if voter in votes}
        return JSONResponse(found, headers={"cache-control": "no-store"})

    async def events(self, request: Request) -> Any:
        return self.streams.open(everything=False)

    # The presenter.

    async def window(self, request: Request) -> Response:
        if not presides(request):
            return said("Only the presenter has this window.", 403)
        return Response(pages.page("window"), media_type="text/html", headers={"cache-control": "no-store"})

    async def tallies(self, request: Request) -> Any:
        if not presides(request):
            return said("Only the presenter sees the votes as they come.", 403)
        return self.streams.open(everything=True)

    async def move(self, request: Request) -> Response:
        if not presides(request):
            return said("Only the presenter moves the hall.", 403)
        told = await read(request)
        if isinstance(told, Response):
            return told
        if told == {"clear": True}:
            await asyncio.to_thread(self.hall.clear)
            return said("All votes are gone.", 200)
        try:
            place, leader = place_of(told), str(told["leader"])[:40]
        except (TypeError, KeyError, ValueError, AttributeError):
            return said("That is no place in this lecture.", 400)
        await asyncio.to_thread(self._move, leader, place, told.get("begins") is True)
        return said("", 200)

    def _move(self, leader: str, place: dict[str, Any], begins: bool) -> None:
        question = family.asked().get(place["scene"]) if place["phase"] in ("asking", "marked") else None
        self.hall.move(leader, place, question, begins)


def presides(request: Request) -> bool:
    """Whether who asks may move the hall."""
    if access.secret():
        return access.known(request.cookies.get(access.COOKIE, ""), access.token())
    host = request.headers.get("host", "")
    return on_this_machine(request.scope) and LOOPBACK.fullmatch(host) is not None


async def read(request: Request) -> Any:
    """What was sent, as JSON; an answer where it is none. No form of another site can send this type."""
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        return said("The hall takes JSON only.", 415)
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return said("The hall takes nothing that another site sends.", 403)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return said(f"That is more than {LARGEST:,} bytes, which no vote is.", 413)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return said("That is no JSON.", 400)


def said(sentence: str, status: int) -> Response:
    return JSONResponse({"said": sentence}, status, headers={"cache-control": "no-store"})


async def kept(request: Request, script: str) -> Response:
    headers, body = {"cache-control": FOREVER, "vary": "accept-encoding"}, script.encode()
    if takes_gzip(request):
        headers["content-encoding"], body = "gzip", compressed(body)
    return Response(body, media_type="text/javascript", headers=headers)


compressed = cache(gzipped)  # of two scripts


async def wrong_way() -> Response:
    return said("This address does not take that.", 405)
