"""Explore in a frame of another site: there, bare and alive, if VAE_LAB_EMBED names that site; else it is not shown."""

import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.server import served

pytestmark = pytest.mark.browser


class Parent(BaseHTTPRequestHandler):
    """A course page with one frame; `framed` is what it shows."""

    framed = ""

    def do_GET(self):
        body = f"<!doctype html><h1>A course</h1><iframe width=1200 height=700 src='{self.framed}'></iframe>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_): ...


@pytest.fixture
def course():
    """The address of another site that shows what `course(address)` is given."""
    handler = type("Handler", (Parent,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield partial(setattr, handler, "framed"), f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_only_a_named_site_may_show_a_page_and_it_has_no_navigation_there(chromium, address, models, course):
    show, parent = course
    context = chromium.new_context(viewport={"width": 1300, "height": 800})
    page = context.new_page()
    show(f"{address}/?model=two&embed=true")
    page.goto(parent)
    page.wait_for_timeout(1500)
    assert page.frame_locator("iframe").locator(".stApp").count() == 0
    variables = {"VAE_CACHE_DIR": str(models["cache"]), "VAE_LAB_EMBED": parent, "OMP_NUM_THREADS": "1"}
    with served(straight=True, **variables) as open_server:
        show(f"{open_server}/?model=two&embed=true")
        page.goto(parent)
        frame = page.frame_locator("iframe")
        frame.locator(".pad").wait_for()
        frame.locator(".pad[data-frames]").wait_for()
        assert not frame.get_by_text("VAE Lab", exact=True).is_visible()
        assert not frame.locator(".stAppHeader").is_visible()
        assert frame.get_by_role("link", name="Manifold").count() == 0
        assert not frame.get_by_text("New here?").count()
        before = frame.locator(".pad").get_attribute("data-frames")
        frame.locator(".pad").get_by_role("application").first.press("ArrowRight")
        page.wait_for_timeout(500)
        assert frame.locator(".pad").get_attribute("data-frames") != before
    context.close()
