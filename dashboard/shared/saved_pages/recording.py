"""A page run without a browser: the elements that Streamlit would send of it, as HTML, with what its components get.

Components keep their names, keys and data, so that the same JavaScript shows them (host.js). What only works with a
server, such as the list of models or a download, is left out, and what was folded says so.
"""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard.shared import background, components, test_images
from dashboard.shared.blob_server import BLOBS, packed
from dashboard.shared.page_registry import PAGES, page, script
from vae_core.registry import DATA_SETS

PAGES_SCRIPT = components.DASHBOARD / "pages.py"
HELD_BACK = "The test images are not in this file."
KEY = re.compile(r"\$\$ID-[0-9a-f]+-(.*)")  # what Streamlit makes of an element's key
BLOB = "browser_blobs"
OF_THE_SERVER = {"theme", "model_gallery", "tour"}  # components without a meaning in a file
LONGEST = 300  # seconds for one page
ROUNDS = 6  # of work in the background that a page may ask for, one piece leading to the next


@dataclass
class Recording:
    """One page: its HTML with a place for each component, what these get, and the blobs for the browser's shelf."""

    page: str
    title: str
    body: str
    heading: str = ""  # the model, as the page names it
    mounts: list[dict[str, Any]] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)  # by their name, as blob_server packs them
    answers: dict[str, Any] = field(default_factory=dict)  # what Python says of each choice that the page offers

    def fold(self, key: str, title: str) -> None:
        """In the place of a component a line that needs Python."""
        self.mounts = [each for each in self.mounts if each["key"] != key]
        self.body = self.body.replace(place(key), folded(title))

    def mount(self, key: str) -> dict[str, Any] | None:
        return next((each["data"] for each in self.mounts if each["key"] == key), None)


def record(name: str, own_images: bool = False, **address: str) -> Recording:
    """The page with this address, once all that it does in the background is done.

    Images that are not ours are not shown to it; those of a visitor's own only with `own_images`.
    """
    with images_held_back(own_images):
        return _record(name, address)


@contextmanager
def images_held_back(own: bool) -> Iterator[None]:
    """Meanwhile a page finds no test images but those that may go into a file."""
    read = test_images.read

    def some(source: str, split: str) -> test_images.Material:
        return read(source, split) if may_go(source, own) else test_images.Material(None, HELD_BACK)

    test_images.read = some
    try:
        yield
    finally:
        test_images.read = read


def may_go(source: str, own: bool) -> bool:
    """Whether images may go into a file: those that are drawn here, and own ones where they are asked for."""
    return not DATA_SETS[source].files if source in DATA_SETS else own


def _record(name: str, address: dict[str, str]) -> Recording:
    run = AppTest.from_file(str(PAGES_SCRIPT), default_timeout=LONGEST)
    if name != PAGES[0]:
        run.switch_page(script(name))
    run.query_params.update(address)
    run.run()
    for _ in range(ROUNDS):
        if not background.asked():
            break
        background.finish()
        run.run()
    made = _made(run, name)
    if asked := getattr(answers_of(name), "asked", None):
        for key, value in asked(made).items():
            run.session_state[key] = value
        run.run()
        made = _made(run, name)
    return made


def _made(run: AppTest, name: str) -> Recording:
    if run.exception:
        raise ValueError(f"The page {page(name).title} could not be drawn: {run.exception[0].message}")
    made = Recording(name, page(name).title, "")
    made.body = "".join(_element(child, made) for child in run.main.children.values())
    return made


def answers_of(name: str) -> Any:
    """What a page has to say in advance; shared code imports no page, so by its name. None: nothing."""
    there = (components.DASHBOARD / name / "answers" / "answers.py").exists()
    return import_module(f"dashboard.{name}.answers.answers") if there else None


def _element(node: Any, made: Recording) -> str:
    kind = node.type
    if kind == "bidi_component":
        return _component(node.proto, made)
    if kind in DRAWN:
        return DRAWN[kind](node, made)
    if hasattr(node, "children"):
        key, inside = _key(node.proto), "".join(_inside(node, made))
        return f'<div class="stVerticalBlock{key and f" st-key-{key}"}">{inside}</div>' if inside or key else ""
    return ""  # buttons, fields, files: theirs is the server


def _inside(node: Any, made: Recording) -> Iterator[str]:
    for child in node.children.values():
        yield _element(child, made)


def _key(proto: Any) -> str:
    found = KEY.fullmatch(getattr(proto, "id", "") or "")
    return found[1] if found and found[1] != "None" else ""


def _component(proto: Any, made: Recording) -> str:
    name = proto.component_name.removeprefix("vae_lab.")
    if name in OF_THE_SERVER:
        return ""
    if name == BLOB:
        _keep_blob(proto, made)
        return ""
    (data,), key = json.loads(proto.json), _key(proto)
    made.mounts.append({"key": key, "script": components.SCRIPTS[proto.component_name], "data": data})
    return place(key)


def place(key: str) -> str:
    """Where a component is to be."""
    inside = f'<div class="stBidiComponent" data-mount="{html.escape(key)}"></div>'
    return f'<div class="stElementContainer st-key-{key}" data-testid="stElementContainer">{inside}</div>'


def _keep_blob(proto: Any, made: Recording) -> None:
    """A blob is named, or there itself where it is small."""
    small = proto.WhichOneof("data") == "bytes"
    sent = packed(proto.bytes) if small else BLOBS.find(json.loads(proto.json)[0])
    if sent is not None:
        made.blobs[sent.name] = sent.content


def _html(node: Any, _: Recording) -> str:
    return f'<div class="stHtml">{node.proto.body}</div>'


def _heading(node: Any, made: Recording) -> str:
    """The list of models says which one it is."""
    made.heading = node.proto.popover.label.replace("**", "")
    return ""


def _folded(node: Any, made: Recording) -> str:
    return folded(node.label, "".join(_inside(node, made)))


def folded(title: str, inside: str = "") -> str:
    inside = inside or '<p class="caption" data-needs-python></p>'
    return f'<details class="folded"><summary>{html.escape(title)}</summary>{inside}</details>'


def _caption(node: Any, _: Recording) -> str:
    text = re.sub(r"\[([^]]*)\]\(([^)]*)\)", r"\1 (\2)", html.escape(node.proto.body))
    text = re.sub(r"[*]([^*]+)[*]", r"<i>\1</i>", text)
    return f'<p class="caption">{text}</p>'


def _code(node: Any, _: Recording) -> str:
    return f"<pre>{html.escape(node.proto.code_text)}</pre>"


DRAWN = {"html": _html, "popover": _heading, "expander": _folded, "caption": _caption, "code": _code}
