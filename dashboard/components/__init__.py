"""The page's own components: plain JavaScript, joined from small files, without a build step."""

import re
from pathlib import Path

import streamlit as st

from dashboard.browser_blobs import BLOBS, SMALL

HERE = Path(__file__).parent
IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)


def joined(*files: str) -> str:
    """Several JavaScript files as one module, in the order in which they need each other.

    A component has no address from which it could import, so the import lines go; node's tests use them.
    """
    return "\n".join(IMPORT.sub("", (HERE / file).read_text(encoding="utf-8")) for file in files)


def component(name: str, *libraries: str):
    """The component in folder `name`: its .html, its .css, and its .js after the libraries it imports with theirs."""
    sheets = dict.fromkeys(file.replace(".js", ".css") for file in ("panel.js", *libraries, f"{name}/{name}.js"))
    mounted = st.components.v2.component(
        f"vae_lab.{name}",
        html=(HERE / name / f"{name}.html").read_text(encoding="utf-8"),
        css="".join((HERE / file).read_text(encoding="utf-8") for file in sheets if (HERE / file).exists()),
        js=joined(*libraries, f"{name}/{name}.js"),
    )

    def mount(*, data, **more):
        """In a tuple: each value of a bare dict would be tested for being a table, for which pandas is imported."""
        return mounted(data=(data,), **more)

    return mount


DRAWING = ("decoder.js", "gaussian.js", "paper.js", "classes.js", "panel.js", "shelf/shelf.js")

_shelf = st.components.v2.component(
    "vae_lab.shelf", js=joined("decoder.js", "shelf/shelf.js", "shelf/wire.js", "shelf/mount.js")
)


def shelf(*, data: bytes, key: str) -> None:
    """Lays a blob on the browser's shelf: tells its name, or sends it where it is small or the browser missed it."""
    if len(data) > SMALL:
        name = BLOBS.publish(data)
        if st.session_state.get(key, {}).get("missing") != name:
            data = (name,)
    _shelf(data=data, key=key, on_missing_change=lambda: None)


CHOOSING = ("chooser/sketch.js", "chooser/chooser.js")
PAD = (
    "likelihood.js",
    "pad/density.js",
    "pad/backdrop.js",
    "pad/frame.js",
    "pad/zoom.js",
    "pad/posterior.js",
    "pad/readouts.js",
    "png.js",
    "pad/print.js",
    "pad/vector.js",
)
pad = component("pad", *DRAWING, *CHOOSING, *PAD)
strip = component("strip", *DRAWING, "strip/film.js")
learned = component("learned", *DRAWING, "strip/film.js")
cover = component("cover", *DRAWING)
way = component("way", *DRAWING)
take = component("take", *DRAWING, "png.js")
manifold = component("manifold", *DRAWING, "manifold/overlay.js", "manifold/inset.js", "png.js", "manifold/print.js")
ELBO = ("likelihood.js", "elbo/waterfall.js", "elbo/pixels.js", "elbo/posterior.js", "elbo/hand.js", "elbo/live.js")
FILES = ("png.js", "pad/print.js", "along/files.js")
elbo = component("elbo", *DRAWING, *CHOOSING, *ELBO, *FILES)
samples = component("samples", "decoder.js", "paper.js")
draws = component("draws", *DRAWING, "likelihood.js", "elbo/waterfall.js", "draws/charts.js")
spread = component("spread", *DRAWING, "elbo/waterfall.js", "spread/dots.js", "spread/rows.js")
arrows = component("arrows", *DRAWING, *CHOOSING, "elbo/waterfall.js", "compare/rows.js", *FILES)
BETA = (
    "beta/words.js", "beta/chart.js", "beta/squares.js", "beta/cost.js", "beta/humps.js", "beta/remedies.js",
    "beta/slides.js", "beta/present.js", "png.js", "manifold/print.js", "beta/save.js", "beta/handout.js",
)  # fmt: skip
beta = component("beta", *DRAWING, *BETA)
compare = component("compare", *DRAWING, *CHOOSING, "compare/tiles.js", "compare/plane.js", "compare/rows.js", *FILES)
duel = component("duel", *DRAWING, "elbo/waterfall.js", "compare/rows.js")
training = component("training", *DRAWING, "elbo/waterfall.js", "training/chart.js", "training/frames.js")
runs = component("runs")
slow = component("slow", "paper.js", "panel.js")
along = component("along", "decoder.js", "shelf/shelf.js")
tour = component("tour", "tour/around.js")
