"""What can be done with runs: see them, lay them over each other, name, pin, delete, take along and bring in."""

from typing import Any

import streamlit as st

from dashboard.shared import access, cookies, embedding, model_labels, model_picker, page_elements, url_state
from dashboard.train import form_and_stage
from dashboard.train.live import snapshots
from dashboard.train.run_table import weights
from vae_core.runs.store import Entry, trained

MOST = 4  # curves over each other
MOST_AT_ONCE = 30  # runs in one report or archive: as many as a sweep has


def notify(text: str = "") -> None:
    """One sentence beside the heading, until something else is done."""
    st.session_state["runs said"] = text


def actions(chosen: list[Entry], current: Entry | None) -> None:
    if not chosen:
        page_elements.sentence(
            "Tick a run to view, resume or export it; tick several to compare them, or for a report."
        )
    elif len(chosen) == 1:
        with_one(chosen[0], current)
    else:
        with_several(chosen, current)


def with_one(entry: Entry, current: Entry | None) -> None:
    here = current is not None and current.key == entry.key
    st.button("Show", key="run-show", disabled=here, on_click=show, args=(entry.key,))
    if st.button("Open in Explore", key="run-explore", disabled=not entry.ready):
        model_picker.choose(entry.key)
        st.switch_page("explore/explore.py", query_params={"model": entry.key})
    if access.may_train():
        st.button("Rerun with one change", key="run-again", on_click=again, args=(entry,))
        with st.popover("Rename", key="run-naming"):
            field = f"run-name-{entry.key}"
            st.text_input("Name", entry.name, key=field, on_change=rename, args=(entry.key, field))
        st.button("Unpin" if entry.pinned else "Pin", key="run-pin", on_click=pin, args=(entry.key, not entry.pinned))
    if entry.ready:
        st.download_button(
            "Export",
            lambda: exported(entry),
            f"{model_labels.saved_as(entry)}.zip",
            "application/zip",
            key="run-export",
            on_click="ignore",
        )
    if access.may_train():
        with st.popover("Delete", key="run-deleting", disabled=entry.status in snapshots.ACTIVE):
            st.text(f"Delete {model_labels.name(entry)} for good? Its model, its curves and its snapshots go.")
            st.button("Delete it", key="run-delete", type="primary", on_click=delete, args=(entry.key,))


def with_several(chosen: list[Entry], current: Entry | None) -> None:
    ready = [entry.key for entry in chosen if entry.ready]
    if len(chosen) <= MOST:
        st.button("Overlay curves", key="runs-overlay", on_click=overlay, args=([e.key for e in chosen], current))
        if st.button("Compare side by side", key="runs-compare", disabled=len(ready) < 2):
            st.switch_page("compare/compare.py", query_params={"models": ",".join(ready)})
    if url_state.asked("over"):
        st.button("Remove overlays", key="runs-alone", on_click=url_state.forget, args=("over",))
    if len(chosen) <= MOST_AT_ONCE:
        st.download_button(
            "Report", lambda: reported(chosen), "vae-lab-report.html", "text/html", key="runs-report",
            on_click="ignore", help="One HTML file to hand in: what differs, a table, curves and manifolds.",
        )  # fmt: skip
        st.download_button(
            "Export together", lambda: together(chosen), "vae-lab-runs.zip", "application/zip", key="runs-export",
            on_click="ignore", help="One .zip with an archive of each run, the report and the table.",
        )  # fmt: skip
    if len(chosen) > MOST:
        page_elements.sentence(f"Up to {MOST} can be laid over each other or compared.")
    elif len(ready) < len(chosen):
        page_elements.sentence("Only runs with a model can stand side by side.")


def show(key: str) -> None:
    notify()
    with url_state.one_entry():
        url_state.forget("at")
        url_state.keep("run", key)


def again(entry: Entry) -> None:
    """The form takes this run's settings, beside the run itself; the table takes the eye there."""
    show(entry.key)
    form_and_stage.fill(entry)
    st.session_state["to the form"] = st.session_state.get("to the form", 0) + 1


