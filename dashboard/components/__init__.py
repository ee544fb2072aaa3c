"""The page's own components: plain JavaScript, joined from small files, without a build step."""

import re
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)


def joined(*files: str) -> str:
    """Several JavaScript files as one module, in the order in which they need each other.

    A component has no address from which it could import, so the import lines go; node's tests use them.
    """
    return "\n".join(IMPORT.sub("", (HERE / file).read_text(encoding="utf-8")) for file in files)


def component(name: str, *libraries: str):
    """The component in folder `name`: its .html, its .css, and its .js after the libraries it imports."""
    return st.components.v2.component(
        f"vae_lab.{name}",
        html=(HERE / name / f"{name}.html").read_text(encoding="utf-8"),
        css="".join((HERE / file).read_text(encoding="utf-8") for file in ("panel.css", f"{name}/{name}.css")),
        js=joined(*libraries, f"{name}/{name}.js"),
    )


DRAWING = ("decoder.js", "gaussian.js", "paper.js", "panel.js", "shelf/shelf.js")

shelf = st.components.v2.component("vae_lab.shelf", js=joined("decoder.js", "shelf/shelf.js", "shelf/mount.js"))
pad = component("pad", *DRAWING, "pad/density.js", "pad/backdrop.js")
strip = component("strip", *DRAWING)
manifold = component("manifold", *DRAWING, "manifold/inset.js")
