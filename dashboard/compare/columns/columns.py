"""What each of several models draws of the same images, the same z and the same noise.

Every picture is decoded in the browser from the points that are listed here; only a decoder that the browser cannot run
sends ready pictures instead.
"""

import base64
from typing import Any, NamedTuple

import numpy as np

from dashboard.compare import metric_table, paired_bounds
from dashboard.shared import browser_blobs, formatting, given_class, model_view, notices, test_images, url_state
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.caching import cached
from dashboard.shared.image_picker import source
from vae_core.analysis.model_comparison import differ
from vae_core.settings import size_of

SHOWN, STEPS = 10, 9  # images in a row; codes along a way
SEEDS = 10**6
REACH = 3.25  # of the little plane


def few(first: model_view.Model) -> list[int]:
    """Test images of the first model's data: one of each class, or the first ones."""
    if first.labels is None or not len(first.labels):
        return list(range(min(SHOWN, max(1, len(first.mean)))))
    return [int(np.argmax(first.labels == label)) for label in np.unique(first.labels)[:SHOWN]]


def of_class(models: list[model_view.Model]) -> list[model_view.Model]:
    """Each conditional model given the class of the chosen image, where that has one; else its first class."""
    y = given_class.label(models[0]) or 0
    return [model_view.given(model, min(y, model.knows - 1)) for model in models]


class View(NamedTuple):
    """What the address asks for: of which images, at which point, from which draws."""

    seed: int  # of the binarisation
    number: int  # the test image that is chosen, or that takes its place
    few: list[int]  # test images in a row
    to: int  # where the way ends
    samples: int  # the seed of the draws of z
    at: list[float]  # the first two coordinates of z


def view(first: model_view.Model) -> View:
    kind, number = source.wanted(first)
    seed, chosen, row = source.redraw(), number if kind == "test" else 0, few(first)
    to = url_state.whole("to", 0, max(1, len(first.mean)) - 1, goal(first, chosen, row))
    samples = url_state.whole("samples", 0, SEEDS, 0)
    return View(seed, chosen, row, to, samples, point(samples))


def goal(first: model_view.Model, index: int, few: list[int]) -> int:
    """Where the way from an image leads unless something else is asked: to the first one of another class."""
    labels = first.labels
    if labels is None or index >= len(labels):
        return next((k for k in few if k != index), few[0])
    return next((k for k in few if labels[k] != labels[index]), few[0])


def seen(model: model_view.Model, first: model_view.Model, image: source.Image) -> source.Image | None:
    """An image of the first model's data as another model has it, by its own pixel rule; None: another shape."""
    if model is first:
        return image
    if tuple(model.entry.shape) != tuple(first.entry.shape):
        return None
    rule = model.entry.settings.data.pixels
    if image.kind == "test":
        x = test_images.data(first).observed("test", image.index, source.redraw(), rule)
    elif rule == first.entry.settings.data.pixels:
        x = torch_row(image.x)
    else:
        x = thresholded(image.grey, rule)
    return source.encoded(model, image.name, image.kind, image.grey, x, image.label, image.index)


def torch_row(x: np.ndarray):
    import torch

    return torch.from_numpy(x)[None]


def thresholded(grey: np.ndarray, rule: str):
    """Pixels from outside, as images.observed has them."""
    import torch

    from vae_core.data.datasets import observe

    levels = torch.from_numpy(np.array(grey))[None]
    return observe(levels, rule, torch.full(levels.shape, 0.5))


def codes(model: model_view.Model, first: model_view.Model, index: list[int], seed: int) -> np.ndarray | None:
    """(N, D) codes of the first model's test images: bundled ones, else encoded here; None: that needs the images."""
    same = model.entry.settings.data == first.entry.settings.data
    if same and seed == 0 and len(model.mean) > max(index):
        return model.mean[index]
    ready = test_images.material(first)
    if ready is None or ready.data is None or tuple(model.entry.shape) != tuple(first.entry.shape):
        return None
    import torch

    x, labels = ready.data.observed("test", index, seed, model.entry.settings.data.pixels), classes(model, first, index)
    with torch.no_grad():
        vae = model_view.network(model) if labels is None else model_view.whole(model.entry).given(torch.tensor(labels))
        return vae.code(x).numpy()


def classes(model: model_view.Model, first: model_view.Model, index: list[int]) -> list[int] | None:
    """Of test images of the first model's data, for a conditional model; None where they are not known."""
    if not model.knows or first.labels is None or len(first.labels) <= max(index):
        return None
    return [min(int(first.labels[i]), model.knows - 1) for i in index]


def called(model: model_view.Model, index: int) -> str:
    """A test image by its number and its class."""
    return "test " + test_images.named(model, index)


# -- for the browser ---------------------------------------------------------------------------------------------------


