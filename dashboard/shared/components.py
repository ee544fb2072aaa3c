"""The page's own components: plain JavaScript modules, joined into one without a build step.

A component has no address from which its module could import others. So the files that it imports are followed, each
is given a scope of its own, and what one imports is handed to it by those that stand before it.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.shared.streamlit_internals import untested

DASHBOARD = Path(__file__).parents[1]
WIDGETS = DASHBOARD / "shared/js/widgets.css"  # the look of buttons and choices, in every component
IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (\w+))", re.MULTILINE)
FOR_READERS = re.compile(r"^[ \t]*//.*\n|^[ \t]+|^\n", re.MULTILINE)  # comments and indentation
SCRIPTS: dict[str, str] = {}  # of each component, by the name under which Streamlit has it
DEFAULT = re.compile(r"^export default (function)?", re.MULTILINE)


@cache
def component(script: str, bare: bool = False):
    """The component whose .js is `script`, a path in dashboard/; its .html and .css lie beside it under the same stem.

    `bare` data (bytes) goes as it is, other data untested.
    """
    entry = DASHBOARD / script
    name = f"vae_lab.{entry.stem}"
    SCRIPTS[name] = script
    mounted = st.components.v2.component(name, js=joined(entry), **look(entry))

    def mount(*, data: Any, **more: Any) -> Any:
        return mounted(data=data if bare else untested(data), **more)

    return mount


def look(entry: Path) -> dict[str, str]:
    """The html and css of a component; neither, where nothing of it is seen."""
    sheets = [WIDGETS, *(file.with_suffix(".css") for file in modules(entry))]
    page = entry.with_suffix(".html")
    css = "".join(sheet.read_text("utf-8") for sheet in dict.fromkeys(sheets) if sheet.exists())
    return {"html": page.read_text("utf-8"), "css": css} if page.exists() else {}


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


def joined(entry: Path) -> str:
    """One module of the file and all that it imports: every file a function that returns what it exports."""
    return "".join(map(scoped, modules(entry))) + f"export default {main(entry)};\n"


def together(entries: list[Path]) -> str:
    """The same of several files as one script; `main(entry)` is there what a file exports by default."""
    return "".join(map(scoped, dict.fromkeys(file for entry in entries for file in modules(entry))))


def main(entry: Path) -> str:
    return f"{scope(entry.resolve())}.main"


def scope(file: Path) -> str:
    """The name of what a file exports, within a component."""
    return re.sub(r"\W", "_", str(file.relative_to(DASHBOARD.resolve()).with_suffix("")))


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
