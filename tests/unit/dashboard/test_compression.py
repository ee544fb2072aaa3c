"""Scripts and styles are sent compressed, and read once; everything else as it was."""

import asyncio
import contextlib
import gzip

import pytest

from dashboard.shared.compression import CompressedAssets
from tests.unit.asking import ask, completed

SCRIPT = b"export const one = 1;\n" * 500
FILES = {
    "/static/js/index.aB1.js": (b"text/javascript; charset=utf-8", SCRIPT),
    "/static/css/index.css": (b"text/css", SCRIPT),
    "/lab/static/js/index.aB1.js": (b"text/javascript", SCRIPT),
    "/static/js/unknown.js": (b"text/html", b"<html>"),  # Streamlit answers what it does not know with its page
    "/static/media/font.woff2": (b"font/woff2", SCRIPT),
    "/": (b"text/html", b"<html>"),
}


class Files:
    """Streamlit's files, in two pieces; `reads` counts what was read."""

    def __init__(self):
        self.reads = []

    async def __call__(self, scope, receive, send):
        path = scope["path"]
        self.reads.append(path)
        kind, body = FILES[path]
        headers = [(b"content-type", kind), (b"cache-control", b"public, immutable"), (b"etag", b'"x"')]
        headers += [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:5], "more_body": True})
        await send({"type": "http.response.body", "body": body[5:]})


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith((".js", ".css")) and "unknown" not in path])
def test_a_script_is_compressed_once(path):
    files = Files()
    assets = CompressedAssets(files)
    for _ in range(3):
        answer = ask(assets, path, accept_encoding="gzip, br")
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-length"] == str(len(answer.body))
        assert answer.headers["cache-control"] == "public, immutable"
        assert answer.headers["vary"] == "accept-encoding"
        assert "etag" not in answer.headers  # that of other bytes
        assert gzip.decompress(answer.body) == SCRIPT
    assert files.reads == [path]


@pytest.mark.parametrize("path", ["/static/js/unknown.js", "/static/media/font.woff2", "/"])
def test_the_rest_stays_as_it_is(path):
    assets = CompressedAssets(Files())
    answer = ask(assets, path, accept_encoding="gzip")
    assert answer.body == FILES[path][1]
    assert "content-encoding" not in answer.headers
    assert not assets.assets


@pytest.mark.parametrize(
    "headers", [{}, {"accept_encoding": "gzip;q=0"}, {"accept_encoding": "gzip", "range": "bytes=0-9"}]
)
def test_who_reads_no_gzip_or_asks_for_a_part_is_answered_by_streamlit(headers):
    answer = ask(CompressedAssets(Files()), "/static/js/index.aB1.js", **headers)
    assert answer.body == SCRIPT
    assert "content-encoding" not in answer.headers


class Leaving(Files):
    """Stops in the middle of a file when it hears that the visitor has left, as Streamlit does."""

    async def __call__(self, scope, receive, send):
        async def sent(message):
            await send(message)
            if message.get("more_body"):
                with contextlib.suppress(TimeoutError):
                    heard = await asyncio.wait_for(receive(), 0.05)
                    if heard["type"] == "http.disconnect":
                        raise Left

        with contextlib.suppress(Left):
            await super().__call__(scope, receive, sent)


class Left(Exception):
    pass


async def gone():
    return {"type": "http.disconnect"}


async def thrown(message):
    """What nobody receives."""


def test_a_visitor_who_leaves_in_the_middle_of_a_file_leaves_no_half_of_it_to_others():
    path, assets = "/static/js/index.aB1.js", CompressedAssets(Leaving())
    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"accept-encoding", b"gzip")]}
    completed(assets(scope, gone, thrown))
    assert gzip.decompress(ask(assets, path, accept_encoding="gzip").body) == SCRIPT


@pytest.mark.parametrize("last", [{"body": b"", "more_body": True}, {"body": b"short"}])
def test_a_file_that_ends_early_is_not_kept(last):
    class Short(Files):
        async def __call__(self, scope, receive, send):
            headers = [(b"content-type", b"text/javascript"), (b"content-length", b"100")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body"} | last)

    assets = CompressedAssets(Short())
    with pytest.raises(RuntimeError, match=r"index\.aB1\.js ended before its last byte"):
        ask(assets, "/static/js/index.aB1.js", accept_encoding="gzip")
    assert not assets.assets