def noise(dims: int, seed: int) -> np.ndarray:
    """SHOWN draws of N(0, I): whatever its D, a model gets the first D coordinates of the same draws."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return rng.standard_normal((dims, SHOWN)).T.astype(np.float32)  # dimension by dimension, so that more come last


def point(seed: int) -> list[float]:
    """The first two coordinates of z: from the address, else of the first draw."""
    text = url_state.asked("at")
    try:
        z = url_state.numbers(text) if text else noise(2, seed)[0].tolist()
        if len(z) != 2:
            raise ValueError(text)
    except ValueError:
        notices.notify(f"The address has at = {text[:40]}, not two numbers; this is a random point.")
        url_state.forget("at")
        z = noise(2, seed)[0].tolist()
    return [round(min(REACH, max(-REACH, v)), 3) for v in z]


def shelve_few(model: model_view.Model, first: model_view.Model, view: View) -> str:
    """Lays the x of the row of images, by this model's pixel rule, on the browser's shelf; "" without the images."""
    ready = test_images.material(first)
    if ready is None or ready.data is None or model.entry.shape != first.entry.shape:
        return ""
    x = ready.data.observed("test", view.few, view.seed, model.entry.settings.data.pixels).clamp(0, 1).numpy()
    key, blob = browser_blobs.encode(
        "pictures", [np.rint(255 * x).astype(np.uint8)], count=len(x), shape=model.entry.shape
    )
    publish_blob(data=blob, key=f"few {model.entry.key}")
    return key


def table(models: list, names: list[str], image: source.Image | None, view: View, few_keys: list[str]) -> dict:
    """One column per model, and what is the same for all."""
    first = models[0]
    made = []
    for model, name, key in zip(models, names, few_keys, strict=True):
        own = seen(model, first, image) if image else None
        same = not differ(first.entry.settings, model.entry.settings)
        found = metric_table.here(model, own)
        facts = {
            "title": name, "here": found and found._asdict(), "comparable": same, "fewX": key,
            "aside": metric_table.unlike(first, model),
        }  # fmt: skip
        made.append(column(model, first, image, own, view) | facts)
    return {
        "columns": made,
        "few": view.few,
        "fewNames": [called(first, index) for index in view.few],
        "to": view.to,
        "toName": called(first, view.to),
        "chosen": image.index if image else view.number,
        "chosenName": image.name if image else f"test {view.number}",
        "at": view.at,
        "samples": view.samples,
        "reach": REACH,
        "removable": len(models) > 1,
    }


def column(
    model: model_view.Model, first: model_view.Model, image, own: source.Image | None, view: View
) -> dict[str, Any]:
    """What one model draws: points to decode by name, or ready pictures of them."""
    start = own.mean[None] if own else None if image else codes(model, first, [view.number], view.seed)
    ends = codes(model, first, [view.to], view.seed)
    random, axes = noise(model.dims, view.samples), model.order[: min(2, model.dims)]
    z = np.concatenate([np.array(view.at, np.float32), random[0, 2:]])[None, : model.dims]
    points = {"image": start, "few": codes(model, first, view.few, view.seed), "point": z, "samples": random}
    if start is not None and ends is not None:
        along = np.linspace(0, 1, STEPS, dtype=np.float32)[:, None]
        points["way"] = (1 - along) * start + along * ends
    own_classes = classes(model, first, view.few)
    told = {"few": own_classes} if own_classes else {}  # the class of each point, where it is not that of the image
    if model.knows:
        told["classes"] = list(range(min(SHOWN, model.knows)))
        points["classes"] = np.tile((z if start is None else start)[:1], (len(told["classes"]), 1))
    points["walk"] = np.concatenate([walk(model, (z if start is None else start)[0], axis) for axis in axes])
    points = {name: at.astype(np.float32) for name, at in points.items() if at is not None}
    return {
        "key": model.entry.key,
        "decoder": model.decoder,
        "told": told,
        "dims": model.dims,
        "shape": model.entry.shape,
        "photograph": model.photograph,
        "x": packed(np.rint(255 * np.clip(own.x, 0, 1)).astype(np.uint8)) if own else None,
        "points": {name: np.round(at.astype(float), 4).tolist() for name, at in points.items()},
        "levels": {name: drawn(model, at) for name, at in points.items()} if model.slow else None,
        "rest": random[0, 2:].astype(float).round(4).tolist(),
        "axes": [said(model, axis) for axis in axes],
        "missing": missing(model, first),
        "classNames": model.classes[:SHOWN] if model.knows else [],
    }


@cached(max_entries=64)
def drawn(model: model_view.Model, points: np.ndarray) -> str:
    """Mean images as text, of a decoder that takes a browser long."""
    return packed(model_view.decoded(model, points))


def walk(model: model_view.Model, start: np.ndarray, axis: int) -> np.ndarray:
    """One dimension through its range, the others as in `start`: (STEPS, D)."""
    points = np.tile(start, (STEPS, 1))
    points[:, axis] = np.linspace(*model.spans[axis], STEPS)
    return points


def said(model: model_view.Model, axis: int) -> str:
    low, high = (formatting.readable(value, 1).removesuffix(".0") for value in model.spans[axis])
    carried = f"KL {formatting.readable(model.kl[axis], 1)}" if model.entry.settings.model.stochastic else "code"
    return f"<i class='symbol z'>{formatting.z(axis)}</i> {low} to {high}, {carried}"


def missing(model: model_view.Model, first: model_view.Model) -> str:
    """Why a model shows no reconstruction."""
    if tuple(model.entry.shape) == tuple(first.entry.shape):
        return "The images are being read." if test_images.material(first) is None else "The test images are not here."
    return f"Made for images of {size_of(model.entry.shape)}, these are {size_of(first.entry.shape)}."


def packed(levels: np.ndarray) -> str:
    return base64.b64encode(levels.tobytes()).decode()


@cached(max_entries=16)
def bounds_blob(model: model_view.Model, count: int) -> tuple[str, bytes]:
    """The ELBO of the first `count` test images and its error, for the browser's shelf."""
    values = paired_bounds.scoring(model, test_images.data(model)).values[:, :count].astype("<f4")  # (2, count)
    images = np.arange(values.shape[1], dtype="<u4")
    return browser_blobs.encode("table", [values, images], count=len(images), names=["elbo", "error"], labels=False)
