"""What to do with a training that has ended, on the stage itself: each is one click away."""

import streamlit as st

from dashboard.shared import model_labels, model_picker, test_images
from dashboard.shared.page_registry import script
from dashboard.shared.section import section
from dashboard.train.live import more_steps, snapshots
from dashboard.train.live.save_menu import save_menu
from dashboard.train.run_table import actions
from vae_core.runs.store import Entry


@section("What to do next")
def draw(entry: Entry, data: test_images.Material | None, rows: list[dict]) -> None:
    """A row in the place that the training's own buttons had: nothing moves when it ends."""
    if entry.status in snapshots.ACTIVE:
        st.session_state["seen training"] = entry.key
        return
    if entry.ready and st.session_state.get("seen training") == entry.key:
        st.session_state.pop("seen training")  # once: whoever chooses another model afterwards keeps that
        model_picker.leave(entry.key)
    with st.container(key="next-steps-done" if entry.status == "done" else "next-steps", horizontal=True):
        if entry.ready:
            more_steps.offer(entry, rows)
            elsewhere(entry)
        if rows:
            save_menu(key="save-menu", data={})
        film(entry, data, rows)
        if entry.ready:
            st.download_button(
                "Export", lambda: actions.exported(entry), f"{model_labels.saved_as(entry)}.zip", "application/zip",
                key="next-export", on_click="ignore", help="The model, its codes and its curve in one .zip, to keep or "
                "to import elsewhere.",
            )  # fmt: skip


def elsewhere(entry: Entry) -> None:
    """The pages that show this model."""
    if st.button("Explore it", key="next-explore"):
        model_picker.choose(entry.key)
        st.switch_page(script("explore"), query_params={"model": entry.key})
    if entry.settings.model.stochastic and st.button("Where do its nats go?", key="next-elbo"):
        model_picker.choose(entry.key)
        st.switch_page(script("elbo"), query_params={"model": entry.key})
    best = snapshots.best_bundled(entry.settings)
    if best and st.button("Compare with the bundled one", key="next-compare", help=model_labels.title(best)):
        st.switch_page(script("compare"), query_params={"models": f"{best.key},{entry.key}"})


@section("The film of this training")
def film(entry: Entry, data: test_images.Material | None, rows: list[dict]) -> None:
    """The snapshots as an animated picture, made when it is asked for."""
    if data is None or data.data is None or len(entry.snapshots()) < 2:
        return
    axes = snapshots.plane(rows, entry.settings.model.latent_dim)
    st.download_button(
        "Film (GIF)", key="film-file", file_name=f"{model_labels.saved_as(entry)}-film.gif", mime="image/gif",
        on_click="ignore", data=lambda: snapshots.animation(entry, data.data, tuple(entry.snapshots()), axes),
    )  # fmt: skip
