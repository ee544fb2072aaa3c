"""Train: one button, a manifold that unfolds, and the bound in its parts as they move."""

import html

import streamlit as st

from dashboard import address, form, gaps, hall, later, notices, prose, runlist, several, trainings
from dashboard.components import shelf, training
from dashboard.section import section
from vae_core.runs import Entry, trained
from vae_core.settings import RunSettings

POLL = 0.5  # seconds


@section("This page")
def page() -> None:
    queue = trainings.jobs()
    if hall.may_train():
        queue.executor.prepare()
    entry = current()
    if entry and address.asked("set") is None and address.asked("preset") is None:
        for key, text in form.share("quick", entry.settings).items():
            address.keep(key, text)  # the settings that are shown are those of the run that is shown
    name, chosen = form.settings()
    st.session_state["page drawn"] = True
    left, right = st.columns([3, 11], gap="large")
    with right:
        active = entry is not None and entry.status in trainings.ACTIVE
        st.fragment(watch, run_every=POLL if active else None)(chosen, entry.key if entry else None, active)
    with left, st.container(key="settings"):
        with section("The form"):
            form.form(name, chosen, sets(chosen), not hall.may_train())
        launch(chosen)
        if hall.may_train():
            with section("“Several at once”"):
                several.panel(chosen)
        with section("“Everything else”"):
            form.rest(chosen, not hall.may_train())
    if entry:
        slow_motion(entry)
        take_along(entry)
    with section("The runs of this machine"):
        runlist.section(entry)
    later.redraw_when_done()


def current() -> Entry | None:
    """The run in the address, else the one in training here."""
    key = address.asked("run")
    if key:
        entry = trained().get(key)
        if entry is None:
            notices.say(f"The address asks for a run “{key[:40]}” that is not here; it may have been deleted.")
            address.forget("run")
        return entry
    return next((entry for entry in trained().list() if entry.status in trainings.ACTIVE), None)


def sets(chosen: RunSettings) -> list[str]:
    """Names of data sets, with the one that is in use."""
    known = [*form.SETS]
    return known if chosen.data.name in known else [*known, chosen.data.name]


@section("The button that trains")
def launch(chosen: RunSettings) -> None:
    """The button, and what becomes of the click."""
    if not hall.may_train():
        prose.sentence("In this hall the presenter trains; everything else is yours to explore.")
        return
    ready = trainings.dataset(chosen)
    label = "Train"
    if ready and ready.data is not None:
        known = trained().get(chosen.with_fields(fingerprint=ready.data.fingerprint).key())
        if known:
            label = {"done": "Show this run again", "stopped": "Go on training"}.get(known.status, "Train")
    st.button(label, key="train", type="primary", width="stretch", on_click=start, args=(chosen,))
    if ready and ready.data is None:
        prose.sentence(ready.missing)
    if hall.secret():
        prose.sentence("You present: visitors look, you train.")


def start(chosen: RunSettings) -> None:
    from vae_core.perform import check

    ready = trainings.dataset(chosen, wait=True)
    if ready.data is None:
        notices.say(ready.missing)
        return
    settings = chosen.with_fields(fingerprint=ready.data.fingerprint, name=ready.data.name)
    before = trained().get(settings.key())
    try:
        if not before:
            check(settings, ready.data)
        entry = trainings.jobs().submit(settings, who=hall.visitor(), data=trainings.path_of(ready.data))
    except (ValueError, OSError) as refused:  # the queue is full, or these settings do not fit
        notices.say(str(refused))
        return
    address.forget("at")
    address.keep("run", entry.key)
    if before and before.status == "done":
        notices.say(f"These settings were trained before, in {before.manifest['seconds']:.0f} s; this is that run.")


@section("The training")
def watch(chosen: RunSettings, key: str | None, active: bool) -> None:
    """Everything that moves; drawn again twice a second while the training runs."""
    entry = trained().get(key) if key else None
    if active and (entry is None or entry.status not in trainings.ACTIVE):
        st.session_state["drawn anew"] = True
        st.rerun()
    if not st.session_state.pop("page drawn", False):  # a poll: nobody has answered to what was said
        st.session_state["drawn anew"] = True
    trainings.jobs().move_up()
    settings = entry.settings if entry else chosen
    rows = entry.history() if entry else []
    with st.container(key="claim"), section("The heading"):
        prose.claim(*map(html.escape, headline(entry, rows)))
    with st.container(key="notices"):
        notices.show()
    data = trainings.dataset(settings)
    axes = trainings.plane(rows, settings.model.latent_dim)
    here, reel = pictures(entry, data, axes) or (None, None)
    with st.container(key="training-shelf"):
        shelf(data=here[1], key="frame") if here else None
        shelf(data=reel[1], key="film") if reel else None
    training(
        key="training",
        data={
            "run": entry.key if entry else "",
            "status": entry.status if entry else "none",
            "place": trainings.jobs().place(key) if key else None,
            "step": max(entry.step, rows[-1]["step"] if rows else 0) if entry else 0,
            "steps": settings.train.steps,
            "dims": settings.model.latent_dim,
            "stochastic": settings.model.stochastic,
            "may": hall.may_train(),
            "curves": trainings.curves(rows),
            "pace": trainings.pace(rows, settings) if active else {},
            "marks": trainings.references(settings, data) or [],
            "gaps": (gaps.points(entry, data) or []) if entry else [],
            "others": runlist.overlaid(entry) or [],
            "frame": here[0] if here else "",
            "film": reel[0] if reel else "",
            "snapshots": entry.snapshots() if entry else [],
            "heldOut": settings.data.validation > 0,
            "at": address.asked("at"),
            "classes": trainings.classes(data),
            "photograph": trainings.photograph(entry, settings, data.data if data else None),
        },
        on_order_change=lambda: order(key, st.session_state.training.order),
        on_film_change=lambda: st.session_state.update({"film of": key}),
        on_at_change=lambda: scrubbed(st.session_state.training.at),
    )
    if active:
        later.begin()  # what was asked for since the page was drawn


