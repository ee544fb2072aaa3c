"""The pages of all bundled models as files for any web server; what needs Python says so there.

explore/ and manifold/ have a page for each model; blobs/, named by their content, and static/ are shared by all.
"""

import html
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from dashboard.shared import model_labels, model_picker
from dashboard.shared.saved_pages import document
from dashboard.shared.saved_pages.document import Site
from dashboard.shared.saved_pages.facts import Facts
from dashboard.shared.saved_pages.files import cause, check_folder, entry_of, known_of, pages_of, with_answers
from dashboard.shared.saved_pages.recording import Recording, record
from vae_core.runs.store import Entry

OF_MODELS = ("explore", "manifold")
OTHERS = ("kl", "paper", "glossary")


class Made(NamedTuple):
    files: int
    size: int  # bytes


def write_site(folder: Path, names: Iterable[str], notify: Callable[[str], None]) -> Made:
    """All pages into a folder that is new or empty, for the named models, else for all bundled ones."""
    entries = [entry_of(name) for name in names] or [e for e in model_picker.bundled_models() if e.ready]
    prepare(folder)
    writer = Writer(folder, entries)
    try:
        for entry in entries:
            notify(f"{entry.key} …")
            writer.model(entry)
        for name in OTHERS:
            notify(f"{name} …")
            writer.page(name)
        writer.finish()
    except OSError as error:
        raise ValueError(f"{folder} could not be written: {cause(error)}. Choose another folder.") from error
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Made(len(files), sum(path.stat().st_size for path in files))


def prepare(folder: Path) -> None:
    """ValueError where a site would mix with other files."""
    check_folder(folder.absolute().parent)
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise ValueError(f"{folder} is not empty: name a new folder for the site.")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ValueError(f"{folder} could not be made: {cause(error)}. Choose another folder.") from error
    check_folder(folder)


class Writer:
    """Into one folder; blobs and scripts that several pages need are written once."""

    def __init__(self, folder: Path, entries: list[Entry]) -> None:
        self.folder, self.entries = folder, entries
        self.models = [(entry.key, model_labels.spoken(entry)) for entry in entries]
        self.looks: dict[str, dict[str, str]] = {}
        first = entries[0].key
        self.links = {name: f"{name}/{first}.html" for name in OF_MODELS} | {name: f"{name}.html" for name in OTHERS}
        for name in ("blobs", "static", *OF_MODELS):
            (folder / name).mkdir()

    def model(self, entry: Entry) -> None:
        known, pages = known_of(entry), pages_of(entry)
        known.told["hatch"] = pages[0].mount("pad")["hatch"]
        links = self.links | {name: f"{name}/{entry.key}.html" for name in OF_MODELS}
        site = Site("../", links, self.models, entry.key)
        for made in pages:
            self.write(f"{made.page}/{entry.key}.html", made, known, site)

    def page(self, name: str) -> None:
        self.write(f"{name}.html", with_answers(record(name)), None, Site("", self.links, self.models, ""))

    def write(self, path: str, made: Recording, known: Facts | None, site: Site) -> None:
        for name, blob in (made.blobs | (known.blobs if known else {})).items():
            file = self.folder / "blobs" / f"{name}.bin"
            if not file.exists():
                file.write_bytes(document.zipped(blob))
        script = self.folder / "static" / f"{document.bundle_name([made])}.js"
        wanted = document.script(tuple(document.scripts([made])))
        if script.exists() and script.read_text("utf-8") != wanted:
            script = script.with_stem(f"{script.stem}-{len(document.scripts([made]))}")
        script.write_text(wanted, "utf-8")
        self.looks |= document.looks([made])
        (self.folder / path).write_text(document.document([made], known, site._replace(script=script.name)), "utf-8")

    def finish(self) -> None:
        static = self.folder / "static"
        (static / "looks.json").write_text(json.dumps(self.looks, ensure_ascii=False), "utf-8")
        (static / "style.css").write_text(document.style(inline=False), "utf-8")
        for *_, font in document.font_files():
            shutil.copyfile(font, static / font.name)
        first = html.escape(self.links["explore"])
        (self.folder / "index.html").write_text(
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>VAE Lab</title>'
            f'<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0; url={first}"></head>'
            f'<body><a href="{first}">VAE Lab</a></body></html>\n',
            "utf-8",
        )
        (self.folder / ".nojekyll").touch()  # GitHub Pages serves the files as they are
