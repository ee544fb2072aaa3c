"""Weights of a VAE that other code has trained: the page asks what their file does not say, and scores them."""

import math
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard.shared import access
from dashboard.train import image_upload
from vae_core.data.uploads import kept, plain
from vae_core.registry import DATA_SETS, LIKELIHOODS
from vae_core.runs.store import Entry, trained
from vae_core.settings import ACTIVATIONS, size_of

ENDINGS = ("safetensors", "pt", "pth", "bin")
ASKED, REFUSED = "weights asked", "import refused"
NAMED = 60  # characters


class Question(NamedTuple):
    """A file that was read, and what it says about its model."""

    file: str
    content: bytes
    layout: str
    what: str  # the networks in words
    pixels: int
    likelihoods: list[str]  # that have as many parameters as its decoder gives
    activation: str


def question(file: str, content: bytes) -> Question:
    """What there is to ask about a file; ValueError says why it is not taken."""
    from vae_core.exchange.foreign_weights import LAYOUTS, Foreign, recognise

    taken = recognise(read(file, content))
    fitting = [
        name for name, row in LIKELIHOODS.items()
        if row.variance in ("", "pixel") and row.outputs * taken.pixels == taken.outputs
    ]  # fmt: skip
    if not fitting:
        raise Foreign(
            f"The encoder takes {taken.pixels} pixels and the decoder gives {taken.outputs} numbers: no p(x|z) that is "
            "known here has so many."
        )
    widths = "-".join(map(str, (taken.pixels, *taken.encoder, taken.latent_dim, *taken.decoder, taken.outputs)))
    layout = LAYOUTS[taken.layout]
    return Question(file, content, taken.layout, f"{layout.what}; {widths}", taken.pixels, fitting, layout.activation)


def read(file: str, content: bytes) -> dict[str, np.ndarray]:
    from vae_core.exchange.foreign_weights import read_weights

    with tempfile.TemporaryDirectory() as folder:
        return read_weights(written(folder, file, content))


def written(folder: str, file: str, content: bytes) -> Path:
    """Under its own name, which the sentences about it have."""
    path = Path(folder) / (plain(file)[-NAMED:] or "weights.pt")
    path.write_bytes(content)
    return path


def sources(pixels: int) -> dict[str, str]:
    """Data sets whose images have so many pixels, as (what load_dataset takes): (a name for people)."""
    known = {
        name: f"{row.title}, {size_of(row.shape)}" for name, row in DATA_SETS.items() if math.prod(row.shape) == pixels
    }
    names = image_upload.names()
    return known | {one.name: names[one.name] for one in kept() if math.prod(one.shape) == pixels}


def draw(done) -> None:
    """Asks, if there is a file to ask about. `done` hears of the run that the answer makes, which ones there were,
    and what is odd about it."""
    asked: Question | None = st.session_state.get(ASKED)
    if asked is None or not access.may_train():
        return
    with st.container(key="weights-question"):
        st.text(f"{plain(asked.file)}: {asked.what}")
        offered = sources(asked.pixels)
        if not offered:
            st.text(f"No data set here has images of {asked.pixels} pixels: give yours under “Own images” first.")
            st.button("Leave it", key="weights-left", type="tertiary", on_click=leave)
            return
        st.text("The file does not say on which images, with which activation and which p(x|z) it was trained.")
        lists = st.columns(3)
        name = lists[0].selectbox("images", list(offered), format_func=offered.get, key="weights-images")
        activation = lists[1].selectbox(
            "activation", ACTIVATIONS, ACTIVATIONS.index(asked.activation), key="weights-activation"
        )
        likelihood = lists[2].selectbox(
            "p(x|z)", asked.likelihoods, format_func=lambda each: LIKELIHOODS[each].label, key="weights-likelihood"
        )
        with st.container(horizontal=True):
            chosen = (name, activation, likelihood)
            st.button(
                "Score and import", key="weights-taken", type="primary", on_click=take, args=(asked, *chosen, done)
            )
            st.button("Leave it", key="weights-left", type="tertiary", on_click=leave)


def take(asked: Question, name: str, activation: str, likelihood: str, done) -> None:
    """Scores the weights on the test images, some seconds for 10,000."""
    from vae_core.data.datasets import load_dataset
    from vae_core.exchange import foreign_weights

    if not access.may_train():
        return
    here = ready()
    try:
        dataset = load_dataset(name, download=False)
        with tempfile.TemporaryDirectory() as folder:
            entry: Entry = foreign_weights.take(
                written(folder, asked.file, asked.content), dataset, trained(), layout=asked.layout,
                activation=activation, likelihood=likelihood, name=Path(plain(asked.file)).stem[:NAMED],
            )  # fmt: skip
    except (OSError, ValueError) as refused:
        st.session_state[REFUSED] = str(refused)
        leave()
        return
    leave()
    st.session_state.pop(REFUSED, None)
    done(entry, here, foreign_weights.doubt(entry, dataset))


def ready() -> set[str]:
    """The keys of all models that are here."""
    return {entry.key for entry in trained().list() if entry.ready}


def leave() -> None:
    st.session_state.pop(ASKED, None)
