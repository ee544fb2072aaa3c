"""A recorded page, or several of one model, as one HTML file that loads nothing, or as a page of a site.

Its content security policy allows the one script in it, by its hash, and no address at all. Blobs stand in the text as
base64 of gzip; on a site they are files beside it.
"""

import base64
import gzip
import hashlib
import html
import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dashboard.shared import components, fonts, page_registry, streamlit_internals
from dashboard.shared.saved_pages.facts import Facts
from dashboard.shared.saved_pages.recording import Recording

HERE = Path(__file__).parent
HOST = HERE / "host.js"
SHEETS = (components.DASHBOARD / "style.css", HERE / "saved.css")
SANS = "SourceSansVF-Upright*.woff2"  # among Streamlit's own files
OPENED = '<div class="stApp"><div class="stMain"><div class="stMainBlockContainer">'
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Site(NamedTuple):
    """Where the parts of a site lie, seen from one of its pages."""

    root: str  # "" or "../"
    links: dict[str, str]  # the address of each page, from the root
    models: list[tuple[str, str]]  # key and name of those that have pages
    here: str  # the key of this page's model; "" on a page of none
    script: str = ""  # its file in static/

    def link(self, name: str) -> str:
        return self.root + self.links[name]


def document(pages: list[Recording], known: Facts | None, site: Site | None = None, bare: bool = False) -> str:
    """The HTML text. Without a site everything is in it. A bare one is for a notebook's cell: it has no header."""
    blobs = {name: content for each in pages for name, content in each.blobs.items()} | (known.blobs if known else {})
    told = {
        "pages": {each.page: {"mounts": each.mounts, "answers": each.answers} for each in pages},
        "looks": {} if site else looks(pages),
        "facts": known.told if known else None,
        "blobs": list(blobs),
        "links": {name: site.link(name) for name in site.links} if site else {},
        "models": [key for key, _ in site.models] if site else [],
        "root": site.root if site else None,
        "cell": bare,
    }
    here = pages[0]
    parts = [head(here, site, script(tuple(scripts(pages)))), header(pages, site), *bodies(pages, known, site)]
    if bare:
        parts[1] = OPENED
    recorded = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    parts.append(f'<script type="text/plain" id="recorded">{text(recorded)}</script>')
    if site:
        parts.append(f'<script src="{site.root}static/{site.script}"></script>')
    else:
        parts += [f'<script type="text/plain" data-blob="{name}">{text(blob)}</script>' for name, blob in blobs.items()]
        parts.append(f"<script>{script(tuple(scripts(pages)))}</script>")
    return "\n".join([*parts, "</body>", "</html>", ""])


def head(here: Recording, site: Site | None, code: str) -> str:
    if site:
        rules = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' data:; "
        rules += "img-src 'self' data: blob:; font-src 'self' data:; base-uri 'none'; form-action 'none'"
        look = f'<link rel="stylesheet" href="{site.root}static/style.css">'
    else:
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        rules = f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; connect-src data:; "
        rules += "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
        look = f"<style>{style(inline=True)}</style>"
    name = f"{here.heading.split(' · ')[0]}: {here.title}" if here.heading else here.title
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{rules}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{html.escape(name)} · VAE Lab</title>
<link rel="icon" href="data:,">
{look}
</head>
<body>"""


def header(pages: list[Recording], site: Site | None) -> str:
    """The name, the pages that are here, the models of a site, and the choice of colours."""
    if site:
        current = {pages[0].page: " aria-current=page"}
        links = [
            f'<a href="{site.link(name)}"{current.get(name, "")}>{page_registry.page(name).title}</a>'
            for name in site.links
        ]
        home = f'<a class="home" href="{site.root or "./"}">VAE Lab</a>'
    else:
        links = [f'<a href="#{each.page}">{html.escape(each.title)}</a>' for each in pages if len(pages) > 1]
        home = '<span class="home">VAE Lab</span>'
    chosen = "".join(f"<option>{name}</option>" for name in ("system", "light", "dark"))
    return f"""<header class="stAppHeader">{home}<nav aria-label="Pages">{"".join(links)}</nav>
