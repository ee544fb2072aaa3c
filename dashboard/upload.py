"""The viewer's own images: a file is checked, kept by its content, and offered among the data sets from then on."""

import io
from collections.abc import Callable

import streamlit as st

from dashboard import cookies, hall, later
from vae_core.files import DatasetError
from vae_core.seals import Unwritable
from vae_core.settings import held_out
from vae_core.uploads import Upload, forget, keep, kept

TYPES = ["npz", "zip"]


def names() -> dict[str, str]:
    """The kept data sets, as (what load_dataset takes): (the name of the file); alike ones are told by their digits."""
    files = [upload.file for upload in kept()]
    return {
        upload.name: upload.file if files.count(upload.file) == 1 else f"{upload.file} ({upload.name[4:8]})"
        for upload in kept()
    }


def called(name: str, known: dict[str, str]) -> str:
    """A data set in the form's list."""
    return known.get(name) or names().get(name) or name.rpartition("/")[2]


def fitting(name: str) -> dict[str, int]:
    """What the presets have for large data sets: of one's own images fewer are held out."""
    found = next((upload for upload in kept() if upload.name == name), None) if name.startswith("own/") else None
    if found is None:
        return {}
    return {"validation": held_out(found.count - max(1, round(found.count / 7)))}


def panel(name: str, choose: Callable[[str], None]) -> None:
    """A file to choose, what is kept already, and in words the one that is `name`. `choose` takes a new one's name."""
    if hall.may_train():
        with st.popover("Own images", type="tertiary", key="own-images"):
            st.caption(
                "A .npz file with an array images (N, H, W) and perhaps labels, or a .zip of pictures: in folders, if "
                "they have labels. It stays on this machine. A larger one: python -m vae_core train --dataset FILE"
            )
            cookies.say()
            key = f"own-file-{st.session_state.setdefault('uploads', 0)}"
            st.file_uploader(
                "Images", TYPES, key=key, label_visibility="collapsed", on_change=taken, args=(key, name, choose)
            )
            with st.container(key="own-refused"):
                about, why = st.session_state.get("own refused", ("", ""))
                if about == name:
                    st.text(why)
            with st.container(key="kept-images"):
                for upload in kept():
                    row(upload)
    with st.container(key="own-said"):
        for upload in kept():
            if upload.name == name:
                st.text(described(upload))


def taken(key: str, name: str, choose: Callable[[str], None]) -> None:
    """What becomes of a chosen file; the next one gets a new widget, for this one is done with."""
    file = st.session_state.get(key)
    if file is None or not hall.may_train():
        return
    st.session_state["uploads"] += 1
    try:
        upload = keep(file.name, io.BytesIO(file.getvalue()))
    except (DatasetError, Unwritable) as refused:
        st.session_state["own refused"] = name, str(refused)
        return
    st.session_state.pop("own refused", None)
    later.forget(("data", upload.name, "standard"))  # it may have been asked for before it was here
    choose(upload.name)


def described(upload: Upload) -> str:
    height, width = upload.shape
    classes = f", {len(upload.classes)} classes" if upload.classes else ""
    remark = f"; {upload.remark}" if upload.remark else ""
    return f"{upload.file}: {upload.count:,} images of {height}x{width}{classes}{remark}"


def row(upload: Upload) -> None:
    height, width = upload.shape
    with st.container(horizontal=True, vertical_alignment="center", key=f"kept-{upload.name[4:28]}"):
        st.text(f"{upload.file}, {upload.count:,} of {height}x{width}")
        st.button("Remove", key=f"forget-{upload.name[4:28]}", type="tertiary", on_click=forget, args=(upload.name,))
