"""The image x that a page looks at: of the test set by its number, drawn, opened, or drawn by the model itself.

Test images and draws from the prior stand in the address; what a visitor draws or opens stays in the session, and the
address says that there is none in it.
"""

import base64
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from dashboard import address, controls, later, notices, prose, state
from dashboard.components import shelf
from dashboard.section import section
from vae_core.class_names import complete
from vae_core.class_names import lacking as missing
from vae_core.runs import known_by_name, source_of
from vae_core.settings import DataSettings

CANVAS = 112  # pixels to a side of what the browser sends of a drawing
LARGEST = 10 * 2**20  # bytes of a picture file
PER_CLASS = 10  # classes at most that have a button of their own; more are a list
NEAREST = 6
BOUND_DRAWS = 4  # per test image, where thousands are scored
SEEDS = 10**6
OWN = ("drawn", "opened")


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


class Material(NamedTuple):
    """What images are made with; `missing` says why there is no data set."""

    data: Any  # a vae_core.datasets.Dataset, or None
    missing: str


def material(model: state.Model) -> Material | None:
    """The data set of a model in memory, shared by all sessions; None as long as it is being read."""
    settings, shape = model.entry.settings.data, model.entry.shape
    ready = of(settings, model.entry.source or source_of(settings))
    if ready and ready.data is not None and tuple(ready.data.shape) != tuple(shape):
        found, made = ("x".join(map(str, sides)) for sides in (ready.data.shape, shape))
        return Material(None, f"{ready.data.name} has images of {found} pixels, this model was made for {made}.")
    return ready


def of(settings: DataSettings, source: str, result: Callable[..., Any] = later.result) -> Material | None:
    """The images of some settings, found at `source`; none are shown that are not the ones of these settings."""
    if not source:
        return Material(
            None,
            f"The images of {settings.name} are not on this machine: train a model on their file here, or upload them.",
        )
    ready = result(key(source, settings.split), partial(read, source, settings.split))
    if ready is None or ready.data is None or settings.fingerprint in ("", ready.data.fingerprint):
        return ready
    if known_by_name(source):
        return Material(
            None, f"The images of {source} here are not those this model was trained on: they’re not shown."
        )
    return Material(
        None,
        f"The images in {source} have changed since this model was trained, so they’re not shown: put the former ones "
        "back, or train a model on the new ones.",
    )


def key(source: str, split: str) -> tuple:
    """Of the data set in memory; a file that changes is read anew."""
    if known_by_name(source):
        return "data", source, split
    try:
        found = Path(source).stat()
    except OSError:
        return "data", source, split, "gone"
    return "data", source, split, found.st_mtime_ns, found.st_size


def read(source: str, split: str) -> Material:
    from vae_core.datasets import DatasetError, load_dataset  # a second of imports, and not in the page's way

    if not known_by_name(source) and not Path(source).exists():
        return Material(None, f"The images were read from {source}, and are not there any more: put them back there.")
    try:
        return Material(load_dataset(source, split=split, download=False), "")
    except DatasetError as error:
        return Material(None, str(error))


# -- which image -------------------------------------------------------------------------------------------------------


@section("The image")
def chosen(model: state.Model) -> Image | None:
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
    index, seed = min(number, len(ready.data.test) - 1), redraw()
    label = None if ready.data.test_labels is None else int(ready.data.test_labels[index])
    pixels = model.entry.settings.data.pixels
    x = ready.data.observed("test", index, seed, pixels)
    return encoded(model, f"test {index}", "test", ready.data.test[index].numpy(), x, label, index)


def chosen_or_drawn(model: state.Model) -> Image | None:
    """The chosen image; without a data set, one that the model draws itself. None while the data are being read."""
    image = chosen(model)
    if image is None and material(model) is not None:
        address.keep("i", "prior0")
        image = chosen(model)
    return image


def wanted(model: state.Model) -> tuple[str, int]:
    """What the address asks for: ("test", the image's number) or ("prior", a seed); test image 0 for anything else.

    ("none", 0) stands for an image that was drawn or opened, which only this session has.
    """
    text = address.asked("i")
    if text is None:
        return "test", 0
    if text == "none":
        return "none", 0
    kind = "prior" if text.startswith("prior") else "test"
    digits = text.removeprefix("prior")
    most = max(1, len(model.mean)) if kind == "test" else SEEDS
    if digits.isascii() and digits.isdecimal() and len(digits) < 10 and int(digits) < most:
        return kind, int(digits)
    notices.say(f"The address has i = {text[:40]}, not the number of a test image; this is number 0.")
    address.keep("i", "0")
    return "test", 0


