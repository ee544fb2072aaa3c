"""The viewer's own images: a file is checked, kept by its content, and offered among the data sets from then on."""

import io
import zipfile
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.shared import access, background, cookies, embedding, test_images
from dashboard.shared.caching import cached
from dashboard.shared.section import section
from dashboard.train.live import snapshots
from vae_core.data.array_layouts import Undecided
from vae_core.data.checksums import DatasetError
from vae_core.data.uploads import Upload, call_photograph, forget, keep, kept
from vae_core.registry import DATA_SETS, data_title
from vae_core.sealed_files import Unwritable
from vae_core.settings import RunSettings, colours, size_of

ASKED, REFUSED = "own asked", "own refused"  # a file that array_question.py asks about, and why one was not taken
LARGEST = 64  # MB, as the server's configuration has it
SHOWN, ACROSS = 12, 6  # thumbnails, and how many in a row
TILE, GAP = 56, 4  # pixels
NAMED = 12  # classes
LOOKED_AT = 2000  # images whose grey levels are counted
FEW = 100  # training images
MIDDLE = (40, 215)  # grey levels that black and white would make noise of
MUCH = 0.2  # of all pixels
GREY = {"likelihood": "gaussian", "clip": 100.0}  # for photographs: binarised, their grey levels become noise


def names() -> dict[str, str]:
    """The kept data sets, as (what load_dataset takes): (their title); alike ones are told by their digits."""
    titles = {upload.name: data_title(upload.name) for upload in kept()}
    alike = [*titles.values()]
    return {name: title if alike.count(title) == 1 else f"{title} ({name[4:8]})" for name, title in titles.items()}


def called(name: str, known: dict[str, str]) -> str:
    """A data set in the form's list."""
    return known.get(name) or names().get(name) or data_title(name)


def draw(chosen: RunSettings, choose: Callable[[str], None]) -> None:
    """A file to choose, and what is kept already. `choose` takes a new one's name."""
    name = chosen.data.name
    if access.may_train():
        number = st.session_state.setdefault("uploads", 0)  # a popover that is another one is closed
        with st.container(key="own-images"), st.popover("Own images", type="tertiary", key=f"own-images-{number}"):
            st.caption(
                f"Up to {LARGEST} MB: pictures (several at once, or a .zip of a folder, in which folders are classes), "
                "arrays (.npz, .npy, idx) or a table (.csv, .parquet). They stay on this machine. Larger ones: "
                "python -m vae_core train --dataset PATH"
            )
            cookies.notify()
            embedding.offer_tab("train")
            key = f"own-file-{number}"
            st.file_uploader(  # of any type: what cannot be used is told why
                "Images", None, True, key=key, label_visibility="collapsed", on_change=taken, args=(key, name, choose)
            )
            with st.container(key="kept-images"):
                for upload in kept():
                    row(upload)
        with st.container(key="own-refused"):
            about, why = st.session_state.get(REFUSED, ("", ""))
            if about == name:
                st.text(why)
    with st.container(key="own-said"):
        for upload in kept():
            if upload.name == name:
                st.text(described(upload))


def taken(key: str, name: str, choose: Callable[[str], None]) -> None:
    """What becomes of chosen files; the next ones get a new widget, for this one is done with."""
    files = st.session_state.get(key)
    if not files or not access.may_train():
        return
    st.session_state["uploads"] += 1
    st.session_state.pop(REFUSED, None)
    st.session_state.pop(ASKED, None)
    try:
        file, content = together(files)
        upload = keep(file, io.BytesIO(content), ask=True)
    except Undecided:
        st.session_state[ASKED] = file, content
        return
    except (DatasetError, Unwritable) as refused:
        st.session_state[REFUSED] = name, str(refused)
        return
    background.forget(test_images.key(upload.name, "standard"))  # it may have been asked for before it was here
    choose(upload.name)


def together(files: list[Any]) -> tuple[str, bytes]:
    """The name and the bytes of a file; several are an archive of them."""
    if len(files) == 1:
        return files[0].name, files[0].getvalue()
    size = sum(file.size for file in files)
    if size > LARGEST * 1024**2:
        raise DatasetError(
            f"These {len(files):,} files have {size / 1024**2:,.0f} MB, {LARGEST} are allowed: take fewer."
        )
    packed, names = io.BytesIO(), [file.name for file in files]
    with zipfile.ZipFile(packed, "w") as archive:
        for k, (name, file) in enumerate(zip(names, files, strict=True)):
            archive.writestr(name if names.count(name) == 1 else f"{k} {name}", file.getvalue())
    return f"{len(files)} files.zip", packed.getvalue()


def described(upload: Upload) -> str:
    classes = f", {len(upload.classes)} classes" if upload.classes else ""
    return f"{data_title(upload.name)}: {upload.count:,} images of {size_of(upload.shape)}{classes}"


# -- the card of the chosen set ----------------------------------------------------------------------------------------


class Facts(NamedTuple):
    """What is worth knowing of a data set before a model is trained on it."""

    classes: list[tuple[str, int]]  # name, images in both parts
    repeated: int  # images that another one equals, pixel by pixel
    constant: int  # images of one grey level or colour
    lacking: list[str]  # classes of which one part has no image
    grey: float  # the share of pixels that are neither nearly black nor nearly white


