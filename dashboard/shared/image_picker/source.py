"""Where the chosen image comes from: the test set, a drawing, a file, or a sample of the model."""

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from dashboard.shared import latent_point, model_view, notices, url_state
from dashboard.shared.caching import cached
from dashboard.shared.image_picker import own_link
from dashboard.shared.section import section
from dashboard.shared.test_images import material

SEEDS = 10**6
OWN = own_link.KINDS


class Image(NamedTuple):
    """An image, as the data set has it and as the model sees it, with its code."""

    name: str  # what it is, for a heading
    kind: str  # "test", "drawn", "opened" or "prior"
    label: int | None
    index: int | None  # in the test set
    grey: np.ndarray  # (X,) uint8
    x: np.ndarray  # (X,) float32
    mean: np.ndarray  # (D,)  of q(z|x), or the code of an autoencoder
    sigma: np.ndarray | None  # (D,)  None: an autoencoder


# -- which image -------------------------------------------------------------------------------------------------------


@section("The image")
def chosen(model: model_view.Model) -> Image | None:
    """The image in the address, or the session's own; None while nothing is read, or where there is none to show."""
    ready = material(model)
    if ready is None:
        return None
    kind, number = wanted(model)
    if kind == "none" and (own := own_image(model)):
        if picture := as_model_has_it(model, own):
            return observed(model, own["kind"].capitalize(), own["kind"], picture)
        return None
    if kind == "prior":
        return prior_sample(model, number)
    if kind == "none" or ready.data is None or len(ready.data.test) == 0:
        return None
    return test_image(model, ready.data, min(number, len(ready.data.test) - 1), redraw())


@cached(max_entries=512)
def test_image(model: model_view.Model, dataset: Any, index: int, seed: int) -> Image:
    """The image of that number, its grey pixels drawn with that seed: all sessions share it."""
    label = None if dataset.test_labels is None else int(dataset.test_labels[index])
    x = dataset.observed("test", index, seed, model.entry.settings.data.pixels)
    return encoded(model, f"test {index}", "test", dataset.test[index].numpy().copy(), x, label, index)


def chosen_or_drawn(model: model_view.Model) -> Image | None:
    """The chosen image; without a data set, one that the model draws itself. None while the data are being read."""
    image = chosen(model)
    if image is None and material(model) is not None:
        url_state.keep("i", "prior0")
        image = chosen(model)
    return image


def wanted(model: model_view.Model) -> tuple[str, int]:
    """What the address asks for: ("test", the image's number) or ("prior", a seed); test image 0 for anything else.

    ("none", 0) stands for an image that was drawn or opened: the address has its pixels, or only this session has it.
    """
    text = url_state.asked("i")
    if text is None:
        return "test", 0
    if text == "none" or own_link.read(text):
        return "none", 0
    kind = "prior" if text.startswith("prior") else "test"
    digits = text.removeprefix("prior")
    most = max(1, len(model.mean)) if kind == "test" else SEEDS
    if digits.isascii() and digits.isdecimal() and len(digits) < 10 and int(digits) < most:
        st.session_state["image seen"] = text
        return kind, int(digits)
    if text != st.session_state.get("image seen"):  # else it was one of another model, which had more of them
        notices.notify(f"The address has i = {text[:40]}, not the number of a test image; this is number 0.")
    url_state.keep("i", "0")
    return "test", 0


def which(model: model_view.Model) -> dict[str, Any]:
    """What tells the image from any other; `own` is the number of what was drawn or opened."""
    kind, number = wanted(model)
    i = {"test": str(number), "prior": f"prior{number}", "none": url_state.asked("i")}[kind]
    return {"i": i, "seed": str(redraw()), "own": owned() if kind == "none" else 0}


def owned() -> int:
    """How often this session has drawn or opened an image."""
    return st.session_state.get("own images", 0)


def redraw() -> int:
    """The seed that decides which grey pixels are black in x."""
    return url_state.whole("seed", 0, SEEDS, 0)


def start(model: model_view.Model, image: Image | None) -> list[float]:
    """z where nothing else was asked for: the code of the image, at first as it is bundled with the model."""
    kind, number = wanted(model)
    bundled = kind == "test" and redraw() == 0
    if image is None or bundled:
        known = kind == "test" and len(model.mean) > 0
        return latent_point.within(model, model.mean[number].tolist()) if known else model.start
    return latent_point.within(model, image.mean.tolist())


def own_image(model: model_view.Model) -> dict | None:
    """What the address has of one's own, or this session; an image of digits is none of faces."""
    own, text = st.session_state.get("own image"), url_state.asked("i") or "none"
    if (linked := own_link.read(text)) and (not own or own["link"] != text):
        kind, grey = linked
        own = {"kind": kind, "source": grey, "made": {}, "data": model.entry.settings.data, "link": text}
        st.session_state["own image"] = own
    return own if own and own["data"].same_images(model.entry.settings.data) else None


def as_model_has_it(model: model_view.Model, own: dict) -> Any | None:
    """What was drawn or opened, for images of this model's shape: made once per shape. What a link brought is made."""
    from vae_core.data import preprocessing

    key = (model.entry.shape, model.photograph)
    if key not in own["made"]:
        grey = isinstance(own["source"], np.ndarray)
        if grey and own["link"] and own["source"].shape == tuple(model.entry.shape):
            own["made"][key] = preprocessing.Picture(own["source"].ravel())
            return own["made"][key]
        make = preprocessing.drawn if grey else preprocessing.uploaded
        try:
            own["made"][key] = make(own["source"], *key)
        except preprocessing.ImageError as error:
            own["made"][key] = None
            note(str(error))
    return own["made"][key]


def observed(model: model_view.Model, name: str, kind: str, picture: Any) -> Image:
    """Grey values from outside become x: a pixel is black where it is more than half black."""
    import torch

    from vae_core.data.datasets import observe

    grey = torch.from_numpy(np.array(picture.grey))[None]
    x = observe(grey, model.entry.settings.data.pixels, torch.full(grey.shape, 0.5))
    return encoded(model, name, kind, picture.grey, x, None, None)


def prior_sample(model: model_view.Model, seed: int) -> Image:
    """z ~ p(z), x ~ p(x|z): what the model would call one of its own."""
    from vae_core.inference.prior_draw import prior_draw

    mean, x = prior_draw(model_view.network(model), seed, model.entry.settings.model.row.binary)
    grey = np.rint(255 * mean[0].clamp(0, 1).numpy()).astype(np.uint8)
    return encoded(model, "a sample", "prior", grey, x, None, None)


def encoded(model: model_view.Model, name: str, kind: str, grey: np.ndarray, x, label, index) -> Image:
    import torch

    vae = model_view.network(model_view.given(model, label))  # q(z|x, y) of its own class, where that is known
    with torch.no_grad():
        code = vae.code(x)[0].numpy()
        sigma = vae.posterior(x).stddev[0].numpy() if vae.stochastic else None
    return Image(name, kind, label, index, np.asarray(grey), x[0].numpy(), code, sigma)


def note(text: str) -> None:
    """A sentence for the chooser; its number lets the same one be shown again."""
    _, number = st.session_state.get("image note", ("", 0))
    st.session_state["image note"] = (text, number + 1)


def log_likelihood(model: model_view.Model, image: Image, z: list[float]) -> float:
    """log p(x|z) in nats."""
    import torch

    with torch.no_grad():
        p = model_view.network(model).observed(torch.tensor([z], dtype=torch.float32))
        return float(p.log_prob(torch.from_numpy(image.x)).sum())
