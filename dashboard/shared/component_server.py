"""The modules of components at static/components/<script>.<hash>.js, which a browser keeps for good."""

import asyncio
import re

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.shared.blob_server import FOREVER

ADDRESS = re.compile(r".*/static/components/(([\w-]+)\.[0-9a-f]{16}\.js)", re.ASCII)


class ComponentServer:
    """Answers requests for modules itself and passes on all others; stands below what compresses scripts."""

    def __init__(self, served: ASGIApp) -> None:
        self.served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = ADDRESS.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        answer = self.served
        if asked:
            text = await asyncio.to_thread(found, asked[2], asked[1])
            answer = Response(status_code=404, headers={"cache-control": "no-store"})
            if text is not None:
                answer = Response(text, headers={"cache-control": FOREVER}, media_type="text/javascript")
        await answer(scope, receive, send)


def found(name: str, address: str) -> str | None:
    """The module of that name, if it is the one at this address; None for another version, or if there is none."""
    from dashboard.shared import components  # not before the server serves

    script = name if name == components.COMMON else f"{name.replace('-', '/')}.js"
    if script != components.COMMON and not (components.DASHBOARD / script).is_file():
        return None
    return components.module(script) if components.address(script) == address else None