@section("The card of these images")
def card(chosen: RunSettings, change: Callable[..., None]) -> None:
    """Twelve of its images as they came beside what the model sees, its parts and classes, and what to take care of.
    `change` takes settings."""
    ready = snapshots.dataset(chosen)
    if chosen.data.name in DATA_SETS or ready is None or ready.data is None:
        return
    data, held_out = ready.data, chosen.data.validation
    with st.container(key="own-card"):
        as_came, seen = sheets(data, chosen.data.pixels, on_dark() or data.photograph)
        left, middle, right = st.columns([5, 5, 9], gap="medium")
        left.image(as_came, width="stretch", caption="Some of your images, as they came")
        middle.image(
            seen, width="stretch", caption=as_seen(chosen, "colours" if colours(data.shape) > 1 else "grey levels")
        )
        with right:
            found = facts(data)
            for line in [parts(len(data.train), held_out, len(data.test)), *remarks(found), *as_read(data.remark)]:
                st.text(line)
            if len(data.train) < FEW:
                st.text("A model learns so few by heart; with hundreds it has to find out what they share.")
            advised = found.grey > MUCH and chosen.model.row.binary and access.may_train()
            if advised:
                st.text("Recommended: a likelihood that scores grey levels; black and white makes noise of them.")
            with st.container(horizontal=True, vertical_alignment="center"):
                if advised:
                    st.button("Use a Gaussian likelihood", key="own-recommended", on_click=change, kwargs=GREY)
                if access.may_train() and data.name.startswith("own/") and colours(data.shape) == 1:
                    switch(data.name, data.photograph, chosen.data.split)


def as_seen(chosen: RunSettings, levels: str) -> str:
    """What becomes of the grey levels or colours before the model sees them."""
    match chosen.data.pixels:
        case "threshold":
            return "As the model sees them: black or white, cut at the middle"
        case "grey":
            return f"As the model sees them: the same {levels}"
        case "dequantised":
            return f"As the model sees them: the same {levels}, plus a little noise"
    often = "once for all" if chosen.data.pixels == "static" else "anew at each look"
    return f"As the model sees them: black or white, drawn {often}"


def on_dark() -> bool:
    """Whether this visitor's theme is dark, as far as the browser has told."""
    return st.context.theme.type == "dark"


def parts(train: int, held_out: int, test: int) -> str:
    watched = f" ({min(held_out, train):,} of them held out)" if held_out else " (none held out)"
    return f"{train:,} training images{watched}, {test:,} test images"


def as_read(remark: str) -> list[str]:
    """What was decided about the layout, and done to the images."""
    return [f"As read: {remark}."] if remark else []


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
    one_pixel = [part.reshape(len(part), -1, colours(data.shape)) for part in both]
    constant = sum(int((part == part[:, :1]).all((1, 2)).sum()) for part in one_pixel)
    some = both[0][:: max(1, len(both[0]) // LOOKED_AT)]
    grey = float(((some > MIDDLE[0]) & (some < MIDDLE[1])).mean())
    if data.train_labels is None or data.test_labels is None:
        return Facts([], count - len(known), constant, [], grey)
    numbers = [np.bincount(each.numpy(), minlength=len(data.classes)) for each in (data.train_labels, data.test_labels)]
    classes = [(name, int(sum(part[k] for part in numbers))) for k, name in enumerate(data.classes)]
    lacking = [name for k, name in enumerate(data.classes) if not all(part[k] for part in numbers)]
    return Facts(classes, count - len(known), constant, lacking, grey)


@cached(max_entries=16)
def sheets(data: Any, pixels: str, upright: bool) -> tuple[Image.Image, Image.Image]:
    """Thumbnails from all over the training images: their grey levels, and x."""
    some = np.unique(np.linspace(0, len(data.train) - 1, SHOWN).round().astype(int)).tolist()
    x = data.observed("train", some, pixels=pixels).numpy()
    return tuple(
        sheet(levels.reshape(-1, *data.shape), upright)
        for levels in (data.train[some].numpy(), np.rint(255 * x).clip(0, 255).astype(np.uint8))
    )


def sheet(levels: np.ndarray, upright: bool, across: int = ACROSS) -> Image.Image:
    """Tiles in rows, on nothing; ink is dark unless it is `upright`, and colours stay what they are."""
    (height, width), coloured = levels.shape[1:3], levels.ndim == 4
    size = max(1, round(TILE * width / max(height, width))), max(1, round(TILE * height / max(height, width)))
    rows = -(-len(levels) // across)
    mode = "RGBA" if coloured else "LA"
    whole = Image.new(mode, (across * (size[0] + GAP) - GAP, rows * (size[1] + GAP) - GAP))
    for at, image in enumerate(levels if upright or coloured else 255 - levels):
        tile = Image.fromarray(image).resize(
            size, Image.Resampling.NEAREST if max(image.shape[:2]) < TILE else Image.Resampling.BOX
        )
        whole.paste(tile.convert(mode), (at % across * (size[0] + GAP), at // across * (size[1] + GAP)))
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
    with st.container(horizontal=True, vertical_alignment="center", key=f"kept-{upload.name[4:28]}"):
        st.text(f"{data_title(upload.name)}, {upload.count:,} of {size_of(upload.shape)}")
        st.button("Remove", key=f"forget-{upload.name[4:28]}", type="tertiary", on_click=forget, args=(upload.name,))
