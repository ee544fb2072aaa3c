"""What the names of a file's arrays do not say: each is shown, and you tell which are the images and the labels."""

import io
from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from dashboard.shared import access, background, test_images
from dashboard.shared.section import section
from dashboard.train import image_upload
from dashboard.train.image_upload import ASKED, REFUSED
from vae_core.data.checksums import DatasetError
from vae_core.data.uploads import keep, plain
from vae_core.data.user_images import Choice, choices
from vae_core.sealed_files import Unwritable

MANY = 8  # arrays that are shown
NONE = "none"


class Question(NamedTuple):
    file: str
    content: bytes
    found: list[Choice]


@section("The question which arrays are which")
def draw(name: str, choose: Callable[[str], None]) -> bool:
    """Asks, if there is a file to ask about. `choose` takes the data set that the answer makes; `name` is in use."""
    asked = st.session_state.get(ASKED)
    if asked is None or not access.may_train():
        return False
    if len(asked) == 2:  # just chosen: a name and its bytes
        try:
            found = choices(asked[0], io.BytesIO(asked[1]))
        except DatasetError:
            found = []
        asked = st.session_state[ASKED] = Question(*asked, found)
    images = [each for each in asked.found if each.images is not None]
    if not images:
        del st.session_state[ASKED]
        return False
    with st.container(key="own-question"):
        st.text(f"Which is which? The names of the arrays in {plain(asked.file)} do not say it.")
        for each in asked.found[:MANY]:
            shown(each)
        answer(images, asked, name, choose)
    return True


def shown(each: Choice) -> None:
    """An array by its name and shape, and what it begins with."""
    left, right = st.columns([2, 5], vertical_alignment="center")
    left.text(f"{each.name[:30]}\n{' × '.join(map(str, each.shape)) or 'one number'}")
    if each.images is not None:
        right.image(image_upload.sheet(each.images, True, len(each.images)), width="content")
    else:
        right.text(f"{', '.join(each.values)}, …" if each.values else "neither images nor labels")


def answer(images: list[Choice], asked: Question, name: str, choose: Callable[[str], None]) -> None:
    """A list for each role that an array of this file may have, and the button that takes the answer."""
    lists = st.columns(4)
    names = [each.name for each in images]
    with lists[0]:
        given = {"images": st.selectbox("images", names, key="own-role-images")}
    with lists[1]:
        given["labels"] = labels_of(given["images"], asked, "labels", "The class of each image. Not needed to train.")
    if others := [other for other in names if other != given["images"]]:
        with lists[2]:
            help_text = "none: one image in seven is set aside to test with."
            test = st.selectbox("test images", [NONE, *others], key="own-role-test_images", help=help_text)
        if test != NONE:
            given["test_images"] = test
            with lists[3]:
                given["test_labels"] = labels_of(test, asked, "test labels", "Needed, if the images have labels.")
    roles = {role: name for role, name in given.items() if name != NONE}
    with st.container(horizontal=True):
        st.button("Use these", key="own-answered", type="primary", on_click=take, args=(asked, roles, name, choose))
        st.button("Leave it", key="own-unanswered", type="tertiary", on_click=leave)


def labels_of(images: str, asked: Question, label: str, help_text: str) -> str:
    """One of the arrays that have a label for each of these images, or none of them."""
    count = next(each.shape[0] for each in asked.found if each.name == images)
    fitting = [each.name for each in asked.found if each.values and each.shape[0] == count]
    return st.selectbox(label, [*fitting, NONE], key=f"own-role-{label.replace(' ', '_')}", help=help_text)


def take(asked: Question, roles: dict[str, str], name: str, choose: Callable[[str], None]) -> None:
    if not access.may_train():
        return
    leave()
    try:
        upload = keep(asked.file, io.BytesIO(asked.content), roles)
    except (DatasetError, Unwritable) as refused:
        st.session_state[REFUSED] = name, str(refused)
        return
    background.forget(test_images.key(upload.name, "standard"))
    choose(upload.name)


def leave() -> None:
    st.session_state.pop(ASKED, None)
