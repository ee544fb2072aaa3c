"""A training as it happens: the frame that changes, the curves, and the buttons that hold and stop it."""

import html

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.shared import (
    access,
    background,
    formatting,
    model_labels,
    notices,
    page_elements,
    training_queue,
    url_state,
)
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.components import component
from dashboard.shared.section import section
from dashboard.train.launch import start
from dashboard.train.live import gap_curve, more_steps, next_steps, recorded, snapshots
from dashboard.train.run_table import run_table
from dashboard.train.sweep import sweep
from vae_core.registry import LIKELIHOODS
from vae_core.runs.store import Entry, trained
from vae_core.settings import RunSettings

training = component("train/live/live.js")


@section("The training")
def watch(chosen: RunSettings, key: str | None, active: bool) -> None:
    """Everything that moves; drawn again twice a second while the training runs."""
    entry = trained().get(key) if key else None
    if active and (entry is None or entry.status not in snapshots.ACTIVE):
        st.session_state["drawn anew"] = True
        st.rerun()
    if not st.session_state.pop("page drawn", False):  # a poll: nobody has answered to what was said
        st.session_state["drawn anew"] = True
    training_queue.jobs().move_up()
    settings = entry.settings if entry else chosen
    rows = entry.history() if entry else []
    data = snapshots.dataset(settings)
    # While it trains, its picture is computed first: then the heading and the bar below tell the same step at once.
    heading, said = st.container(key="claim"), st.container(key="notices")
    if not active:
        head(heading, said, entry, rows)
    if entry:
        next_steps.draw(entry, data, rows)
    axes = snapshots.plane(rows, settings.model.latent_dim)
    here, reel = pictures(entry, data, axes) or (None, None)
    if active:
        head(heading, said, entry, rows)
    film_before = None if entry else recorded.film()
    with st.container(key="training-shelf"):
        publish_blob(data=film_before.blob, key="recorded") if film_before else None
        publish_blob(data=here[1], key="frame") if here else None
        publish_blob(data=reel[1], key="film") if reel else None
    training(
        key="training",
        data={
            "run": entry.key if entry else "",
            "status": entry.status if entry else "none",
            "place": training_queue.jobs().place(key) if key else None,
            "step": max(entry.step, rows[-1]["step"] if rows else 0) if entry else 0,
            "steps": settings.train.steps,
            "dims": settings.model.latent_dim,
            "stochastic": settings.model.stochastic,
            "importance": settings.train.importance_samples,
            "may": access.may_train(),
            "curves": snapshots.curves(rows),
            "pace": snapshots.pace(rows, settings) if active else {},
            "marks": snapshots.references(settings, data) or [],
            "gaps": (gap_curve.points(entry, data) or []) if entry else [],
            "others": run_table.overlaid(entry) or [],
            "frame": here[0] if here else "",
            "film": reel[0] if reel else "",
            "snapshots": entry.snapshots() if entry else [],
            "heldOut": settings.data.validation > 0,
            "at": url_state.asked("at"),
            "classes": snapshots.classes(data),
            "told": told(settings, data),
            "photograph": snapshots.photograph(entry, settings, data.data if data else None),
            "recorded": film_before.told if film_before else None,
            "file": model_labels.saved_as(entry) if entry else "",
            "title": model_labels.name(entry) if entry else "",
        },
        on_order_change=lambda: order(key, st.session_state.training.order),
        on_film_change=lambda: st.session_state.update({"film of": key}),
        on_at_change=lambda: scrubbed(st.session_state.training.at),
    )
    if active:
        background.begin()  # what was asked for since the page was drawn


def head(heading: DeltaGenerator, said: DeltaGenerator, entry: Entry | None, rows: list[dict]) -> None:
    """The claim, and what there is to say, in their places above the rest."""
    with heading, section("The heading"):
        title, explanation = headline(entry, rows)
        parts = (sweep.place(entry) if entry else "", density(entry, rows), explanation)
        page_elements.claim(html.escape(title), html.escape(" ".join(filter(None, parts))))
    with said:
        notices.show()


def told(settings: RunSettings, data) -> str | None:
    """The class that the tiles of a conditional model are given: that of the first image; None of other models."""
    if not settings.model.conditional or data is None or data.data is None or data.data.train_labels is None:
        return None
    seen = snapshots.watched(data.data, settings.data.pixels, settings.data.validation)
    return formatting.short(snapshots.classes(data)[int(seen.labels[0])])


