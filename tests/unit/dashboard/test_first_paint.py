"""Streamlit's page carries the style; whatever else is answered stays as it was."""

import gzip
import re

import pytest

from dashboard.shared import components
from dashboard.shared.first_paint import STYLE, FirstPaint
from dashboard.shared.streamlit_internals import OURS
from tests.unit.asking import ask

LINK = re.compile(r'<link rel="modulepreload" href="[^"]*">\n')
PAGE = b'<html><body><div id="root"></div></body></html>'


class Answers:
    """Answers with a page, in two pieces, under the headers that a test wants."""

    def __init__(self, headers=(), status=200):
        self.headers, self.status, self.asked = list(headers), status, None

    async def __call__(self, scope, receive, send):
        self.asked = dict(scope["headers"])
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"etag", b'"x"'), *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE[:9], "more_body": True})
        await send({"type": "http.response.body", "body": PAGE[9:]})


def test_a_page_carries_the_style_before_its_end():
    served = Answers()
    answer = ask(FirstPaint(served), "/elbo", accept="text/html", accept_encoding="gzip", if_none_match='"x"')
    body = gzip.decompress(answer.body).decode()
    style = f"<style>\n{STYLE.read_text('utf-8')}</style>\n"
    scripts = "".join(f"<script>{script}</script>\n" for script in OURS)
    assert LINK.sub("", body.replace(style + scripts, "")).encode() == PAGE
    assert body.endswith("\n</body></html>")
    assert answer.headers["content-length"] == str(len(answer.body))
    assert "etag" not in answer.headers, "it is that of Streamlit's file"
    assert b"if-none-match" not in served.asked, "a browser may have kept a page without the style"
    assert ask(FirstPaint(Answers()), "/", accept="text/html").body.count(b"<style>") == 1


@pytest.mark.parametrize(
    ("path", "script"),
    [("/", "explore/plane/plane.js"), ("/below/elbo", "elbo/bound/bound.js"), ("/below/", "explore/plane/plane.js")],
)
def test_a_page_names_the_modules_that_it_mounts(path, script):
    body = ask(FirstPaint(Answers()), path, accept="text/html").body.decode()
    named = [link.split('"')[3] for link in LINK.findall(body)]
    assert f"./static/components/{components.address(script)}" in named
    assert f"./static/components/{components.address(components.COMMON)}" in named
    others = {"/": "elbo/bound/bound.js"}.get(path, "kl/lecture/lecture.js")
    assert not [name for name in named if components.address(others) in name]


@pytest.mark.parametrize(
    ("served", "wish"),
    [
        (Answers(), "*/*"),
        (Answers([(b"content-disposition", b"attachment")]), "text/html"),
        (Answers(status=404), "text/html"),
    ],
    ids=["no page was asked for", "a file to take along", "an error"],
)
def test_the_rest_stays_as_it_is(served, wish):
    answer = ask(FirstPaint(served), "/report.html", accept=wish)
    assert answer.body == PAGE
    assert answer.headers["etag"] == '"x"'
