"""A component's module is read once: at the address that the page names, complete, and kept for good."""

import json
import re

import pytest

from dashboard.shared import component_server, components
from dashboard.shared.blob_server import FOREVER
from tests.unit.asking import ask

PLANE = "explore/plane/plane.js"


async def elsewhere(scope, receive, send):
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def answered(path: str):
    return ask(component_server.ComponentServer(elsewhere), path)


@pytest.mark.parametrize("below", ["", "/course/lab"])
@pytest.mark.parametrize("name", [components.COMMON, PLANE])
def test_a_module_is_at_its_address_for_good(name, below):
    answer = answered(f"{below}/static/components/{components.address(name)}")
    assert answer.body.decode() == components.module(name)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == FOREVER


def test_a_component_names_the_common_module_and_carries_its_html_and_css():
    text = components.module(PLANE)
    assert f'from "./{components.address(components.COMMON)}"' in text
    html = (components.DASHBOARD / PLANE).with_suffix(".html").read_text("utf-8")
    assert f"dressed(explore_plane_plane.main, {json.dumps(html)}, [widgets, " in text
    exported = re.search(r"^export \{(.*)\};$", components.module(components.COMMON), re.MULTILINE)[1].split(", ")
    taken = re.match(r"import \{ (.*) \} from", text)[1].split(", ")
    assert set(taken) <= {name.strip() for name in exported}


@pytest.mark.parametrize(
    "name",
    [
        "explore-plane-plane.0123456789abcdef.js",  # another version's
        "explore-plane-nothing.0123456789abcdef.js",
        "common.0123456789abcdef.js",
        "..-..-tests-js-walk.0123456789abcdef.js",
    ],
)
def test_what_is_not_there_is_not_kept(name):
    answer = answered(f"/static/components/{name}")
    assert answer.status == (418 if ".." in name else 404)
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_the_rest_is_passed_on():
    assert answered("/static/js/index.js").status == 418


def test_a_page_names_what_it_mounts():
    found = components.of_page("explore")
    assert found[0] == components.address(components.COMMON)
    assert components.address(PLANE) in found
    assert components.address("shared/browser_blobs.js") in found
