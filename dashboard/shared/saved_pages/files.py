"""Writes recorded pages to files: one of a model, one of the lecture, or one of a page as it stands."""

import os
from pathlib import Path
from typing import NamedTuple

from dashboard.shared import model_view
from dashboard.shared.saved_pages.document import document
from dashboard.shared.saved_pages.facts import Facts, facts
from dashboard.shared.saved_pages.recording import Recording, answers_of, record
from vae_core.runs.store import Entry, find
from vae_core.sealed_files import write

TABS = ("explore", "manifold")  # the pages of one model, which share their blobs
PINNED = {"a": 0.0, "b": 1.0}  # two pins, so that the way between them is recorded with the page


class Written(NamedTuple):
    path: Path
    size: int  # bytes
    missing: list[str]  # what was left out, in sentences


def save_model(
    entry: Entry, path: Path, own_images: bool = False, encoder: bool = True, first: str = TABS[0], **address: str
) -> Written:
    """Explore and Manifold of one model as one file; `first` is shown first, `address` is what it begins with.

    Without the encoder, often the larger half, a drawing gets no code.
    """
    check_file(path)
    known, pages = known_of(entry, own_images, encoder), pages_of(entry, own_images=own_images, **address)
    known.told.update(hatch=pages[0].mount("pad")["hatch"], asked=address)
    pages.sort(key=lambda each: each.page != first)
    return written(path, document(pages, known), known)


def known_of(entry: Entry, own_images: bool = False, encoder: bool = True) -> Facts:
    return facts(model_view.model(entry), own_images, encoder)


def pages_of(entry: Entry, own_images: bool = False, **address: str) -> list[Recording]:
    """The pages of a model that can be had without Python."""
    dims, asked = entry.settings.model.latent_dim, {"model": entry.key} | address
    seen = {name: ",".join([f"{value:g}"] * dims) for name, value in PINNED.items()} | {"back": "holes"}
    explore = record("explore", own_images, **asked | seen)  # with all that it may be asked to show
    manifold = record("manifold", own_images, **asked)
    return [with_answers(page, model_view.model(entry)) for page in (explore, manifold)]


def with_answers(page: Recording, model: model_view.Model | None = None) -> Recording:
    """With what the page’s own Python says of each choice it offers."""
    if answering := answers_of(page.page):
        page.answers = answering.recorded(model, page)
    return page


def save_bound(entry: Entry, path: Path, own_images: bool = False, **address: str) -> Written:
    """The bound of one image, taken apart, of a model whose log p(x) is exact: ELBO as one file.

    Without `i`, its number, and where the test images may not go into a file, it is one that the model draws itself.
    """
    check_file(path)
    page = record("elbo", own_images, model=entry.key, **address)
    return written(path, document([with_answers(page, model_view.model(entry))], None), None)


def save_page(name: str, path: Path, **address: str) -> Written:
    """A page that is of no single model, as the lecture."""
    check_file(path)
    return written(path, document([with_answers(record(name, **address))], None), None)


def written(path: Path, text: str, known: Facts | None) -> Written:
    data = text.encode()
    try:
        write(path, data)
    except OSError as error:
        raise ValueError(f"{path} could not be written: {cause(error)}. Choose another folder.") from error
    return Written(path, len(data), known.missing if known else [])


def cause(error: OSError) -> str:
    return (error.__cause__ if isinstance(error.__cause__, OSError) else error).strerror or str(error)


def check_file(path: Path) -> None:
    check_folder(path.absolute().parent)
    if path.is_dir():
        raise ValueError(f"{path} is a folder: name a file in it.")


def check_folder(folder: Path) -> None:
    """ValueError where no file can be written, said before a page is recorded."""
    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}: make it, or choose another one.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError(f"The folder {folder} cannot be written to: choose another one.")


def entry_of(key: str) -> Entry:
    """ValueError where there is no such model, or it has not learned yet."""
    found = find(key)
    if found is None or not found.ready:
        raise ValueError(f"There is no finished model {key} here; python -m vae_core list names them.")
    return found
