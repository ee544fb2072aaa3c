"""Several trainings at once: all combinations of some values of beta and D, each with some seeds."""

import streamlit as st

from dashboard.shared import access, notices, page_elements, url_state
from dashboard.train.live import snapshots
from vae_core.settings import RunSettings

SEEDS = (1, 2, 3, 5)


def draw(chosen: RunSettings) -> None:
    """Folded: what varies, how many trainings that makes, and the button."""
    with st.popover("Several at once", type="tertiary", key="several"):
        page_elements.sentence("Every combination, with the other settings as they are, one after the other.")
        st.text_input("β", f"{chosen.train.beta:g}", key="several-beta", help="With commas between them: 0.5, 1, 2, 4")
        st.text_input("D", str(chosen.model.latent_dim), key="several-dims", help="For instance 2, 10")
        st.segmented_control("seeds of each", SEEDS, default=1, key="several-seeds", required=True)
        try:
            settings = combinations(chosen)
            wrong = ""
        except ValueError as error:
            settings, wrong = [], str(error)
        if wrong:
            st.text(wrong)
        st.button(
            f"Train {len(settings)}" if settings else "Train", key="several-go", disabled=not settings,
            on_click=start, args=(settings,),
        )  # fmt: skip


def combinations(chosen: RunSettings) -> list[RunSettings]:
    """ValueError with one sentence where a value makes no sense."""
    from vae_core.jobs.sweep import plan

    values = {
        "beta": numbers("several-beta", "β", float),
        "latent_dim": numbers("several-dims", "D", int),
    }
    return plan(chosen, values, int(st.session_state.get("several-seeds") or 1))


def numbers(key: str, name: str, kind: type) -> list:
    text = str(st.session_state.get(key, ""))
    try:
        found = [kind(part) for part in text.split(",") if part.strip()]
    except ValueError:
        found = []
    if not found:
        raise ValueError(f"{name}: numbers with commas between them, not “{text[:40]}”.")
    return list(dict.fromkeys(found))


def start(settings: list[RunSettings]) -> None:
    from vae_core.jobs.trainer import check

    ready = snapshots.dataset(settings[0], wait=True)
    if ready.data is None:
        notices.notify(ready.missing)
        return
    made = {"fingerprint": ready.data.fingerprint, "name": ready.data.name}
    settings = [s.with_fields(**made) for s in settings]
    try:
        for one in settings:
            check(one, ready.data)
        new = snapshots.jobs().sweep(settings, who=access.visitor(), data=snapshots.path_of(ready.data))
    except (ValueError, OSError) as refused:  # the queue is full, or these settings do not fit
        notices.notify(str(refused))
        return
    url_state.forget("at", "run")
    here = len(settings) - new
    notices.notify(f"{new} trainings wait for their turn; {here} of these settings are here already.")
