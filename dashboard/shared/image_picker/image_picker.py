"""The image x that a page looks at: of the test set by its number, drawn, opened, or drawn by the model itself.

All of them stand in the address. Only what a visitor draws or opens for a model of very many pixels stays in the
session, and the address says that there is none in it.
"""

import base64
from typing import Any

import numpy as np
import streamlit as st

from dashboard.shared import browser_blobs, formatting, model_view, url_state
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.caching import cached
from dashboard.shared.image_picker import own_link
from dashboard.shared.image_picker.source import (
    SEEDS,
    Image,
    as_model_has_it,
    chosen,
    note,
    owned,
    redraw,
    which,
)
from dashboard.shared.test_images import PER_CLASS, Refused, classes, data, lacking, material, untrained

CANVAS = 112  # pixels to a side of what the browser sends of a drawing
LARGEST = 10 * 2**20  # bytes of a picture file
BOUND_DRAWS = 4  # per test image, where thousands are scored


# -- choosing another one ----------------------------------------------------------------------------------------------


def apply(model: model_view.Model, command: dict) -> Image | None:
    """Answers what the chooser asks for, and says the image that is chosen now; None: nothing changed."""
    try:
        with url_state.one_entry():
            if COMMANDS[command["by"]](model, command) is False:
                return None
    except Refused as error:
        note(str(error))
        return None
    return chosen(model)


@url_state.one_entry()
def test_image(index: int) -> None:
    url_state.forget("seed", "class")  # it has a class of its own
    url_state.keep("i", str(index))


def back(model: model_view.Model, command: dict) -> None:
    """To the image that was there before the last step."""
    url_state.keep("i", command["i"])
    url_state.keep("seed", command["seed"]) if command["seed"] != "0" else url_state.forget("seed")


def by_class(model: model_view.Model, command: dict) -> None:
    """The next image of a class after the current one, so that another click shows another image."""
    found = following(model, chosen(model), int(command["class"]))
    if found is None:
        name = dict(enumerate(classes(model, material(model)))).get(int(command["class"]), str(command["class"]))
        raise Refused(f"No test image is of the class {formatting.short(name)}.")
    test_image(found)


def following(model: model_view.Model, current: Image | None, label: int) -> int | None:
    """The number of the image that a press of this class shows; None: no test image is of it."""
    same = np.flatnonzero(data(model).test_labels.numpy() == label)
    at = current.index if current and current.label == label and current.index is not None else -1
    return int(next((i for i in same if i > at), same[0])) if len(same) else None


def by_chance(model: model_view.Model, command: dict) -> None:
    test_image(int(np.random.Generator(np.random.PCG64(int(command["draw"]))).integers(len(data(model).test))))


def by_number(model: model_view.Model, command: dict) -> None:
    count = len(data(model).test)
    if not 0 <= int(command["number"]) < count:
        raise Refused(f"There is no test image {int(command['number'])}: they are numbered from 0 to {count - 1:,}.")
    test_image(int(command["number"]))


def by_bound(model: model_view.Model, command: dict) -> None:
    """The image with the best or the worst bound; the same wish again: the next one."""
    ranks = np.argsort(bounds(model), kind="stable")
    ranks = ranks[::-1] if command["end"] == "best" else ranks
    end, place = st.session_state.get("by bound", ("", 0))
    current = chosen(model)
    again = end == command["end"] and current is not None and current.index == ranks[place % len(ranks)]
    place = (place + 1) % len(ranks) if again else 0
    st.session_state["by bound"] = (command["end"], place)
    test_image(int(ranks[place]))


@cached(max_entries=16)
def bounds(model: model_view.Model) -> np.ndarray:
    """The ELBO of every test image in nats, with four draws each; of an autoencoder, its reconstruction."""
    from vae_core.training.evaluate import scores

    dataset = data(model)
    x = dataset.observed("test", slice(None), 0, model.entry.settings.data.pixels)
    return scores(model_view.whole(model.entry), x, BOUND_DRAWS, labels=dataset.test_labels).elbo.numpy()


def other_pixels(model: model_view.Model, command: dict) -> None:
    url_state.keep("seed", str((redraw() + 1) % SEEDS))


