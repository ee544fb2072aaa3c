"""The viewer's own images: a file is checked, kept by its content, and offered among the data sets from then on."""

import io
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.shared import access, background, cookies, test_images
from dashboard.shared.caching import cached
from dashboard.train.live import snapshots
from vae_core.data.checksums import DatasetError
from vae_core.data.uploads import Upload, call_photograph, forget, keep, kept
from vae_core.registry import DATA_SETS
from vae_core.sealed_files import Unwritable
from vae_core.settings import RunSettings

LARGEST = 64  # MB, as the server's configuration has it
SHOWN, ACROSS = 12, 6  # thumbnails, and how many in a row
TILE, GAP = 56, 4  # pixels
NAMED = 12  # classes
GREY = {"likelihood": "gaussian", "clip": 100.0}  # for photographs: binarised, their grey levels become noise


def names() -> dict[str, str]:
    """The kept data sets, as (what load_dataset takes): (the name of the file); alike ones are told by their digits."""
    files = [upload.file for upload in kept()]
    return {
        upload.name: upload.file if files.count(upload.file) == 1 else f"{upload.file} ({upload.name[4:8]})"
        for upload in kept()
    }


def called(name: str, known: dict[str, str]) -> str:
    """A data set in the form's list."""
    return known.get(name) or names().get(name) or name.rstrip("/").rpartition("/")[2]


