"""Train: start a training with one button, follow its manifold and the terms of its bound live, manage runs."""

import streamlit as st

from dashboard.shared import access, background, notices, page_elements, training_queue, url_state
from dashboard.shared.section import section
from dashboard.train import array_question, form_and_stage, image_upload, settings_form
from dashboard.train.launch import launch
from dashboard.train.live import snapshots
from dashboard.train.live.live import watch
from dashboard.train.run_table import run_table
from dashboard.train.sweep import form as sweep_form
from dashboard.train.sweep import sweep
from vae_core.registry import DATA_SETS
from vae_core.runs.store import Entry, trained
from vae_core.settings import RunSettings, TrainSettings

POLL = 0.5  # seconds


@section("This page")
def page() -> None:
    queue = training_queue.jobs()
    if access.may_train():
        with section("The process that trains"):
            queue.executor.prepare()
    entry = current()
    if entry and url_state.asked("set") is None and url_state.asked("preset") is None:
        form_and_stage.take(entry.settings)  # the settings that are shown are those of the run that is shown
    name, chosen = settings_form.settings()
    st.session_state["page drawn"] = True
    left, right = st.columns([3, 11], gap="large")
    with right, st.container(key="stage"):
        active = entry is not None and entry.status in snapshots.ACTIVE
        st.fragment(watch, run_every=POLL if active else None)(chosen, entry.key if entry else None, active)
        if entry is None:
            with st.container(key="start-here"):
                launch(chosen)
        asking = array_question.draw(chosen.data.name, settings_form.pick_data)
        if not asking and (entry is None or entry.settings.data.name != chosen.data.name):
            image_upload.card(chosen, settings_form.change)
    with left, st.container(key="settings"):
        with section("The form"):
            settings_form.form(name, chosen, sets(chosen), not access.may_train())
        form_and_stage.summary(name, chosen)
        if entry:
            launch(chosen, entry.key)
            form_and_stage.draw(chosen, entry)
        with st.container(key="more-of-the-form"):
            if access.may_train():
                with section("“Several at once”"):
                    sweep_form.draw(chosen)
            with section("“All settings”"):
                settings_form.drawer(chosen, not access.may_train())
    with section("The runs of “Several at once”"):
        sweep.draw(entry)
    if entry:
        slow_motion(entry)
    with section("The runs of this machine"):
        run_table.draw(entry)
    background.redraw_when_done()


def current() -> Entry | None:
    """The run in the address, else that of the sweep in the address, else the one that is in training here."""
    key = url_state.asked("run")
    if key:
        entry = trained().get(key)
        if entry is None:
            notices.notify(f"This link’s run isn’t on this machine (“{key[:40]}”): it may have been deleted.")
            url_state.forget("run")
        return entry
    if runs := sweep.entries():
        return sweep.newest(runs)
    found = sweep.newest([entry for entry in trained().list() if entry.status in snapshots.ACTIVE])
    if found:
        notices.notify("This training was begun in another window, and is shown until you begin one of your own.")
    return found


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
            waiting = st.empty()
            with waiting:
                page_elements.sentence("Copying the weights of this run, so that one step can be taken apart …")
            from dashboard.train import single_step  # torch

            single_step.prepare(entry)
            waiting.empty()
            if other := climbs(entry.settings.train):
                page_elements.sentence(f"The step below is one up the ELBO. This run climbs {other}.")
            st.fragment(single_step.draw)(entry, data)


def climbs(train: TrainSettings) -> str:
    """What a run climbs in the place of the objective that the slow step has; "" where that is it."""
    if train.importance_samples > 1:
        return f"the bound of K = {train.importance_samples} weighted samples"
    return "the same less a weight times the total correlation of the batch" if train.total_correlation else ""


page()