def from_prior(model: model_view.Model, command: dict) -> None:
    url_state.keep("i", f"prior{int(command['draw']) % SEEDS}")


def drawn(model: model_view.Model, command: dict) -> bool:
    levels = np.frombuffer(base64.b64decode(command["levels"]), np.uint8)
    if len(levels) != CANVAS * CANVAS:
        raise Refused(f"A drawing has {CANVAS}x{CANVAS} pixels, this one has {len(levels)}.")
    return take(model, "drawn", levels.reshape(CANVAS, CANVAS))


def opened(model: model_view.Model, command: dict) -> bool:
    source = base64.b64decode(command["file"])
    if len(source) > LARGEST:
        raise Refused(f"The file has {len(source) / 2**20:.0f} MB, more than {LARGEST // 2**20}: make it smaller.")
    return take(model, "opened", source)


def take(model: model_view.Model, kind: str, source: Any) -> bool:
    """What was drawn or opened is now this session's own image, as long as it looks at these data."""
    own = {"kind": kind, "source": source, "made": {}, "data": model.entry.settings.data, "link": ""}
    picture = as_model_has_it(model, own)
    if picture is None:
        return False
    shape, binary = model.entry.shape, model.entry.settings.data.binary
    if link := own_link.written(kind, picture.grey, shape, binary):
        own["made"][shape, model.photograph] = picture._replace(grey=own_link.rounded(picture.grey, binary))
    own["link"] = link or ""
    st.session_state["own image"] = own
    st.session_state["own images"] = owned() + 1
    url_state.forget("seed")
    url_state.keep("i", link or "none")
    if picture.remark and kind == "opened":
        note(f"{picture.remark[0].upper()}{picture.remark[1:]}.")
    return True


COMMANDS = {
    "class": by_class,
    "chance": by_chance,
    "number": by_number,
    "bound": by_bound,
    "pixels": other_pixels,
    "prior": from_prior,
    "drawn": drawn,
    "opened": opened,
    "back": back,
}


# -- for the browser ---------------------------------------------------------------------------------------------------


def offer(model: model_view.Model, image: Image | None) -> dict:
    """What the chooser shows; the pictures themselves go on the shelf."""
    ready = material(model)
    known = ready is not None and ready.data is not None
    return publish_images(model, image) | {
        "ready": ready is not None,
        "missing": "" if ready is None or known else ready.missing,
        "count": len(ready.data.test) if known else 0,
        "classes": classes(model, ready),
        "lacking": lacking(model, ready),
        "untrained": untrained(ready),
        "kind": image.kind if image else "",
        "label": image.label if image else None,
        "name": image.name if image else "",
        "asked": which(model),
        "own": owned(),
        "dreams": model.entry.settings.model.stochastic,
        "binary": model.entry.settings.data.binary,
        "bound": "ELBO" if model.entry.settings.model.stochastic else "fit",
        "note": st.session_state.get("image note", ("", 0)),
        "shape": model.entry.shape,
        "photograph": model.photograph,
    }


def publish_images(model: model_view.Model, image: Image | None) -> dict[str, str]:
    """Lays the chosen image and one test image of every class on the browser's shelf; their keys."""
    keys = {"image": "", "samples": ""}
    with st.container(key="images-shelf"):  # one element of the page, however many there are to lay down
        if image:
            keys["image"], blob = browser_blobs.encode("image", [image.x.astype("<f4"), image.grey], count=len(image.x))
            publish_blob(data=blob, key="image")
        ready = material(model)
        if ready and ready.data is not None and 0 < len(classes(model, ready)) <= PER_CLASS:
            keys["samples"], blob = _samples(model, ready.data)
            publish_blob(data=blob, key="samples")
    return keys


@cached(max_entries=16)
def _samples(_model: model_view.Model, dataset: Any) -> tuple[str, bytes]:
    """The first test image of every class, none (0) for a class that has none."""
    tests, labels = dataset.test.numpy(), dataset.test_labels.numpy()
    shown = np.zeros((len(classes(_model, material(_model))), tests.shape[1]), np.uint8)
    known, first = np.unique(labels, return_index=True)
    shown[known] = tests[first]
    return browser_blobs.encode("pictures", [shown], count=len(shown), shape=_model.entry.shape)
