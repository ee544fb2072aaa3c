"""Over a slow line: an image before the decoder, what was read once is not read again, and no blob is a must."""

import contextlib
import socket
import socketserver
import threading
from urllib.parse import urlsplit

import numpy as np
import pytest

from tests.server import served

pytestmark = pytest.mark.browser
DECODER = "() => window.vaeLab && [...window.vaeLab.shelf.values()].some((item) => item.layers)"
DRAWN = """() => { const pad = document.querySelector(".st-key-pad [data-testid=stBidiComponentRegular]") ?? document;
  const inside = (root) => root.querySelector(".drawn")
    ?? [...root.querySelectorAll("*")].map((e) => e.shadowRoot && inside(e.shadowRoot)).find(Boolean);
  const canvas = inside(pad);
  return canvas?.width > 0
    && new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size > 9; }"""


class Traffic:
    """What a page receives, in bytes: blobs as they travel, messages as they are after decompression."""

    def __init__(self, page) -> None:
        self.blobs = self.messages = 0
        self.cached, names = [], {}
        talk = page.context.new_cdp_session(page)
        talk.send("Network.enable")
        talk.on("Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]["url"]}))
        talk.on("Network.requestServedFromCache", lambda e: self.cached.append(names[e["requestId"]]))
        talk.on("Network.dataReceived", lambda e: self.arrived(names.get(e["requestId"], ""), e["encodedDataLength"]))
        talk.on("Network.webSocketFrameReceived", self.said)

    def arrived(self, url: str, count: int) -> None:
        if "/blobs/" in url:
            self.blobs += count

    def said(self, event) -> None:
        self.messages += len(event["response"]["payloadData"]) * 3 // 4


def test_a_reload_reads_no_blob_again(visit):
    visit()
    guest = visit(first=True)  # the second to come has a browser that has kept nothing
    first = Traffic(guest.page)
    guest.open()
    guest.page.wait_for_function(DECODER)
    assert 500_000 < first.blobs < 1_300_000  # mnist-2d in float16
    assert first.messages < 800_000
    again = Traffic(guest.page)
    guest.page.reload()
    guest.page.wait_for_function(DECODER)
    guest.settle()
    assert again.blobs == 0
    assert again.messages < 800_000


def test_the_image_is_there_before_the_decoder(visit, models):
    guest, held = visit(), []
    guest.page.route("**/blobs/*", lambda route: held.append(route))
    guest.page.goto(f"{guest.url}/?model=two&z=0.4,-0.3")
    guest.page.wait_for_function(DRAWN)
    assert not guest.page.evaluate(DECODER)
    assert guest.page.locator(".said-image").inner_text() == "drawn by the server for now"
    assert guest.page.locator(".coming").inner_text() == "The codes are being sent."
    preview = guest.pixels(".drawn")
    for route in held:
        route.continue_()
    guest.page.unroute("**/blobs/*")
    guest.page.wait_for_function(DECODER)
    guest.settle()
    assert guest.page.locator(".said-image").inner_text() == "what the decoder draws"
    assert guest.page.locator(".coming").inner_text() == ""
    assert np.abs(guest.pixels(".drawn") - preview).max() <= 2


def test_without_the_decoder_a_point_is_drawn_when_the_hand_lets_go(visit, models):
    guest, held = visit(), []
    guest.page.route("**/blobs/*", lambda route: held.append(route))
    guest.page.goto(f"{guest.url}/?model=two&z=0.4,-0.3")
    guest.page.wait_for_function(DRAWN)
    before = guest.pixels(".drawn")
    guest.page.locator(".plane").focus()
    guest.page.keyboard.press("Alt+ArrowRight")
    guest.wait_for_address("z=0.650,-0.300")
    for _ in range(100):
        if np.abs(guest.pixels(".drawn") - before).max() > 2:
            break
        guest.page.wait_for_timeout(100)
    else:
        pytest.fail("the picture has stayed that of the first point")
    assert not guest.page.evaluate(DECODER)
    for route in held:
        route.continue_()
    guest.page.unroute("**/blobs/*")


@pytest.mark.parametrize("answer", ["404", "no answer"])
def test_a_blob_that_is_not_to_be_had_comes_with_the_page(visit, answer):
    guest = visit()
    guest.page.route("**/blobs/*", lambda route: route.fulfill(status=404) if answer == "404" else route.abort())
    guest.page.goto(f"{guest.url}/?model=two")
    guest.page.wait_for_function(DECODER)
    guest.settle()
    assert guest.page.locator(".coming").inner_text() == ""
    guest.complaints[:] = [said for said in guest.complaints if "Failed to load resource" not in said]


def test_below_a_base_path(chromium, models):
    with served(VAE_CACHE_DIR=str(models["cache"]), STREAMLIT_SERVER_BASE_URL_PATH="course/lab") as url:
        reads_its_blobs_below(chromium, url)


def test_behind_a_proxy_that_takes_its_path_away(chromium, address):
    with stripping(address, "/lab") as url:
        reads_its_blobs_below(chromium, url)


def reads_its_blobs_below(chromium, url: str) -> None:
    context = chromium.new_context(bypass_csp=True)
    page, blobs = context.new_page(), []
    page.on("response", lambda r: blobs.append((r.status, r.url)) if "/blobs/" in r.url else None)
    for path in ("?model=two", "manifold?model=two"):
        page.goto(f"{url}/{path}")
        page.wait_for_function(DECODER)
    assert blobs
    assert {status for status, _ in blobs} == {200}
    assert all(blob.startswith(f"{url}/blobs/") for _, blob in blobs)
    context.close()


@contextlib.contextmanager
def stripping(address: str, prefix: str):
    """A proxy that answers below `prefix` and asks the server without it."""
    to = urlsplit(address)

    class Proxy(socketserver.BaseRequestHandler):
        def handle(self):
            with socket.create_connection((to.hostname, to.port)) as server:
                back = threading.Thread(target=copy, args=(server, self.request))
                back.start()
                copy(self.request, server, lambda piece: piece.replace(f"GET {prefix}/".encode(), b"GET /"))
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever).start()
        yield f"http://127.0.0.1:{proxy.server_address[1]}{prefix}"
        proxy.shutdown()


def copy(source: socket.socket, target: socket.socket, change=bytes) -> None:
    with contextlib.suppress(OSError):  # either side may hang up
        while piece := source.recv(65536):
            target.sendall(change(piece))
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("path", ["manifold", "elbo", "compare"])
def test_a_page_says_what_is_being_sent(visit, models, path):
    guest, held = visit(), []
    guest.page.route("**/blobs/*", lambda route: held.append(route))
    guest.page.goto(f"{guest.url}/{path}?{'models' if path == 'compare' else 'model'}=two")
    said = guest.page.locator("body > .travelling")
    said.filter(has_text="The decoder is being sent.").wait_for()
    guest.page.unroute("**/blobs/*")  # lets go those that were held
    guest.page.wait_for_function(DECODER)
    guest.page.wait_for_function("() => !window.vaeLab.fetching")
    assert said.inner_text() == ""
