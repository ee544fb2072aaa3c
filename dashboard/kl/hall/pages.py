"""The hall's two pages, a phone's and the presenter's second window: an empty frame each, its style, and one script.

The script is made as those of components are, of the page's file and what that imports.
"""

import hashlib
import html
import re
from functools import cache
from pathlib import Path

from dashboard.shared import components

HERE = Path(__file__).parent
STYLE = HERE.parents[1] / "style.css"
TOKENS = re.compile(r"^:root \{.*?^\}", re.MULTILINE | re.DOTALL)  # colours and sizes, which all pages share
FILES = {"vote": "vote.js", "window": "presenter_window.js"}
WHERE = {"vote": "vote", "window": "hall"}  # the address below which a page's script lies
TITLES = {"vote": "Vote", "window": "Presenter’s view"}
SERIF = """@font-face {
  font-family: "Source Serif"; font-weight: 400 600; font-display: swap;
  src: url("static/media/SourceSerif-Roman.hall.woff2");
}"""  # any name of that kind is answered with it: fonts.py
WITHOUT_SCRIPT = "This page needs JavaScript: allow it for this address, then reload."
FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · VAE Lab</title>
<style>{style}</style>
<script type="module" src="{where}/{script}"></script>
</head>
<body><main></main><noscript>{sentence}</noscript></body>
</html>
"""


@cache
def page(name: str) -> str:
    sheets = [SERIF, *TOKENS.findall(STYLE.read_text("utf-8")), *(sheet.read_text("utf-8") for sheet in styles(name))]
    return FRAME.format(
        title=html.escape(TITLES[name]), style="\n".join(sheets), where=WHERE[name], script=address(name),
        sentence=WITHOUT_SCRIPT,
    )  # fmt: skip


def styles(name: str) -> list[Path]:
    return [HERE / "page.css", HERE / "ballot.css", HERE / FILES[name].replace(".js", ".css")]


@cache
def code(name: str) -> str:
    entry = HERE / FILES[name]
    return f"{components.together([entry])}{components.main(entry)}();\n"


@cache
def address(name: str) -> str:
    """Under the hash of what is in it, so that a browser may keep it for good."""
    return f"{name}.{hashlib.sha256(code(name).encode()).hexdigest()[:16]}.js"


def script(where: str, what: str) -> str | None:
    """What lies at an address below vote or hall; None: nothing."""
    name = next((name for name, below in WHERE.items() if below == where), None)
    return code(name) if name and what == address(name) else None
