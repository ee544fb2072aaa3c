"""The button that trains, and what becomes of the click."""

import streamlit as st

from dashboard.shared import access, notices, page_elements, training_queue, url_state
from dashboard.shared.section import section
from dashboard.train.live import snapshots
from vae_core.runs.store import trained
from vae_core.settings import RunSettings


@section("The button that trains")
def launch(chosen: RunSettings, shown: str = "") -> None:
    """The button, and what becomes of the click; `shown` is the key of the run on the stage."""
    if not access.may_train():
        page_elements.sentence("In this hall the presenter trains; everything else is yours to explore.")
        return
    ready = snapshots.dataset(chosen)
    label, seen = "Train", False
    if ready and ready.data is not None:
        known = trained().get(chosen.with_fields(fingerprint=ready.data.fingerprint).key())
        if known:
            label = {"done": "Trained: show it", "stopped": "Resume training"}.get(known.status, "Train")
            seen = known.status == "done" and known.key == shown
    st.button(
        "This run is shown" if seen else label, key="train", type="primary", width="stretch", disabled=seen,
        on_click=start, args=(chosen,),
    )  # fmt: skip
    if ready and ready.data is None:
        page_elements.sentence(ready.missing)
    if access.secret():
        page_elements.sentence("You present: visitors look, you train.")


def start(chosen: RunSettings) -> None:
    from vae_core.jobs.trainer import check

    ready = snapshots.dataset(chosen, wait=True)
    if ready.data is None:
        notices.notify(ready.missing)
        return
    settings = chosen.with_fields(fingerprint=ready.data.fingerprint, name=ready.data.name)
    before = trained().get(settings.key())
    try:
        if not before:
            check(settings, ready.data)
        entry = training_queue.jobs().submit(settings, who=access.visitor(), data=training_queue.path_of(ready.data))
    except (ValueError, OSError) as refused:  # the queue is full, or these settings do not fit
        notices.notify(str(refused))
        return
    with url_state.one_entry():
        url_state.forget("at", "sweep")
        url_state.keep("run", entry.key)
    if before and before.status == "done":
        notices.notify(f"These settings were trained before, in {before.manifest['seconds']:.0f} s; this is that run.")
