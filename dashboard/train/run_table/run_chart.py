"""Runs as a chart: what one setting does to a number, a dot for each run.

Plotly, and its chunk of the browser's code, come when the panel is opened and not before.
"""

import csv
import html
import io
from typing import Any

import streamlit as st

from dashboard.shared import model_labels, page_elements, url_state
from dashboard.train.run_table.rows import LABELS, LETTERS, flat
from vae_core.runs.store import Entry

NUMBERS = {  # name on the axis: field of the report, its colour in the light and in the dark
    "test ELBO": ("elbo", "#5332B8", "#C6A2FF"),
    "reconstruction": ("reconstruction", "#47700A", "#A3DB63"),
    "KL": ("kl", "#A82477", "#FF6B96"),
    "active units": ("active_units", "#B83A00", "#FF9838"),
}
RATE, NOTHING = "KL, the rate", "nothing"
TICKS = 12  # at most, one at each value
PICTURES = ("svg", "png")
FEWEST = 3  # runs that are worth a chart
WIDE = 20  # a setting that spans more than so many times its smallest value is drawn on a logarithm
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "star", "pentagon", "hexagon")
INK = {"light": ("#1A1D21", "#5C5A57", "#EFECE7"), "dark": ("#F2F3F0", "#A9B0B6", "#262B30")}


def draw(entries: list[Entry]) -> None:
    """Folded, and there once a data set has three finished variational runs."""
    sets: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.status == "done" and entry.settings.model.stochastic:
            sets.setdefault(model_labels.data(entry), []).append(entry)
    sets = {data: runs for data, runs in sets.items() if len(runs) >= FEWEST}
    if not sets:
        return
    with st.expander("Runs as a chart", key="runs-chart", on_change="rerun") as opened:
        if opened.open:
            draw_chart(sets)


def draw_chart(sets: dict[str, list[Entry]]) -> None:
    """One data set at a time: the bounds of two have no common scale."""
    places = st.columns([3, 3, 3, 3, 2])
    data = places[0].selectbox("data", sorted(sets, key=lambda name: -len(sets[name])), key="chart-data")
    runs = sets[data]
    varied = varying(runs)
    across = places[1].selectbox("across", [*varied, RATE], key="chart-x", format_func=label)
    up = places[2].selectbox("up", list(NUMBERS), key="chart-y")
    rest = [NOTHING, *(field for field in varied if field != across)]
    second = len(rest) > 1 and rest[1] in LETTERS
    mark = places[3].selectbox("colour by", rest, int(second), key="chart-marks", format_func=label)
    kind = places[4].selectbox("picture as", PICTURES, key="chart-picture", format_func=str.upper)
    file = model_labels.file_name(f"runs {data} {NUMBERS[up][0]} over {across}")
    saving = {"format": kind, "filename": file, "width": 900, "height": 420, "scale": 2 if kind == "png" else 1}
    found = st.plotly_chart(
        figure(runs, across, up, "" if mark == NOTHING else mark), key=f"chart {kind}", width="stretch", theme=None,
        config={"displayModeBar": True, "displaylogo": False, "modeBarButtons": [["toImage"]],
                "toImageButtonOptions": saving}, on_select="rerun", selection_mode="points",
    )  # fmt: skip
    page_elements.sentence(
        "A dot is a run, its bar the standard error over test images; a click shows that run. The camera saves the "
        "chart as a picture.",
        "caption",
    )
    st.download_button("Numbers as CSV", numbers(runs, varied, across), f"{file}.csv", "text/csv", key="chart-csv")
    show(found["selection"]["points"])


def numbers(entries: list[Entry], varied: list[str], across: str) -> str:
    """A row for each run: its key and name, the settings that differ, and its numbers."""
    settings = list(dict.fromkeys([*varied, *([] if across == RATE else [across])]))
    measured = [field for field, *_ in NUMBERS.values()]
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["key", "name", *settings, *measured, "elbo_se"])
    for entry in entries:
        found = [value(entry, field) for field in settings]
        rows.writerow([entry.key, model_labels.name(entry), *found, *map(entry.metrics.get, [*measured, "elbo_se"])])
    return text.getvalue()