def draw(chosen: RunSettings, choose: Callable[[str], None], change: Callable[..., None]) -> None:
    """A file to choose, what is kept already, and the chosen set on a card. `choose` takes a new one's name, `change`
    settings."""
    name = chosen.data.name
    if access.may_train():
        with st.popover("Own images", type="tertiary", key="own-images"):
            st.caption(
                f"Up to {LARGEST} MB: arrays (.npz, .npy, idx), a table (.csv, .parquet), or a .zip of pictures, in "
                "folders if they have labels. It stays on this machine. A larger one: python -m vae_core train "
                "--dataset FILE"
            )
            cookies.notify()
            key = f"own-file-{st.session_state.setdefault('uploads', 0)}"
            st.file_uploader(  # of any type: what cannot be used is told why
                "Images", None, key=key, label_visibility="collapsed", on_change=taken, args=(key, name, choose)
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
        if name not in DATA_SETS:
            card(chosen, change)


def taken(key: str, name: str, choose: Callable[[str], None]) -> None:
    """What becomes of a chosen file; the next one gets a new widget, for this one is done with."""
    file = st.session_state.get(key)
    if file is None or not access.may_train():
        return
    st.session_state["uploads"] += 1
    st.session_state.pop("own refused", None)
    try:
        upload = keep(file.name, io.BytesIO(file.getvalue()))
    except (DatasetError, Unwritable) as refused:
        st.session_state["own refused"] = name, str(refused)
        return
    background.forget(test_images.key(upload.name, "standard"))  # it may have been asked for before it was here
    choose(upload.name)


def described(upload: Upload) -> str:
    height, width = upload.shape
    classes = f", {len(upload.classes)} classes" if upload.classes else ""
    remark = f"; {upload.remark}" if upload.remark else ""
    return f"{upload.file}: {upload.count:,} images of {height}x{width}{classes}{remark}"


# -- the card of the chosen set ----------------------------------------------------------------------------------------


class Facts(NamedTuple):
    """What is worth knowing of a data set before a model is trained on it."""

    classes: list[tuple[str, int]]  # name, images in both parts
    repeated: int  # images that another one equals, pixel by pixel
    constant: int  # images of one grey level
    lacking: list[str]  # classes of which one part has no image


def card(chosen: RunSettings, change: Callable[..., None]) -> None:
    """Twelve of its images as they came and as the model sees them, its parts and classes, and what to take care of."""
    ready = snapshots.dataset(chosen)
    if ready is None or ready.data is None:
        return
    data, held_out = ready.data, chosen.data.validation
    with st.container(key="own-card"):
        as_came, seen = sheets(data, chosen.data.pixels, on_dark() or data.photograph)
        st.image(as_came, width="stretch", caption="as they came")
        if chosen.data.binary:
            st.image(seen, width="stretch", caption="as the model sees them")
        st.text(parts(len(data.train), held_out, len(data.test)))
        for line in remarks(facts(data)):
            st.text(line)
        if data.photograph and chosen.model.row.binary and access.may_train():
            st.text("Recommended: a likelihood that scores grey levels as they are.")
            st.button("Use a Gaussian likelihood", key="own-recommended", type="tertiary", on_click=change, kwargs=GREY)
        if access.may_train() and data.name.startswith("own/"):
            switch(data.name, data.photograph, chosen.data.split)


def on_dark() -> bool:
    """Whether this visitor's theme is dark, as far as the browser has told."""
    return st.context.theme.type == "dark"


def parts(train: int, held_out: int, test: int) -> str:
    watched = f" ({min(held_out, train):,} of them held out)" if held_out else ""
    return f"{train:,} training images{watched}, {test:,} test images"


def remarks(found: Facts) -> list[str]:
    """A line for each thing that there is to say."""
    lines = []
    if found.classes:
        listed = ", ".join(f"{name} ({count:,})" for name, count in found.classes[:NAMED])
        more = f" and {len(found.classes) - NAMED} more" if len(found.classes) > NAMED else ""
        lines.append(f"Classes: {listed}{more}")
    if found.lacking:
        listed = ", ".join(found.lacking[:NAMED])
        lines.append(f"Not in both parts: {listed}")
    if found.repeated:
        one = found.repeated == 1
        lines.append(f"{found.repeated:,} image{' is the same as another' if one else 's are the same as others'}")
    if found.constant:
        one = found.constant == 1
        lines.append(f"{found.constant:,} image{' is' if one else 's are'} of one grey level")
    return lines


@cached(max_entries=8)
def facts(data: Any) -> Facts:
    both = [data.train.numpy(), data.test.numpy()]
    known = {image.tobytes() for part in both for image in part}
    count = sum(map(len, both))
    constant = sum(int((part == part[:, :1]).all(1).sum()) for part in both)
    if data.train_labels is None or data.test_labels is None:
        return Facts([], count - len(known), constant, [])
    numbers = [np.bincount(each.numpy(), minlength=len(data.classes)) for each in (data.train_labels, data.test_labels)]
    classes = [(name, int(sum(part[k] for part in numbers))) for k, name in enumerate(data.classes)]
    lacking = [name for k, name in enumerate(data.classes) if not all(part[k] for part in numbers)]
    return Facts(classes, count - len(known), constant, lacking)


@cached(max_entries=16)
def sheets(data: Any, pixels: str, upright: bool) -> tuple[Image.Image, Image.Image]:
    """Thumbnails from all over the training images: their grey levels, and x."""
    some = np.unique(np.linspace(0, len(data.train) - 1, SHOWN).round().astype(int)).tolist()
    x = data.observed("train", some, pixels=pixels).numpy()
    return tuple(
        sheet(levels.reshape(-1, *data.shape), upright)
        for levels in (data.train[some].numpy(), np.rint(255 * x).clip(0, 255).astype(np.uint8))
    )


def sheet(levels: np.ndarray, upright: bool) -> Image.Image:
    """Tiles in rows, on nothing; ink is dark unless it is `upright`."""
    height, width = levels.shape[1:]
    size = max(1, round(TILE * width / max(height, width))), max(1, round(TILE * height / max(height, width)))
    rows = -(-len(levels) // ACROSS)
    whole = Image.new("LA", (ACROSS * (size[0] + GAP) - GAP, rows * (size[1] + GAP) - GAP), (0, 0))
    for at, image in enumerate(levels if upright else 255 - levels):
        tile = Image.fromarray(image).resize(
            size, Image.Resampling.NEAREST if max(image.shape) < TILE else Image.Resampling.BOX
        )
        whole.paste(tile.convert("LA"), (at % ACROSS * (size[0] + GAP), at // ACROSS * (size[1] + GAP)))
    return whole


def switch(name: str, photograph: bool, split: str) -> None:
    """Corrects the guess; models that are here already stay as they are."""
    key = f"photograph-{name[4:28]}"
    st.session_state[key] = photograph
    st.toggle(
        "Photographs", key=key, on_change=corrected, args=(key, name, split),
        help="On: bright stays bright. Off: ink on paper, drawn dark on light pages and light on dark ones.",
    )  # fmt: skip


def corrected(key: str, name: str, split: str) -> None:
    if access.may_train():
        call_photograph(name, st.session_state[key])
        background.forget(test_images.key(name, split))


def row(upload: Upload) -> None:
    height, width = upload.shape
    with st.container(horizontal=True, vertical_alignment="center", key=f"kept-{upload.name[4:28]}"):
        st.text(f"{upload.file}, {upload.count:,} of {height}x{width}")
        st.button("Remove", key=f"forget-{upload.name[4:28]}", type="tertiary", on_click=forget, args=(upload.name,))