def overlay(keys: list[str], current: Entry | None) -> None:
    """The run that is shown stays, if it is one of them."""
    first = current.key if current and current.key in keys else keys[0]
    if not current or current.key != first:
        show(first)
    url_state.keep("over", ",".join(key for key in keys if key != first))


def rename(key: str, field: str) -> None:
    change(key, name=" ".join(st.session_state[field].split())[: model_labels.NAMED])


def pin(key: str, pinned: bool) -> None:
    change(key, pinned=pinned)


def change(key: str, **to: Any) -> None:
    entry = trained().get(key) if access.may_train() else None
    if entry is None:
        notify("This run is not here any more.")
        return
    try:
        entry.called(**to)
    except (OSError, ValueError) as unwritable:
        notify(str(unwritable))


def delete(key: str) -> None:
    """Never what is running, whatever the page showed when the button was pressed."""
    entry = trained().get(key) if access.may_train() else None
    if entry is None:
        return
    if entry.status in snapshots.ACTIVE:
        notify(f"{model_labels.name(entry)} is being trained; stop it first.")
        return
    try:
        trained().remove(key)
    except (OSError, ValueError) as refused:
        notify(str(refused))
        return
    notify(f"{model_labels.name(entry)} is deleted.")
    if url_state.asked("run") == key:
        url_state.forget("run", "at")
    if rest := [other for other in (url_state.asked("over") or "").split(",") if other and other != key]:
        url_state.keep("over", ",".join(rest))
    else:
        url_state.forget("over")


# -- in and out --------------------------------------------------------------------------------------------------------


def exported(entry: Entry) -> bytes:
    from vae_core.exchange.archive import packed

    return packed(entry)


def reported(entries: list[Entry]) -> str:
    from dashboard.train.report import report

    return report.page(entries)


def together(entries: list[Entry]) -> bytes:
    from dashboard.train.report import report

    return report.archive(entries, [model_labels.saved_as(entry) for entry in entries])


def listing(entries: list[Entry]) -> None:
    """The table as a file, with every setting of each run."""
    from dashboard.train.report import report

    st.download_button(
        "Table as CSV", lambda: "\ufeff" + report.table_csv(entries), "vae-lab-runs.csv", "text/csv", key="runs-csv",
        type="tertiary", on_click="ignore",
    )  # fmt: skip


def importing() -> None:
    with st.popover("Import a run", type="tertiary", key="run-importing"):
        st.caption(
            "A .zip that Export wrote, here or elsewhere; or the weights of a VAE that other code has trained: "
            ".safetensors, or .pt with a state_dict. It is checked first; nothing in it is executed."
        )
        cookies.notify()
        embedding.offer_tab("train")
        key = f"run-file-{st.session_state.setdefault('imports', 0)}"
        kinds = ["zip", *weights.ENDINGS]
        st.file_uploader("Archive", kinds, key=key, label_visibility="collapsed", on_change=taken, args=(key,))
        with st.container(key="import-refused"):
            if why := st.session_state.get(weights.REFUSED):
                st.text(why)
        weights.draw(imported)


def taken(key: str) -> None:
    from vae_core.exchange.archive import received

    file = st.session_state.get(key)
    if file is None or not access.may_train():
        return
    st.session_state["imports"] += 1
    st.session_state.pop(weights.REFUSED, None)
    weights.leave()
    here = weights.ready()
    try:
        if file.name.endswith(tuple(f".{ending}" for ending in weights.ENDINGS)):
            st.session_state[weights.ASKED] = weights.question(file.name, file.getvalue())
        else:
            imported(received(file.getvalue(), trained()), here)
    except (OSError, ValueError) as refused:
        st.session_state[weights.REFUSED] = str(refused)


def imported(entry: Entry, here: set[str], doubt: str = "") -> None:
    """Shows it, also where it was `here` before, the keys of all models then."""
    show(entry.key)
    called = model_labels.name(entry)
    said = f"This model is here already, as {called}." if entry.key in here else f"{called} has been imported."
    notify(f"{said} {doubt}".strip())