@section("The pictures of this training")
def pictures(entry: Entry | None, data, axes) -> tuple[tuple[str, bytes] | None, tuple[str, bytes] | None]:
    """The model as it is now; and all snapshots, once somebody scrubs or the training has ended."""
    if entry is None or data is None or data.data is None or not (entry.snapshots() or entry.ready):
        return None, None
    ended = entry.status not in trainings.ACTIVE
    latest = (entry.snapshots() or [entry.step])[-1]  # an imported run has its last model only
    here = trainings.frame(entry, data, latest if entry.live() is None else None, axes)
    wanted = entry.snapshots() and (ended or st.session_state.get("film of") == entry.key)
    return here, trainings.film(entry, data, axes) if wanted else None


@section("“One step in slow motion”")
def slow_motion(entry: Entry) -> None:
    """Folded; nothing is computed before it is opened."""
    with st.expander("One step in slow motion", key="slow-open", on_change="rerun") as opened:
        if not opened.open:
            return
        data = trainings.dataset(entry.settings)
        if data is None or data.data is None or not entry.snapshots():
            prose.sentence("The first weights of this run, or its images, are not here yet.")
        elif not entry.settings.model.stochastic:
            prose.sentence("An autoencoder has no q(z|x) and no noise: its step is that of reconstruction alone.")
        else:
            from dashboard import slowly  # torch

            st.fragment(slowly.panel)(entry, data)


@section("The film of this training")
def take_along(entry: Entry) -> None:
    """What can be kept of this training besides the model itself."""
    data = trainings.dataset(entry.settings)
    if data is None or data.data is None or entry.status in trainings.ACTIVE or len(entry.snapshots()) < 2:
        return
    axes = trainings.plane(entry.history(), entry.settings.model.latent_dim)
    st.download_button(
        "Film of this training (GIF)", key="film-file", file_name=f"{entry.key}.gif", mime="image/gif",
        data=lambda: trainings.animation(entry, data.data, entry.key, tuple(entry.snapshots()), axes),
    )  # fmt: skip


def order(key: str, asked: dict | None) -> None:
    """A button of the training: the run's folder carries it to whoever trains."""
    entry = trained().get(key) if hall.may_train() and asked else None
    if entry is None or asked == st.session_state.get("ordered"):
        return
    st.session_state["ordered"], what = asked, asked["name"]
    if what == "stop":
        trainings.jobs().stop(key)
    elif what in ("pause", "step"):
        entry.order(until=0 if what == "pause" else int(asked["step"]) + 1)
    elif what == "resume" and entry.status in ("running", "paused"):
        entry.order()
    elif what == "resume":
        start(entry.settings)


def scrubbed(step: int | None) -> None:
    address.forget("at") if step is None else address.keep("at", str(step))


def headline(entry: Entry | None, rows: list[dict]) -> tuple[str, str]:
    """A claim with the number in it, and what to look at."""
    if entry is None:
        return "Train one, and watch it learn", "The first picture comes seconds after the click."
    step = max([entry.step, *(row["step"] for row in rows[-1:])])
    at, value = f"step {step:,} of {entry.settings.train.steps:,}", bound(entry, rows)
    match entry.status:
        case "queued":
            return "It waits for its turn", f"{prose.name(entry)}: the training before it has to end first."
        case "paused":
            return f"Held at {at}: {value}", "Step by step, or go on."
        case "running":
            return f"{value} at {at}", "Every point of the plane is an image; watch them part."
        case "done":
            back = " Drag the slider back to see it learn." if len(entry.snapshots()) > 1 else ""
            return f"{prose.name(entry)}: {value}", f"Trained in {entry.manifest['seconds']:.0f} s.{back}"
        case "diverged":
            left = f" The model of step {entry.step:,} is what it left." if entry.ready else ""
            return "It broke off: no number any more", f"{entry.why}{left}"
        case "failed":
            return f"It failed at step {entry.step:,}", entry.why
        case status:
            return f"{status.capitalize()} at {at}: {value}", "What it learned is kept; it can go on from here."


def bound(entry: Entry, rows: list[dict]) -> str:
    """The latest bound: of the test set once it is done, of the training images before."""
    name = "ELBO" if entry.settings.model.stochastic else "reconstruction"
    if entry.status == "done":
        value = entry.metrics["elbo"] if entry.metrics["elbo"] is not None else entry.metrics["reconstruction"]
        return f"test {name} {prose.number(value, 1)} nats"
    if not rows:
        return "no step yet"
    return f"{name} {prose.number(rows[-1]['reconstruction'] - rows[-1]['kl'], 1)} nats in training"


page()
