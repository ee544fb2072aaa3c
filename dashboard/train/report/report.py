"""Several runs to hand in: one HTML file with what differs, a table, curves and manifolds; the table as CSV; and an
archive of all of it with the runs themselves. The file loads nothing from anywhere: letters and pictures are in it.
"""

import base64
import csv
import html
import io
import zipfile
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import streamlit

from dashboard.shared import fonts, model_labels
from dashboard.train.live import snapshots
from dashboard.train.report import curves
from dashboard.train.run_table import rows
from vae_core.exchange.archive import packed
from vae_core.exchange.model_card import command
from vae_core.runs.store import Entry
from vae_core.sealed_files import SealError

LOOK = Path(__file__).with_suffix(".css")
SANS = Path(streamlit.__file__).parent / "static" / "static" / "media"
SIDE = 10  # tiles to a side of a manifold
RESULTS = ("elbo", "elbo_se", "reconstruction", "kl", "active_units")
NOUGHT = {"images": "all", "clip": "not clipped"}  # what 0 means, where that is not nothing
FORMULAS = ("=", "+", "@", "-", "\t")  # a text that begins so, a spreadsheet would compute


def page(entries: list[Entry]) -> str:
    """The report as one HTML file; runs stand in the order of β, D and seed."""
    entries = sorted(entries, key=place)
    differ, same = differences(entries)
    data = ", ".join(dict.fromkeys(model_labels.data(entry) for entry in entries))
    bounds = [points(entry, "elbo") for entry in entries]
    drawings = [points(entry, "reconstruction") for entry in entries]
    divergences = [points(entry, "kl") if entry.settings.model.stochastic else [] for entry in entries]
    parts = [
        f"<h1>{len(entries)} {'run' if len(entries) == 1 else 'runs'} compared</h1>",
        '<p>By <span class="author" contenteditable="plaintext-only">your name (click to write)</span></p>',
        f"<p>Images: {html.escape(data)}. Made with VAE Lab on {datetime.now().astimezone():%d %B %Y}.</p>",
        "<h2>What differs, and what it does</h2>",
        table(entries, differ),
        "<p>ELBO, reconstruction and KL are means over the test images, in nats per image; ± is the standard error."
        "</p>",
        figure("The ELBO while training, in nats per image, over the steps", bounds),
        figure("The reconstruction while training, in nats per image, over the steps", drawings),
        figure("The KL while training, in nats per image, over the steps", divergences),
        dimensions(entries),
        manifolds(entries, differ),
        "<h2>What all runs share</h2>",
        shared(same),
        "<h2>How to train them again</h2>",
        f"<pre>{html.escape(chr(10).join(command(entry) for entry in entries))}</pre>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>VAE Lab: runs compared</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{letters()}{LOOK.read_text('utf-8')}</style></head><body>{''.join(parts)}</body></html>"
    )


def place(entry: Entry) -> tuple[float, int, int]:
    """Where a run stands among others."""
    settings = entry.settings
    return settings.train.beta, settings.model.latent_dim, settings.train.seed


def differences(entries: list[Entry]) -> tuple[list[str], list[tuple[str, str]]]:
    """(the settings in which these runs differ; name and value of the others)."""
    known = [rows.flat(entry.settings) for entry in entries]
    order = [*rows.LETTERS, *(field for field in known[0] if field not in rows.LETTERS)]
    order = [field for field in order if field not in rows.HIDDEN]
    differ = [field for field in order if len({str(settings[field]) for settings in known}) > 1]
    common = [(label(field), value(field, known[0][field])) for field in order if field not in differ]
    return differ, common


def value(field: str, setting: Any) -> str:
    """A setting's value in words, where 0 stands for another thing than nothing of it."""
    return NOUGHT.get(field, "0") if setting == 0 and not isinstance(setting, bool) else rows.written(setting) or "none"


