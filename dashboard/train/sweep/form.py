"""Several trainings at once: all combinations of some values of beta and D, each with some seeds."""

import streamlit as st

from dashboard.shared import access, notices, page_elements, training_queue
from dashboard.train.live import snapshots
from dashboard.train.sweep import sweep
from vae_core.settings import RunSettings

SEEDS = (1, 2, 3, 5)


def draw(chosen: RunSettings) -> None:
    """Folded: what varies, how many trainings that makes, and the button."""
    with st.popover("Several at once", type="tertiary", key="several", on_change="rerun"):  # so that a start closes it
        page_elements.sentence(
            "Type several values with commas between them, such as 0.5, 1, 4. Every combination is trained, one after "
            "the other; the other settings stay as they are in the form."
        )
        st.text_input("values of β", f"{chosen.train.beta:g}", key="several-beta", placeholder="0.5, 1, 4")
        st.text_input("values of D", str(chosen.model.latent_dim), key="several-dims", placeholder="2, 10")
        st.segmented_control("seeds per setting", SEEDS, default=1, key="several-seeds", required=True)
        try:
            settings = combinations(chosen)
            wrong = ""
        except ValueError as error:
            settings, wrong = [], str(error)
        if wrong:
            st.text(wrong)
        st.button(
            f"Train {len(settings)}" if settings else "Train", key="several-go", disabled=not settings,
            on_click=start, args=(chosen,),
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


def start(chosen: RunSettings) -> None:
    """What the fields say at this moment, which may be newer than the button's label."""
    from vae_core.jobs.trainer import check

    try:
        settings = combinations(chosen)
    except ValueError:
        return  # the sentence beside the button says what is wrong
    ready = snapshots.dataset(settings[0], wait=True)
    if ready.data is None:
        notices.notify(ready.missing)
        return
    made = {"fingerprint": ready.data.fingerprint, "name": ready.data.name}
    settings = [s.with_fields(**made) for s in settings]
    try:
        for one in settings:
            check(one, ready.data)
        new = training_queue.jobs().sweep(settings, who=access.visitor(), data=training_queue.path_of(ready.data))
    except (ValueError, OSError) as refused:  # the queue is full, or these settings do not fit
        notices.notify(str(refused))
        return
    sweep.begin([one.key() for one in settings])
    st.session_state["several"] = False
    if here := len(settings) - new:
        notices.notify(f"{here} of these {len(settings)} are trained already, or are waiting.")
