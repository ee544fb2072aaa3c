"""A page for a notebook's cell: Explore of a model that is no run, which cell.js connects with the widget around it."""

import html
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from dashboard.shared import model_view
from dashboard.shared.blob_server import packed
from dashboard.shared.saved_pages import facts, recording
from dashboard.shared.saved_pages.document import document
from dashboard.shared.saved_pages.recording import Recording
from vae_core.runs.codes import Codes
from vae_core.runs.store import Entry
from vae_core.settings import DataSettings, ModelSettings

MOUNTS = "dashboard.explore.answers.cell"  # shared code imports no page, so by its name
WIDGET = Path(__file__).with_name("widget.js")


class Settings(NamedTuple):
    """As far as a page asks for them: of a model from elsewhere, rules need not fit each other."""

    data: DataSettings
    model: ModelSettings


def page(shown: Any) -> str:
    """The HTML text of a vae_core.notebook.Shown."""
    manifest = {"name": shown.name, "shape": list(shown.shape), "classes": list(shown.classes),
                "created": uuid4().hex, "photograph": shown.photograph}  # fmt: skip
    settings = Settings(DataSettings(pixels="threshold" if shown.binary else "grey"), shown.networks.settings)
    entry = Entry(Path("notebook"), settings, manifest, {})  # by `created` no cache takes it for one shown before
    codes = Codes(shown.mean, shown.logvar, shown.labels)
    model = model_view.of(entry, shown.networks.decoder, codes, shown.variance)
    known = facts.of(model, shown.networks.encoder, shown.levels, shown.remarks)
    mounts = import_module(MOUNTS).mounts(model, len(shown.levels))
    known.told.update(hatch="", encodes=shown.encodes)
    alone = f'<p class="notice alone">{html.escape(shown.lacking)}</p>' if shown.lacking else ""
    body = f'<div class="stHtml">{alone}</div>' + "".join(map(recording.place, ["pad", "cell-bound", "sliders", "way"]))
    heading = f"{shown.name}, {model.dims} dimension{'s' if model.dims > 1 else ''}"
    made = Recording("explore", "Explore", body, heading, mounts)
    along = model_view.codes(model, mounts[0]["data"]["axes"])[1] if len(model.mean) else b""
    for sent in map(packed, filter(None, (shown.networks.decoder, along))):
        made.blobs[sent.name] = sent.content
    return document([made], known, bare=True)


def widget() -> str:
    """The widget's own module, which shows that page in a frame."""
    return WIDGET.read_text("utf-8")
