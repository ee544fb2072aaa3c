"""One request to an ASGI application, without a server."""

import asyncio
from typing import NamedTuple


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def ask(application, path: str, method: str = "GET", **headers: str) -> Answer:
    """Headers as accept_encoding="gzip"."""
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": named, "query_string": b"", "scheme": "http"}
    told = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        told.append(message)

    asyncio.run(application(scope, receive, send))
    answered = {name.decode().lower(): value.decode() for name, value in told[0]["headers"]}
    return Answer(told[0]["status"], answered, b"".join(message.get("body", b"") for message in told[1:]))
