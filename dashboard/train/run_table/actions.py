"""What can be done with runs: see them, lay them over each other, name, pin, delete, take along and bring in."""

import re
from typing import Any

import streamlit as st

from dashboard.shared import access, cookies, model_labels, model_picker, page_elements, train_link, url_state
from dashboard.train.live import snapshots
from dashboard.train.run_table.rows import changes
from vae_core.runs.store import Entry, trained

MOST = 4  # curves over each other


def notify(text: str = "") -> None:
    """One sentence beside the heading, until something else is done."""
    st.session_state["runs said"] = text


def actions(chosen: list[Entry], current: Entry | None) -> None:
    if not chosen:
        page_elements.sentence("Select a run to see it, go on from it or take it along; two to four to compare them.")
    elif len(chosen) == 1:
        with_one(chosen[0], current)
    elif len(chosen) <= MOST:
        with_several(chosen, current)
    else:
        page_elements.sentence(
            f"{len(chosen)} runs are selected; up to {MOST} can be laid over each other or compared."
        )


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
            f"{slug(entry)}.zip",
            "application/zip",
            key="run-export",
            on_click="ignore",
        )
    if access.may_train():
        with st.popover("Delete", key="run-deleting", disabled=entry.status in snapshots.ACTIVE):
            st.text(f"Delete {model_labels.name(entry)} for good? Its model, its curves and its snapshots go.")
            st.button("Delete it", key="run-delete", type="primary", on_click=delete, args=(entry.key,))


def with_several(chosen: list[Entry], current: Entry | None) -> None:
    st.button("Overlay curves", key="runs-overlay", on_click=overlay, args=([e.key for e in chosen], current))
    ready = [entry.key for entry in chosen if entry.ready]
    if st.button("Compare side by side", key="runs-compare", disabled=len(ready) < 2):
        st.switch_page("compare/compare.py", query_params={"models": ",".join(ready)})
    if url_state.asked("over"):
        st.button("Take the curves away", key="runs-alone", on_click=url_state.forget, args=("over",))
    if len(ready) < len(chosen):
        page_elements.sentence("Only runs with a model can stand side by side.")


def show(key: str) -> None:
    notify()
    url_state.forget("at")
    url_state.keep("run", key)


def again(entry: Entry) -> None:
    """The form takes this run's settings."""
    preset, _ = changes(entry.settings)
    for key, text in train_link.share(preset, entry.settings).items():
        url_state.keep(key, text)
    notify(f"The form above has the settings of {model_labels.name(entry)}: change one, then press Train.")


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


def slug(entry: Entry) -> str:
    """A file's name: what people call the run, and which one it is."""
    words = re.sub(r"[^a-z0-9]+", "-", model_labels.name(entry).lower()).strip("-")
    return f"{words[:40] or 'run'}-{entry.key[:6]}"


def exported(entry: Entry) -> bytes:
    from vae_core.exchange.archive import packed

    return packed(entry)


def importing() -> None:
    from vae_core.runs.export import onnx_missing

    with st.popover("Import a run", type="tertiary", key="run-importing"):
        st.caption("A .zip that Export wrote, here or elsewhere. It is checked first; nothing in it is executed.")
        cookies.notify()
        key = f"run-file-{st.session_state.setdefault('imports', 0)}"
        st.file_uploader("Archive", ["zip"], key=key, label_visibility="collapsed", on_change=taken, args=(key,))
        with st.container(key="import-refused"):
            if why := st.session_state.get("import refused"):
                st.text(why)
        if missing := onnx_missing():
            st.caption(f"Exports have no ONNX files here: these need {' and '.join(missing)}.")


def taken(key: str) -> None:
    from vae_core.exchange.archive import received

    file = st.session_state.get(key)
    if file is None or not access.may_train():
        return
    st.session_state["imports"] += 1
    try:
        entry = received(file.getvalue(), trained())
    except (OSError, ValueError) as refused:
        st.session_state["import refused"] = str(refused)
        return
    st.session_state.pop("import refused", None)
    show(entry.key)
    notify(f"{model_labels.name(entry)} is among the runs now.")
