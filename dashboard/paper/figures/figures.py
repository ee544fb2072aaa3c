"""Figures 2 and 3 for the browser: all panels small, one of them large, and what a visitor trains beside them."""

import math
from typing import Any

import numpy as np
import streamlit as st

from dashboard.paper.figures import live_curve, panels
from dashboard.paper.figures.panels import ALGORITHMS, DATA, FIRST, Panel
from dashboard.shared import (
    access,
    background,
    formatting,
    model_picker,
    notices,
    page_elements,
    test_images,
    training_queue,
    url_state,
)
from dashboard.shared.browser_blobs import encode, publish_blob
from dashboard.shared.caching import cached
from dashboard.shared.components import component
from vae_core.analysis import paper_figures
from vae_core.runs.store import Entry, source_of, trained

figures = component("paper/figures/figures.js")

AXES = {  # what a curve is drawn over: its column, and what it counts
    "images": ("images_seen", "training images"),
    "updates": ("weight_updates", "weight updates"),
    "seconds": ("seconds", "seconds of one processor core"),
}
INVITATION = (
    "The stored curves of figures 2 and 3 are not here. This computes them again, in about three hours:"
    "<code>python -m vae_core paper --write</code>Then reload this page."
)


def draw(rows: dict[str, dict[str, Any]]) -> None:
    """`rows`: the stored curves, by their names."""
    known = panels.panels()
    names = (FIRST, *(name for name in known if name != FIRST))
    panel, axis = known[url_state.one_of("panel", names)], url_state.one_of("axis", tuple(AXES))
    runs = list(live_curve.of_panel(panel))
    page_elements.claim(*claim(panel, rows, axis))
    with st.container(key="notices"):
        notices.show()
    if not rows:
        page_elements.sentence(INVITATION, "invitation")
        return
    dreamer = rows.get(next(curve for curve in paper_figures.plan() if curve.dreams).name) or {}
    dreamt, blob = dreams(tuple(dreamer["dreams"])) if dreamer.get("dreams") else (None, None)
    figures(
        key="figures",
        data={
            "panels": [sketch(p, rows) for p in known.values()], "at": panel.name, "axis": axis,
            "live": [follow(entry, curve) for entry, curve in runs], "names": ALGORITHMS,
            "dreams": dreamt, "dreamer": dreamer.get("images_seen"), "each": paper_figures.DREAMS,
            "goals": paper_figures.GOALS, "run": paper_figures.LIVE, "may": access.may_train(),
        },
        on_panel_change=lambda: url_state.keep("panel", st.session_state.figures.panel),
        on_axis_change=lambda: url_state.keep("axis", st.session_state.figures.axis),
        on_train_change=lambda: start(panel, st.session_state.figures.train["algorithm"]),
        on_stop_change=lambda: training_queue.jobs().stop(st.session_state.figures.stop["key"]),
        on_open_change=lambda: model_picker.choose(st.session_state.figures.open),
    )  # fmt: skip
    if blob:
        publish_blob(data=blob, key="dreams")
    if st.session_state.figures.get("open"):
        url_state.go("explore/explore.py")


def sketch(panel: Panel, rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A panel with its stored curves."""
    lines = [panels.line(curve, rows[curve.name]) for curve in panel.curves if curve.name in rows]
    data, d = DATA[panel.curves[0].data], panel.curves[0].latent_dim
    return {"name": panel.name, "title": panel.title, "figure": panel.figure, "data": data, "d": d, "lines": lines}


def follow(entry: Entry, curve: paper_figures.Curve) -> dict[str, Any]:
    """A visitor's run, whose snapshots are measured while somebody looks."""
    mine = live_curve.live_curve(entry, curve)
    if mine.missing(entry) or entry.status in live_curve.ACTIVE:
        shown = live_curve.state([(entry, curve)])
        background.run_in_pieces(
            ("paper", entry.key), mine.measure, lambda: changed(entry.key, curve) != shown, soon=False
        )
    return mine.line(entry)


def changed(key: str, curve: paper_figures.Curve) -> tuple:
    entry = trained().get(key)
    return live_curve.state([(entry, curve)]) if entry else ()


def start(panel: Panel, algorithm: str) -> None:
    """Puts the next run of an algorithm into the queue."""
    if algorithm not in panel.algorithms or not access.may_train():
        return
    curve = panel.plain(algorithm)
    runs = list(live_curve.of_panel(panel))
    if any(entry.status in live_curve.ACTIVE for entry, other in runs if other == curve):
        return
    settings = live_curve.settings_of(curve, runs)
    ready = test_images.of(settings.data, source_of(settings.data), background.wait_for)
    if ready.data is None:
        notices.notify(ready.missing)
        return
    settings = settings.with_fields(fingerprint=ready.data.fingerprint, name=ready.data.name)
    try:
        from vae_core.jobs.trainer import check

        check(settings, ready.data)
        training_queue.jobs().submit(settings, who=access.visitor(), data=training_queue.path_of(ready.data))
    except (ValueError, OSError) as refused:  # the queue is full, or these settings do not fit
        notices.notify(str(refused))


@cached(max_entries=1)
def dreams(packed: tuple[str, ...]) -> tuple[str, bytes]:
    """What the stored wake-sleep curve dreamt, moment by moment, for the browser: its key and the blob."""
    levels = paper_figures.kept_dreams(packed)
    return encode("pictures", [levels], count=levels.shape[0] * levels.shape[1], shape=[28, 28])


def claim(panel: Panel, rows: dict[str, dict[str, Any]], axis: str) -> tuple[str, str]:
    """Who leads on test images where the shortest of this panel's curves ends, on the axis that is shown."""
    found = {name: row for name in panel.algorithms if (row := rows.get(panel.plain(name).name))}
    if len(found) < 2:
        return "The figures of the paper, computed again", "Kingma & Welling (2014), figures 2 to 5."
    column, unit = AXES[axis]
    end = min(row[column][-1] for row in found.values())
    reached = {name: value(row, column, end) for name, row in found.items()}
    best, second = sorted(reached, key=reached.get, reverse=True)[:2]
    ahead, what = reached[best] - reached[second], "bound" if panel.figure == 2 else "log p(x)"
    where = f"{DATA[panel.curves[0].data]}, {panel.title}"
    headline = f"{where}: {ALGORITHMS[best]} leads {ALGORITHMS[second]} by {formatting.number(ahead, 1)} nats"
    between = "" if axis == "images" else ", read off between the points that were measured"
    return headline, (
        f"In the {what} of test images, after {end:,.0f} {unit}{between}: the paper’s figure {panel.figure}. "
        "AEVB (auto-encoding variational Bayes) is how a VAE learns."
    )


def value(row: dict[str, Any], column: str, at: float) -> float:
    """The test value of a curve at a place of the logarithmic axis: that of a point, or on the line between two."""
    return float(np.interp(math.log(at), np.log(np.maximum(row[column], 1e-9)), row["test"]))
