"""The serif is small and holds what pages set in it; the icons come after the rest; all else is Streamlit's answer."""

import asyncio
import time
from pathlib import Path

import pytest
import streamlit as st

from dashboard.shared.fonts import FONTS, ICONS, SERIF, Fonts, on_this_machine
from tests.unit.asking import ask

MEDIA = Path(st.__file__).parent / "static/static/media"


async def streamlit(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"Streamlit's"})


def addresses(pattern) -> list[str]:
    return [path for file in MEDIA.iterdir() if pattern.fullmatch(path := f"/lab/static/media/{file.name}")]


def test_the_installed_streamlit_has_the_fonts_that_are_replaced():
    assert len(addresses(SERIF)) == 2
    assert len(addresses(ICONS)) == 1


@pytest.mark.parametrize("face", ["Roman", "Italic"])
def test_the_serif_is_answered_with_ours(face):
    (address,) = [path for path in addresses(SERIF) if face in path]
    answer = ask(Fonts(streamlit), address)
    assert answer.headers["content-type"] == "font/woff2"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.body == (FONTS / f"serif-{face.lower()}.woff2").read_bytes()
    assert answer.body[:4] == b"wOF2"
    assert len(answer.body) < (MEDIA / address.rsplit("/", 1)[1]).stat().st_size / 8


def test_icons_are_streamlits_and_come_later():
    (address,) = addresses(ICONS)
    began = time.monotonic()
    answer = ask(Fonts(streamlit, wait=0.2), address)
    assert answer.body == b"Streamlit's"
    assert time.monotonic() >= began + 0.2


@pytest.mark.parametrize(
    ("client", "headers", "here"),
    [
        ("127.0.0.1", [], True),
        ("::1", [], True),
        ("192.0.2.1", [], False),
        ("127.0.0.1", [(b"x-forwarded-for", b"192.0.2.1")], False),
    ],
)
def test_a_browser_on_the_same_machine_waits_for_no_icon(client, headers, here):
    assert on_this_machine({"client": (client, 1), "headers": headers}) == here
    assert not on_this_machine({"client": None, "headers": []})


@pytest.mark.parametrize("path", ["/", "/static/media/SourceSansVF-Upright.ttf.x.woff2", "/static/js/index.js"])
def test_the_rest_is_answered_at_once(path, monkeypatch):
    monkeypatch.setattr(asyncio, "sleep", None)  # would fail
    assert ask(Fonts(streamlit), path).body == b"Streamlit's"
