"""The page's own components: plain JavaScript modules, joined without a build step, which a browser reads once.

The files that a component imports are followed, each is given a scope of its own, and what one imports is handed to it
by those that stand before it. Those of shared/js make one module, which all components take theirs from; the rest makes
another one, with the component's html and css. component_server.py has both, under the hash of what is in them, so that
a message to the browser carries a component's data and the few lines of js/loaded.js, which fetch its module.
"""

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.shared.streamlit_internals import untested

DASHBOARD = Path(__file__).resolve().parents[1]
JS = DASHBOARD / "shared/js"
WIDGETS = JS / "widgets.css"  # the look of buttons and choices, in every component
LOADED = (JS / "loaded.js").read_text("utf-8")
DRESSED = JS / "dressed.js"
COMMON = "common"  # the name of the module of shared/js
IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (\w+))", re.MULTILINE)
FOR_READERS = re.compile(r"^[ \t]*//.*\n|^[ \t]+|^\n", re.MULTILINE)  # comments and indentation
SCRIPTS: dict[str, str] = {}  # of each component, by the name under which Streamlit has it
MOUNTED = re.compile(r'\bcomponent\("([\w/]+\.js)"')  # in Python
DEFAULT = re.compile(r"^export default (function)?", re.MULTILINE)


@cache
def component(script: str, bare: bool = False):
    """The component whose .js is `script`, a path in dashboard/; its .html and .css lie beside it under the same stem.

    `bare` data (bytes) goes as it is, other data untested.
    """
    name = f"vae_lab.{Path(script).stem}"
    SCRIPTS[name] = script
    mounted = st.components.v2.component(name, js=LOADED.replace("ADDRESS", f"./static/components/{address(script)}"))

    def mount(*, data: Any, **more: Any) -> Any:
        return mounted(data=data if bare else untested(data), **more)

    return mount


def look(entry: Path) -> dict[str, str]:
    """The html and css of a component; neither, where nothing of it is seen."""
    page = entry.with_suffix(".html")
    css = "".join(sheet.read_text("utf-8") for sheet in [WIDGETS, *sheets(entry)])
    return {"html": page.read_text("utf-8"), "css": css} if page.exists() else {}


def sheets(entry: Path) -> list[Path]:
    """A component's own css, beside what all of them have."""
    found = [file.with_suffix(".css") for file in modules(entry)]
    return [sheet for sheet in found if sheet.exists() and sheet != WIDGETS]


@cache
def needs(file: Path) -> list[Path]:
    return [(file.parent / path).resolve() for _, path in IMPORT.findall(file.read_text("utf-8"))]


def modules(entry: Path) -> list[Path]:
    """The file and all that it imports, each after those that it needs."""
    found: dict[Path, None] = {}

    def follow(file: Path) -> None:
        for needed in needs(file):
            follow(needed)
        found.setdefault(file)

    follow(entry.resolve())
    return list(found)


@cache
def common() -> list[Path]:
    """The files of shared/js and what they need, each after those."""
    entries = [entry for entry in sorted(JS.glob("*.js")) if entry.name != "loaded.js"]
    return list(dict.fromkeys(file for entry in entries for file in modules(entry)))


@cache
def module(name: str) -> str:
    """What a browser reads: the module of a component, by its script, or the one that all of them share."""
    if name == COMMON:
        exported = ", ".join([*map(scope, common()), "widgets"])
        sheet = f"const widgets = {json.dumps(WIDGETS.read_text('utf-8'))};\n"
        return "".join(map(scoped, common())) + f"{sheet}export {{ {exported} }};\n"
    entry = DASHBOARD / name
    files = modules(entry)
    taken = ", ".join([*(scope(file) for file in dict.fromkeys([*files, DRESSED]) if file in common()), "widgets"])
    own = "".join(scoped(file) for file in files if file not in common())
    return f'import {{ {taken} }} from "./{address(COMMON)}";\n{own}export default {dressed(entry)};\n'


def dressed(entry: Path) -> str:
    """The component's function; where something of it is seen, html and css come first."""
    page = entry.with_suffix(".html")
    if not page.exists():
        return main(entry)
    html, css = page.read_text("utf-8"), "".join(sheet.read_text("utf-8") for sheet in sheets(entry))
    return f"{scope(DRESSED)}.dressed({main(entry)}, {json.dumps(html)}, [widgets, {json.dumps(css)}])"


@cache
def address(name: str) -> str:
    """Of a module, below static/components: explore/plane/plane.js is at explore-plane-plane.<hash>.js."""
    digest = hashlib.sha256(module(name).encode()).hexdigest()[:16]
    return f"{name.removesuffix('.js').replace('/', '-')}.{digest}.js"


@cache
def of_page(page: str) -> list[str]:
    """The addresses of what a page mounts, for a browser to read while it still reads Streamlit's own scripts."""
    sources = sorted((DASHBOARD / page).rglob("*.py"))
    mounted = sorted({script for source in sources for script in MOUNTED.findall(source.read_text("utf-8"))})
    return [address(name) for name in (COMMON, "shared/browser_blobs.js", *mounted)]


def together(entries: list[Path]) -> str:
    """The same of several files as one script; `main(entry)` is there what a file exports by default."""
    return "".join(map(scoped, dict.fromkeys(file for entry in entries for file in modules(entry))))


def main(entry: Path) -> str:
    return f"{scope(entry.resolve())}.main"


def scope(file: Path) -> str:
    """The name of what a file exports, within a component."""
    return re.sub(r"\W", "_", str(file.relative_to(DASHBOARD).with_suffix("")))


@cache
def scoped(file: Path) -> str:
    """A file as a function, with what it imports taken from those before it; without comments and indentation."""

    def imported(match: re.Match) -> str:
        taken = ", ".join(name.strip().replace(" as ", ": ") for name in match[1].split(",") if name.strip())
        return f"const {{ {taken} }} = {scope((file.parent / match[2]).resolve())};\n"

    source = file.read_text("utf-8")
    exported = EXPORT.findall(source) + ["main"] * bool(DEFAULT.search(source))
    body = DEFAULT.sub(
        lambda match: "function main" if match[1] else "const main = ", EXPORT.sub("", IMPORT.sub(imported, source))
    )
    body = FOR_READERS.sub("", body)
    return f"const {scope(file)} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"