<label class="colours"><span>Theme</span> <select aria-label="Theme">{chosen}</select></label></header>
{OPENED}"""


def bodies(pages: list[Recording], known: Facts | None, site: Site | None) -> list[str]:
    notes = "".join(f'<p class="notice">{html.escape(note)}</p>' for note in known.missing) if known else ""
    made = []
    for each in pages:
        which = f'<p class="which">{html.escape(each.heading)}</p>' if each.heading else ""
        if site and site.here:
            which = chooser(site)
        inside = f"{which}{notes}{each.body}"
        made.append(f'<main class="stVerticalBlock" data-page="{each.page}" hidden>{inside}</main>')
    return [*made, "</div></div></div>"]


def chooser(site: Site) -> str:
    """The same page of another model; need.js follows the choice."""

    def option(key: str, name: str) -> str:
        chosen = " selected" if key == site.here else ""
        return f'<option value="{html.escape(key)}.html"{chosen}>{html.escape(name)}</option>'

    options = "".join(option(*each) for each in site.models)
    return f'<label class="models">Model <select aria-label="Model">{options}</select></label>'


def scripts(pages: list[Recording]) -> list[str]:
    """Of all components of these pages, each once."""
    return list(dict.fromkeys(mount["script"] for each in pages for mount in each.mounts))


def answers() -> dict[str, Path]:
    """By page, the script that answers there what Python would."""
    return {path.parents[1].name: path for path in sorted(components.DASHBOARD.glob("*/answers/answers.js"))}


@cache
def script(wanted: tuple[str, ...]) -> str:
    """The components, what answers for Python, and the host, as one script."""
    entries = {name: components.DASHBOARD / name for name in wanted}
    answering = {name: path for name, path in answers().items() if any(one.startswith(f"{name}/") for one in wanted)}
    shown = ", ".join(f"{json.dumps(name)}: {components.main(path)}" for name, path in entries.items())
    answered = ", ".join(f"{json.dumps(name)}: {components.main(path)}" for name, path in answering.items())
    code = components.together([*entries.values(), *answering.values(), HOST])
    begin = f"{components.main(HOST)}({{ components: {{ {shown} }}, answers: {{ {answered} }} }});"
    return f"(() => {{\n{code}{begin}\n}})();\n"


def looks(pages: list[Recording]) -> dict[str, dict[str, str]]:
    """HTML and CSS of the components by their script."""
    return {name: look(name) for name in scripts(pages)}


@cache
def look(name: str) -> dict[str, str]:
    found = components.look(components.DASHBOARD / name)
    return found and found | {"css": COMMENT.sub("", found["css"])}


def bundle_name(pages: list[Recording]) -> str:
    return "-".join(each.page for each in pages)


@cache
def style(inline: bool) -> str:
    faces = "".join(font_face(*each, inline) for each in font_files())
    return faces + COMMENT.sub("", "".join(sheet.read_text("utf-8") for sheet in SHEETS))


def font_files() -> list[tuple[str, str, str, Path]]:
    """Family, style, weights and file; none where this Streamlit has other ones: then the system's take their place."""
    sans = sorted(streamlit_internals.MEDIA.glob(SANS))
    serif = fonts.FONTS
    return [
        *(("Source Sans", "normal", "200 900", path) for path in sans[:1]),
        ("Source Serif", "normal", "400 600", serif / "serif-roman.woff2"),
        ("Source Serif", "italic", "600", serif / "serif-italic.woff2"),
    ]


def font_face(family: str, slope: str, weights: str, path: Path, inline: bool) -> str:
    where = f"data:font/woff2;base64,{base64.b64encode(path.read_bytes()).decode()}" if inline else path.name
    return (
        f'@font-face {{ font-family: "{family}"; font-style: {slope}; font-weight: {weights}; font-display: swap; '
        f'src: url({where}) format("woff2"); }}\n'
    )


def text(blob: bytes) -> str:
    return base64.b64encode(zipped(blob)).decode()


def zipped(blob: bytes) -> bytes:
    return gzip.compress(blob, 9, mtime=0)