def which(model: state.Model) -> dict[str, Any]:
    """What tells the image from any other; `own` is the number of what was drawn or opened."""
    kind, number = wanted(model)
    i = {"test": str(number), "prior": f"prior{number}", "none": "none"}[kind]
    return {"i": i, "seed": str(redraw()), "own": owned() if kind == "none" else 0}


def owned() -> int:
    """How often this session has drawn or opened an image."""
    return st.session_state.get("own images", 0)


def redraw() -> int:
    """The seed that decides which grey pixels are black in x."""
    return address.whole("seed", 0, SEEDS, 0)


def start(model: state.Model, image: Image | None) -> list[float]:
    """z where nothing else was asked for: the code of the image, at first as it is bundled with the model."""
    kind, number = wanted(model)
    bundled = kind == "test" and redraw() == 0
    if image is None or bundled:
        known = kind == "test" and len(model.mean) > 0
        return controls.within(model, model.mean[number].tolist()) if known else model.start
    return controls.within(model, image.mean.tolist())


def own_image(model: state.Model) -> dict | None:
    """What this session has drawn or opened; an image of digits is none of faces."""
    own = st.session_state.get("own image")
    return own if own and own["data"].same_images(model.entry.settings.data) else None


def as_model_has_it(model: state.Model, own: dict) -> Any | None:
    """What was drawn or opened, for images of this model's shape: made once per shape."""
    from vae_core import images

    key = (model.entry.shape, model.photograph)
    if key not in own["made"]:
        make = {"drawn": images.drawn, "opened": images.uploaded}[own["kind"]]
        try:
            own["made"][key] = make(own["source"], *key)
        except images.ImageError as error:
            own["made"][key] = None
            note(str(error))
    return own["made"][key]


def observed(model: state.Model, name: str, kind: str, picture: Any) -> Image:
    """Grey values from outside become x: a pixel is black where it is more than half black."""
    import torch

    from vae_core.datasets import observe

    grey = torch.from_numpy(np.array(picture.grey))[None]
    x = observe(grey, model.entry.settings.data.pixels, torch.full(grey.shape, 0.5))
    return encoded(model, name, kind, picture.grey, x, None, None)


def prior_sample(model: state.Model, seed: int) -> Image:
    """z ~ p(z), x ~ p(x|z): what the model would call one of its own."""
    import torch

    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        p = state.network(model).observed(torch.randn(1, model.dims, generator=rng))
        noise = torch.rand(p.mean.shape, generator=rng)
        if model.entry.settings.model.likelihood == "bernoulli":
            x = (noise < p.mean).float()
        else:
            x = (p.mean + p.stddev * torch.special.ndtri(noise.clamp(1e-6, 1 - 1e-6))).clamp(0, 1)
    grey = np.rint(255 * p.mean[0].clamp(0, 1).numpy()).astype(np.uint8)
    return encoded(model, "a sample", "prior", grey, x, None, None)


def encoded(model: state.Model, name: str, kind: str, grey: np.ndarray, x, label, index) -> Image:
    import torch

    vae = state.network(model)
    with torch.no_grad():
        code = vae.code(x)[0].numpy()
        sigma = vae.posterior(x).stddev[0].numpy() if vae.stochastic else None
    return Image(name, kind, label, index, np.asarray(grey), x[0].numpy(), code, sigma)


# -- choosing another one ----------------------------------------------------------------------------------------------


def pick(model: state.Model, wish: dict) -> Image | None:
    """Answers what the chooser asks for, and says the image that is chosen now; None: nothing changed."""
    try:
        with address.one_entry():
            if WISHES[wish["by"]](model, wish) is False:
                return None
    except Refused as error:
        note(str(error))
        return None
    return chosen(model)


def note(text: str) -> None:
    """A sentence for the chooser; its number lets the same one be shown again."""
    _, number = st.session_state.get("image note", ("", 0))
    st.session_state["image note"] = (text, number + 1)


