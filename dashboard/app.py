"""VAE Lab's server: streamlit run dashboard/app.py, or python dashboard/app.py

It serves pages.py. While the first browser still loads, a thread imports what the first page needs and reads its model.
Every answer tells the browser to load nothing from elsewhere: so even injected content could not send data out.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HERE = Path(__file__).parent
LATER = 0.25  # seconds after the start: first the server serves what the browser has to parse
EVERYWHERE = ("", "127.0.0.1", "0.0.0.0", "::1", "::")  # server.address that the name localhost reaches
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

from dashboard.kl.hall import server as hall_server  # noqa: E402  the root first
from dashboard.shared import (  # noqa: E402
    access,
    blob_server,
    component_server,
    compression,
    embedding,
    first_paint,
    fonts,
    freed_memory,
    streamlit_internals,
    tcp_no_delay,
)


def policy() -> str:
    """A content security policy: this server alone, and what its own scripts make."""
    inline = [*streamlit_internals.inline_scripts(), *streamlit_internals.OURS]
    hashes = [hashlib.sha256(script.encode()).digest() for script in inline]
    known = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes]
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' blob: {' '.join(known)}",  # components are modules from blobs
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": embedding.frame_ancestors(),
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


HEADERS = {
    "content-security-policy": policy(),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class SecurityHeaders:
    """Puts HEADERS on every answer, and the presenter's cookie on the one to the presenter."""

    def __init__(self, served: ASGIApp) -> None:
        self.served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                badge = access.cookie(scope["query_string"], scope["scheme"] == "https")
                more = HEADERS | ({"set-cookie": badge} if badge else {})
                told = [(name.encode(), value.encode()) for name, value in more.items()]
                message = {**message, "headers": [*message["headers"], *told]}
            await send(message)

        await self.served(scope, receive, guarded)


def get_ready() -> None:
    """A quarter of a second of Python that the first visitor is spared, where another processor is free for it."""
    import PIL.Image  # noqa: F401  Streamlit reads the page's icon with it

    from dashboard.explore import (
        downloads,  # noqa: F401
        inpainting,  # noqa: F401
        latent_factors,  # noqa: F401
        sliders,  # noqa: F401
    )
    from dashboard.explore.plane import plane  # noqa: F401
    from dashboard.shared import (
        model_picker,
        model_view,
    )
    from dashboard.tour import tour  # noqa: F401

    with contextlib.suppress(ValueError, OSError):  # a damaged model is said on the page
        for entry in model_picker.bundled_models()[:1]:
            blob_server.BLOBS.prepare(model_view.model(entry).blob)
    streamlit_internals.read_module_files()


def here() -> str:
    """The address under which a browser on this machine reaches the server."""
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    address = st.get_option("server.address") or ""
    host = "localhost" if address in EVERYWHERE else f"[{address}]" if ":" in address else address
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{scheme}://{host}:{st.get_option('server.port')}" + (f"/{base}/" if base else "")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    warming = threading.Timer(LATER, get_ready)
    warming.daemon = True
    warming.start()
    with contextlib.suppress(ValueError):  # no main thread, as in a test
        hall_server.end_streams_on_stop()
    if not st.get_option("server.headless"):
        asyncio.get_running_loop().call_later(0.2, webbrowser.open, here())  # by then it listens
    giving_back = asyncio.create_task(freed_memory.keep_giving_back())
    yield
    giving_back.cancel()


freed_memory.settle()
tcp_no_delay.send_at_once()
streamlit_internals.send_together()
streamlit_internals.leave_out_left_pages()
streamlit_internals.theme_once()
OURS = [
    Middleware(SecurityHeaders),
    Middleware(blob_server.BlobServer),
    Middleware(hall_server.HallServer),
    Middleware(fonts.Fonts),
    Middleware(first_paint.FirstPaint),
    Middleware(compression.CompressedAssets),
    Middleware(component_server.ComponentServer),  # whose modules are compressed as well
]
app = st.App(HERE / "pages.py", lifespan=lifespan, middleware=OURS)

if __name__ == "__main__":  # app.run() would read neither flags nor STREAMLIT_SERVER_ADDRESS
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", __file__, *sys.argv[1:]])