def shared(common: list[tuple[str, str]]) -> str:
    """The settings that all runs have, as a table of two columns."""
    lines = (f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>" for name, value in common)
    return f'<dl class="shared">{"".join(lines)}</dl>'


def label(field: str) -> str:
    return rows.LETTERS.get(field) or rows.LABELS.get(field) or field.replace("_", " ")


def table(entries: list[Entry], differ: list[str]) -> str:
    heads = ["run", *map(label, differ)]
    numbers = ["ELBO", "reconstruction", "KL", "active", "steps done", "training time"]
    lines = []
    for k, entry in enumerate(entries):
        settings, row = rows.flat(entry.settings), rows.row(entry)
        report = entry.metrics if entry.ready else {}
        cells = "".join(f"<td>{html.escape(rows.written(settings[field]))}</td>" for field in differ)
        elbo = "" if report.get("elbo") is None else f"{row['elbo']} {row['error']}"
        found = [
            elbo,
            rows.nats(report.get("reconstruction")),
            row["kl"],
            row["active"],
            f"{entry.step:,}",
            row["took"],
        ]
        cells += "".join(f'<td class="number">{html.escape(text)}</td>' for text in found)
        lines.append(f'<tr><td class="name">{curves.key(k)}{html.escape(model_labels.name(entry))}</td>{cells}</tr>')
    head = "".join(f"<th>{html.escape(name)}</th>" for name in heads)
    head += "".join(f'<th class="number">{name}</th>' for name in numbers)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def points(entry: Entry, name: str) -> list[tuple[int, float]]:
    """Of the training images: the bound (an autoencoder's reconstruction) or one of its terms."""
    found = snapshots.curves(entry.history())
    values = snapshots.bound(found) if name == "elbo" else found[name]
    return [(step, value) for step, value in zip(found["step"], values, strict=True) if value is not None]


def figure(title: str, lines: list[list[tuple[int, float]]]) -> str:
    drawn = curves.drawing(lines, title)
    return f"<h2>{title}</h2>{drawn}" if drawn else ""


def dimensions(entries: list[Entry]) -> str:
    """The KL of each dimension at the end of training, a row of bars per run, all on one scale."""
    ends = [(k, entry, entry.history()) for k, entry in enumerate(entries) if entry.settings.model.stochastic]
    last = [(k, entry, sorted(history[-1]["kl_per_dimension"], reverse=True)) for k, entry, history in ends if history]
    bars = curves.bars([(k, values) for k, _, values in last])
    if not bars:
        return ""
    lines = (
        f"<tr><td class=name>{curves.key(k)}{html.escape(model_labels.name(entry))}</td><td>{drawn}</td></tr>"
        for (k, entry, _), drawn in zip(last, bars, strict=True)
    )
    return (
        "<h2>The KL of each dimension at the last step, in nats, the largest first</h2>"
        f'<div class="wide"><table class="dimensions">{"".join(lines)}</table></div>'
    )


def manifolds(entries: list[Entry], differ: list[str]) -> str:
    """What each decoder draws across the prior, at equal steps of its probability."""
    made, named = [], len({model_labels.name(entry) for entry in entries}) == len(entries)
    for entry in entries:
        picture = manifold(entry)
        if picture is None:
            continue
        settings = rows.flat(entry.settings)
        words = "" if named else " · ".join(rows.said(field, settings[field]) for field in differ)
        made.append(
            f'<figure><img alt="manifold" src="data:image/png;base64,{picture}"><figcaption>'
            f"{html.escape(model_labels.name(entry))} <span>{html.escape(words)}</span></figcaption></figure>"
        )
    return (
        f'<h2>What each decoder draws across the prior</h2><div class="manifolds">{"".join(made)}</div>' if made else ""
    )


def manifold(entry: Entry) -> str | None:
    """PNG as base64; None of a run without a model, or of a conditional one whose images are not here."""
    from dashboard.train.live import film_export

    if not entry.ready:
        return None
    data = snapshots.dataset(entry.settings) if entry.settings.model.conditional else None
    if entry.settings.model.conditional and (data is None or data.data is None):
        return None
    seen = (
        snapshots.watched(data.data, entry.settings.data.pixels, entry.settings.data.validation)
        if data
        else snapshots.Data(None, None, None)
    )
    axes = snapshots.plane(entry.history(), entry.settings.model.latent_dim)
    try:
        tiles = snapshots.tiles(entry.load().vae, seen, axes, SIDE)
    except ValueError:  # a damaged file
        return None
    still = film_export.Still(entry.step, None, tiles, None)
    buffer = io.BytesIO()
    film_export.manifold(still, entry.shape, entry.photograph).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


@cache
def letters() -> str:
    """The page's fonts, in the file."""
    found = [("Source Serif", fonts.FONTS / "serif-roman.woff2")]
    found += [("Source Sans", file) for file in SANS.glob("SourceSansVF-Upright*.woff2")]
    rules = []
    for name, file in found:
        data = base64.b64encode(file.read_bytes()).decode()
        rules.append(
            f'@font-face {{ font-family: "{name}"; font-weight: 200 900; '
            f'src: url("data:font/woff2;base64,{data}") format("woff2"); }}\n'
        )
    return "".join(rules)


def table_csv(entries: list[Entry]) -> str:
    """A line per run: its name and key, every setting, what it reached on the test images (nats per image)."""
    text = io.StringIO()
    write = csv.writer(text)
    settings = [field for field in rows.flat(entries[0].settings) if field != "fingerprint"] if entries else []
    write.writerow(["run", "key", "status", *settings, *RESULTS, "step", "seconds", "created"])
    for entry in entries:
        here, report = rows.flat(entry.settings), entry.metrics if entry.ready else {}
        values = ["-".join(map(str, v)) if isinstance(v, tuple | list) else v for v in map(here.get, settings)]
        seconds = (entry.manifest or {}).get("seconds", "")
        found = [report.get(name) for name in RESULTS]
        line = [model_labels.name(entry), entry.key, entry.status, *values, *found, entry.step, seconds, entry.created]
        write.writerow([cell(value) for value in line])
    return text.getvalue()


def cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


def archive(entries: list[Entry], names: list[str]) -> bytes:
    """One .zip: each run's own archive, which can be imported, the report and the table."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("report.html", page(entries))
        made.writestr("runs.csv", "\ufeff" + table_csv(entries))
        for entry, name in zip(entries, names, strict=True):
            if entry.ready:
                try:
                    made.writestr(f"{name}.zip", packed(entry))
                except (SealError, OSError) as damaged:
                    made.writestr(f"{name}.txt", f"{damaged}\n")
    return buffer.getvalue()