class Refused(ValueError):
    """Why a wish cannot be granted, in one sentence for the viewer."""


@address.one_entry()
def test_image(index: int) -> None:
    address.forget("seed")
    address.keep("i", str(index))


def back(model: state.Model, wish: dict) -> None:
    """To the image that was there before the last step."""
    address.keep("i", wish["i"])
    address.keep("seed", wish["seed"]) if wish["seed"] != "0" else address.forget("seed")


def by_class(model: state.Model, wish: dict) -> None:
    """The next image of a class after the current one, so that another click shows another image."""
    same = np.flatnonzero(data(model).test_labels.numpy() == int(wish["class"]))
    name = dict(enumerate(classes(model, material(model)))).get(int(wish["class"]), str(wish["class"]))
    if not len(same):
        raise Refused(f"No test image is of the class {prose.short(name)}.")
    current = chosen(model)
    at = current.index if current and current.label == int(wish["class"]) and current.index is not None else -1
    test_image(int(next((i for i in same if i > at), same[0])))


def by_chance(model: state.Model, wish: dict) -> None:
    test_image(int(np.random.Generator(np.random.PCG64(int(wish["draw"]))).integers(len(data(model).test))))


def by_number(model: state.Model, wish: dict) -> None:
    count = len(data(model).test)
    if not 0 <= int(wish["number"]) < count:
        raise Refused(f"There is no test image {int(wish['number'])}: they are numbered from 0 to {count - 1:,}.")
    test_image(int(wish["number"]))


def by_bound(model: state.Model, wish: dict) -> None:
    """The image with the best or the worst bound; the same wish again: the next one."""
    ranks = np.argsort(bounds(model), kind="stable")
    ranks = ranks[::-1] if wish["end"] == "best" else ranks
    end, place = st.session_state.get("by bound", ("", 0))
    current = chosen(model)
    again = end == wish["end"] and current is not None and current.index == ranks[place % len(ranks)]
    place = (place + 1) % len(ranks) if again else 0
    st.session_state["by bound"] = (wish["end"], place)
    test_image(int(ranks[place]))


@st.cache_resource(max_entries=16, show_spinner=False)
def _bounds(_model: state.Model, key: str, created: str) -> np.ndarray:
    from vae_core.evaluate import scores

    dataset = data(_model)
    x = dataset.observed("test", slice(None), 0, _model.entry.settings.data.pixels)
    return scores(state.network(_model), x, samples=BOUND_DRAWS).elbo.numpy()


def bounds(model: state.Model) -> np.ndarray:
    """The ELBO of every test image in nats, with four draws each; of an autoencoder, its reconstruction."""
    return _bounds(model, model.entry.key, model.entry.created)


def data(model: state.Model) -> Any:
    ready = material(model)
    if ready is None or ready.data is None:
        raise Refused("The test images are not here; draw or open an image, or take a sample of the prior.")
    return ready.data


def other_pixels(model: state.Model, wish: dict) -> None:
    address.keep("seed", str((redraw() + 1) % SEEDS))


def from_prior(model: state.Model, wish: dict) -> None:
    address.keep("i", f"prior{int(wish['draw']) % SEEDS}")


def drawn(model: state.Model, wish: dict) -> bool:
    levels = np.frombuffer(base64.b64decode(wish["levels"]), np.uint8)
    if len(levels) != CANVAS * CANVAS:
        raise Refused(f"A drawing has {CANVAS}x{CANVAS} pixels, this one has {len(levels)}.")
    return take(model, "drawn", levels.reshape(CANVAS, CANVAS))


def opened(model: state.Model, wish: dict) -> bool:
    source = base64.b64decode(wish["file"])
    if len(source) > LARGEST:
        raise Refused(f"The file has {len(source) / 2**20:.0f} MB, more than {LARGEST // 2**20}: make it smaller.")
    return take(model, "opened", source)


def take(model: state.Model, kind: str, source: Any) -> bool:
    """What was drawn or opened is now this session's own image, as long as it looks at these data."""
    own = {"kind": kind, "source": source, "made": {}, "data": model.entry.settings.data}
    picture = as_model_has_it(model, own)
    if picture is None:
        return False
    st.session_state["own image"] = own
    st.session_state["own images"] = owned() + 1
    address.forget("seed")
    address.keep("i", "none")
    if picture.remark and kind == "opened":
        note(f"{picture.remark[0].upper()}{picture.remark[1:]}.")
    return True