def show(points: list[dict[str, Any]]) -> None:
    """The run that was clicked on, once."""
    clicked = points[0]["customdata"] if points else None
    key = clicked[0] if isinstance(clicked, list) else clicked
    if key != st.session_state.get("chart clicked"):
        st.session_state["chart clicked"] = key
        if key:
            url_state.forget("at")
            url_state.keep("run", key)
            st.rerun()


def varying(entries: list[Entry]) -> list[str]:
    """The settings that differ between these runs, those that people change most first."""
    known = [flat(entry.settings) for entry in entries]
    order = ["beta", *LETTERS, *(field for field in known[0] if field not in LETTERS)]
    differ = [f for f in order if f in LABELS | LETTERS and len({str(settings[f]) for settings in known}) > 1]
    return list(dict.fromkeys(differ))


def label(field: str) -> str:
    return LETTERS.get(field) or LABELS.get(field) or field


def figure(entries: list[Entry], across: str, up: str, mark: str = ""):
    """The chart: x a setting or the KL, y a number of the report, in nats per image (active units: a count)."""
    from plotly import graph_objects as go

    theme = "dark" if st.context.theme.type == "dark" else "light"
    field, *colours = NUMBERS[up]
    tint, (ink, ink2, hair) = colours[theme == "dark"], INK[theme]
    groups: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda e: (isinstance(at := value(e, mark), str), at)) if mark else entries:
        groups.setdefault(f"{label(mark)} {said(entry, mark)}" if mark else "", []).append(entry)
    drawn = go.Figure()
    for place, (name, group) in enumerate(groups.items()):
        errors = {"array": [entry.metrics["elbo_se"] for entry in group], "width": 0, "thickness": 1.5}
        dot = {"symbol": SYMBOLS[place % len(SYMBOLS)], "size": 11, "color": tint, "line": {"width": 1, "color": ink}}
        drawn.add_scatter(
            x=[value(entry, across) for entry in group], y=[entry.metrics[field] for entry in group], name=name,
            error_y=errors if field == "elbo" else None, mode="markers", marker=dot,
            customdata=[[entry.key, html.escape(model_labels.name(entry))] for entry in group],  # plotly reads tags
            hovertemplate="%{customdata[1]}<br>%{y:.1f}<extra></extra>",
        )  # fmt: skip
    numbers = [x for entry in entries if isinstance(x := value(entry, across), int | float)]
    wide = len(numbers) == len(entries) and min(numbers) > 0 and max(numbers) > WIDE * min(numbers)
    stops = sorted(set(numbers)) if across != RATE and len(set(numbers)) <= TICKS else None
    ticks = {"tickvals": stops, "ticktext": [f"{stop:g}" for stop in stops]} if stops else {}
    axis = {"gridcolor": hair, "zeroline": False, "linecolor": ink2, "tickfont": {"size": 14, "color": ink2}}
    unit = "" if field == "active_units" else ", nats per image"
    drawn.update_layout(
        height=360, margin={"l": 70, "r": 12, "t": 8, "b": 52}, showlegend=bool(mark), dragmode=False,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", legend={"font": {"size": 14}},
        font={"family": "Source Sans, sans-serif", "size": 15, "color": ink},
        xaxis=axis | ticks | {"title": label(across), "type": "log" if wide else None if numbers else "category"},
        yaxis=axis | {"title": up + unit}, hoverlabel={"font": {"size": 15, "family": "Source Sans, sans-serif"}},
    )  # fmt: skip
    return drawn


def value(entry: Entry, field: str) -> Any:
    """Of one run: a number where the setting is one, else its text."""
    if field == RATE:
        return entry.metrics["kl"]
    found = flat(entry.settings)[field]
    return found if isinstance(found, int | float) and not isinstance(found, bool) else said(entry, field)


def said(entry: Entry, field: str) -> str:
    found = flat(entry.settings)[field]
    return "-".join(map(str, found)) or "linear" if isinstance(found, tuple | list) else str(found)
