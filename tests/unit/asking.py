"""One request to an ASGI application, without a server."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def completed(work: Coroutine) -> Any:
    """Its result, from a thread of its own: a browser test may have left a running loop in this one."""
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(asyncio.run, work).result()


def ask(application, path: str, method: str = "GET", body: bytes = b"", client: str = "", **headers: str) -> Answer:
    """Headers as accept_encoding="gzip"; `client` is the address that it comes from."""
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": named, "query_string": b"", "scheme": "http"}
    scope["client"] = (client, 1) if client else None
    told = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        told.append(message)

    completed(application(scope, receive, send))
    answered = {name.decode().lower(): value.decode() for name, value in told[0]["headers"]}
    return Answer(told[0]["status"], answered, b"".join(message.get("body", b"") for message in told[1:]))