WISHES = {
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


def offer(model: state.Model, image: Image | None) -> dict:
    """What the chooser shows; the pictures themselves go on the shelf."""
    ready = material(model)
    known = ready is not None and ready.data is not None
    return shelve(model, image) | {
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
        "binary": model.entry.settings.data.pixels not in ("dequantised", "grey"),
        "bound": "ELBO" if model.entry.settings.model.stochastic else "fit",
        "note": st.session_state.get("image note", ("", 0)),
        "shape": model.entry.shape,
        "photograph": model.photograph,
    }


def classes(model: state.Model, ready: Material | None) -> list[str]:
    """The names to choose from; as long as the data are being read, those that the codes are labelled with."""
    if ready is None:
        return list(model.classes)
    labels = None if ready.data is None else ready.data.test_labels
    return [] if labels is None else list(complete(ready.data.classes, labels.numpy()))


def lacking(model: state.Model, ready: Material | None) -> list[int]:
    """The classes that no test image has."""
    labels = ready.data.test_labels if ready and ready.data is not None else None
    return missing(len(classes(model, ready)), model.labels if labels is None else labels.numpy())


def untrained(ready: Material | None) -> list[int]:
    """The classes that no training image has: their images come out as others."""
    labels = ready.data.train_labels if ready and ready.data is not None else None
    return [] if labels is None else missing(len(ready.data.classes), labels.numpy())


def shelve(model: state.Model, image: Image | None) -> dict[str, str]:
    """Lays the chosen image and one test image of every class on the browser's shelf; their keys."""
    keys = {"image": "", "samples": ""}
    with st.container(key="images-shelf"):  # one element of the page, however many there are to lay down
        if image:
            keys["image"], blob = state.pack("image", [image.x.astype("<f4"), image.grey], count=len(image.x))
            shelf(data=blob, key="image")
        ready = material(model)
        if ready and ready.data is not None and 0 < len(classes(model, ready)) <= PER_CLASS:
            keys["samples"], blob = _samples(model, ready.data.fingerprint)
            shelf(data=blob, key="samples")
    return keys


@st.cache_resource(max_entries=16, show_spinner=False)
def _samples(_model: state.Model, fingerprint: str) -> tuple[str, bytes]:
    """The first test image of every class, none (0) for a class that has none."""
    tests, labels = data(_model).test.numpy(), data(_model).test_labels.numpy()
    shown = np.zeros((len(classes(_model, material(_model))), tests.shape[1]), np.uint8)
    known, first = np.unique(labels, return_index=True)
    shown[known] = tests[first]
    return state.pack("pictures", [shown], count=len(shown), shape=_model.entry.shape)


@section("The nearest test images")
def neighbours(model: state.Model, z: list[float]) -> dict | None:
    """The test images whose codes lie nearest to z, over all dimensions."""
    ready = material(model)
    if ready is None or ready.data is None or len(model.mean) != len(ready.data.test):
        return None
    far = np.square(model.mean - np.asarray(z, np.float32)).sum(1)
    count = min(NEAREST, len(far))
    near = np.argpartition(far, count - 1)[:count]
    near = near[np.argsort(far[near], kind="stable")]
    levels = base64.b64encode(ready.data.test[near.tolist()].numpy().tobytes()).decode()
    names = ["test image " + named(model, int(i)) for i in near]
    return {"levels": levels, "names": names}


def named(model: state.Model, index: int) -> str:
    """A test image by its number, and its class where it has one."""
    known = model.labels is not None and index < len(model.labels)
    return f"{index}" + (f", class {prose.short(model.classes[model.labels[index]])}" if known else "")


def log_likelihood(model: state.Model, image: Image, z: list[float]) -> float:
    """log p(x|z) in nats, for decoders that the browser cannot run."""
    import torch

    with torch.no_grad():
        p = state.network(model).observed(torch.tensor([z], dtype=torch.float32))
        return float(p.log_prob(torch.from_numpy(image.x)).sum())