@section("The pictures of this training")
def pictures(entry: Entry | None, data, axes) -> tuple[tuple[str, bytes] | None, tuple[str, bytes] | None]:
    """The model as it is now; and all snapshots, once somebody scrubs or the training has ended."""
    if entry is None or data is None or data.data is None or not (entry.snapshots() or entry.ready):
        return None, None
    ended = entry.status not in snapshots.ACTIVE
    latest = (entry.snapshots() or [entry.step])[-1]  # an imported run has its last model only
    here = snapshots.frame(entry, data, latest if entry.live() is None else None, axes)
    wanted = entry.snapshots() and (ended or st.session_state.get("film of") == entry.key)
    return here, snapshots.film(entry, data, axes) if wanted else None


def order(key: str, asked: dict | None) -> None:
    """A button of the training: the run's folder carries it to whoever trains."""
    entry = trained().get(key) if access.may_train() and asked else None
    if entry is None or asked == st.session_state.get("ordered"):
        return
    st.session_state["ordered"], what = asked, asked["name"]
    if what == "stop":
        training_queue.jobs().stop(key)
    elif what in ("pause", "step"):
        entry.order(until=0 if what == "pause" else int(asked["step"]) + 1)
    elif what == "resume" and entry.status in ("running", "paused"):
        entry.order()
    elif what == "resume":
        start(entry.settings)


def scrubbed(step: int | None) -> None:
    url_state.forget("at") if step is None else url_state.keep("at", str(step))


def headline(entry: Entry | None, rows: list[dict]) -> tuple[str, str]:
    """A claim with the number in it, and what to look at."""
    if entry is None:
        return "Train a variational autoencoder", "Press Train, and watch it learn: pictures appear within seconds."
    step = max([entry.step, *(row["step"] for row in rows[-1:])])
    at, value = f"step {step:,} of {entry.settings.train.steps:,}", bound(entry, rows)
    match entry.status:
        case "queued":
            return queued(entry)
        case "paused":
            return f"Paused at {at}: {value}", "Go step by step, or resume."
        case "running":
            where = "line" if entry.settings.model.latent_dim == 1 else "plane"
            return f"{value} at {at}", f"Every point of the {where} is an image; watch the images separate."
        case "done":
            back = "Drag the slider back to see it learn." if len(entry.snapshots()) > 1 else ""
            parts = (f"Trained in {entry.manifest['seconds']:.0f} s.", entry.why, more_steps.said(entry, rows), back)
            return f"{model_labels.name(entry)}: {value}", " ".join(filter(None, parts))
        case "diverged":
            left = f" The model of step {entry.step:,} is what it left." if entry.ready else ""
            return "It broke off: no number any more", f"{entry.why}{left}"
        case "failed":
            return f"It failed at step {entry.step:,}", entry.why
        case status:
            kept = "What it learned is kept; you can resume from here."
            return f"{status.capitalize()} at {at}: {value}", f"{entry.why} {kept}".strip()


def density(entry: Entry | None, rows: list[dict]) -> str:
    """What the number in the heading needs for being read where it is that of grey or coloured pixels."""
    if not rows or LIKELIHOODS[entry.settings.model.likelihood].binary or entry.status in ("diverged", "failed"):
        return ""
    return "Here p(x) is a density, so this number can be above 0."


def queued(entry: Entry) -> tuple[str, str]:
    """It waits only where another training is before it; else the process that trains is just starting."""
    name, place = model_labels.name(entry), training_queue.jobs().place(entry.key)
    if place == 0:
        return "Here it begins", f"{name}: the first picture comes in a moment."
    which = f"number {place} in the queue" if place else "another program trains it"
    return "Queued: starts when the current training ends", f"{name}: {which}."


def bound(entry: Entry, rows: list[dict]) -> str:
    """The latest bound: of the test set once it is done, of the training images before."""
    name = "ELBO" if entry.settings.model.stochastic else "reconstruction"
    name += " of log p(x|y)" if entry.settings.model.conditional and entry.settings.model.stochastic else ""
    if entry.status == "done":
        value = entry.metrics["elbo"] if entry.metrics["elbo"] is not None else entry.metrics["reconstruction"]
        weighted = entry.metrics.get("importance_weighted")
        beside = "" if weighted is None else f", importance-weighted (IWAE) {formatting.number(weighted, 1)}"
        return f"test {name} {formatting.number(value, 1)} nats{beside}"
    if not rows:
        return "no step yet"
    if (weighted := rows[-1].get("importance_weighted")) is not None:
        name = name.replace("ELBO", f"IWAE bound (K = {entry.settings.train.importance_samples})")
        return f"{name} {formatting.number(weighted, 1)} nats in training"
    return f"{name} {formatting.number(rows[-1]['reconstruction'] - rows[-1]['kl'], 1)} nats in training"
