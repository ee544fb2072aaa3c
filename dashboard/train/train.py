"""Train: start a training with one button, follow its manifold and the terms of its bound live, manage runs."""

import streamlit as st

from dashboard.shared import access, background, notices, page_elements, train_link, url_state
from dashboard.shared.section import section
from dashboard.train import settings_form, sweep_form
from dashboard.train.launch import launch
from dashboard.train.live import snapshots
from dashboard.train.live.live import watch
from dashboard.train.run_table import run_table
from vae_core.registry import DATA_SETS
from vae_core.runs.store import Entry, trained
from vae_core.settings import RunSettings

POLL = 0.5  # seconds


@section("This page")
def page() -> None:
    queue = snapshots.jobs()
    if access.may_train():
        with section("The process that trains"):
            queue.executor.prepare()
    entry = current()
    if entry and url_state.asked("set") is None and url_state.asked("preset") is None:
        for key, text in train_link.share("quick", entry.settings).items():
            url_state.keep(key, text)  # the settings that are shown are those of the run that is shown
    name, chosen = settings_form.settings()
    st.session_state["page drawn"] = True
    left, right = st.columns([3, 11], gap="large")
    with right:
        active = entry is not None and entry.status in snapshots.ACTIVE
        st.fragment(watch, run_every=POLL if active else None)(chosen, entry.key if entry else None, active)
    with left, st.container(key="settings"):
        with section("The form"):
            settings_form.form(name, chosen, sets(chosen), not access.may_train())
        launch(chosen)
        if access.may_train():
            with section("“Several at once”"):
                sweep_form.draw(chosen)
        with section("“Everything else”"):
            settings_form.rest(chosen, not access.may_train())
    if entry:
        slow_motion(entry)
        take_along(entry)
    with section("The runs of this machine"):
        run_table.draw(entry)
    background.redraw_when_done()


def current() -> Entry | None:
    """Returns the run in the address, else the one that is in training here."""
    key = url_state.asked("run")
    if key:
        entry = trained().get(key)
        if entry is None:
            notices.notify(f"The address asks for a run “{key[:40]}” that is not here; it may have been deleted.")
            url_state.forget("run")
        return entry
    return next((entry for entry in trained().list() if entry.status in snapshots.ACTIVE), None)


def sets(chosen: RunSettings) -> list[str]:
    """Names of data sets, with the one that is in use."""
    known = [*DATA_SETS]
    return known if chosen.data.name in known else [*known, chosen.data.name]


@section("“One step in slow motion”")
def slow_motion(entry: Entry) -> None:
    """Draws one training step as a folded section; nothing is computed before it is opened."""
    with st.expander("One step in slow motion", key="slow-open", on_change="rerun") as opened:
        if not opened.open:
            return
        data = snapshots.dataset(entry.settings)
        if data is None or data.data is None or not entry.snapshots():
            page_elements.sentence("The first weights of this run, or its images, are not here yet.")
        elif not entry.settings.model.stochastic:
            page_elements.sentence(
                "An autoencoder has no q(z|x) and no noise: its step is that of reconstruction alone."
            )
        else:
            from dashboard.train import single_step  # torch

            st.fragment(single_step.draw)(entry, data)


@section("The film of this training")
def take_along(entry: Entry) -> None:
    """Offers the film of this training as a GIF."""
    data = snapshots.dataset(entry.settings)
    if data is None or data.data is None or entry.status in snapshots.ACTIVE or len(entry.snapshots()) < 2:
        return
    axes = snapshots.plane(entry.history(), entry.settings.model.latent_dim)
    st.download_button(
        "Film of this training (GIF)", key="film-file", file_name=f"{entry.key}.gif", mime="image/gif",
        data=lambda: snapshots.animation(entry, data.data, tuple(entry.snapshots()), axes),
    )  # fmt: skip


page()
