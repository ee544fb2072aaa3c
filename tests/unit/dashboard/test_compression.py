"""Scripts and styles are sent compressed, and read once; everything else as it was."""

import gzip

import pytest

from dashboard.shared.compression import CompressedAssets
from tests.unit.asking import ask

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
