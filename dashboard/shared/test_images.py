"""The images of a model's data set, read in the background: the test images, their classes, the nearest ones."""

import base64
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dashboard.shared import background, formatting, model_view
from dashboard.shared.section import section
from vae_core.data.class_names import complete
from vae_core.data.class_names import lacking as missing
from vae_core.data.user_images import wished
from vae_core.paths import cache_folder
from vae_core.registry import data_title
from vae_core.runs.store import known_by_name, source_of
from vae_core.settings import DataSettings, size_of

PER_CLASS = 10  # classes at most that have a button of their own; more are a list
NEAREST = 6
LARGE = 2**24  # bytes of training images, from which they wait on the disk


class Material(NamedTuple):
    """What images are made with; `missing` says why there is no data set."""

    data: Any  # a vae_core.data.datasets.Dataset, or None
    missing: str


def material(model: model_view.Model) -> Material | None:
    """The data set of a model in memory, shared by all sessions; None as long as it is being read."""
    settings, shape = model.entry.settings.data, model.entry.shape
    ready = of(settings, model.entry.source or source_of(settings))
    if ready and ready.data is not None and tuple(ready.data.shape) != tuple(shape):
        found, made = map(size_of, (ready.data.shape, shape))
        return Material(None, f"{data_title(ready.data.name)} has images of {found}, this model was made for {made}.")
    return ready


def read(source: str, split: str) -> Material:
    from vae_core.data.datasets import DatasetError, load_dataset  # a second of imports, and not in the page's way

    if not known_by_name(source) and not Path(wished(source).path).exists():
        return Material(None, f"The images were read from {source}, and are not there any more: put them back there.")
    try:
        return Material(put_down(load_dataset(source, split=split, download=False)), "")
    except DatasetError as error:
        return Material(None, str(error))


def put_down(dataset: Any) -> Any:
    """The same, with its training images in a file that has no name: few pages look at any of them, and what nobody
    looks at takes no memory. Where nothing can be written they stay in memory."""
    import torch

    images = dataset.train.numpy()
    if images.nbytes < LARGE:
        return dataset
    try:
        with tempfile.TemporaryFile(dir=cache_folder()) as file:
            images.tofile(file)
            mapped = np.memmap(file, images.dtype, "c", shape=images.shape)
    except OSError:
        return dataset
    return replace(dataset, train=torch.from_numpy(mapped))


class Refused(ValueError):
    """Why a wish cannot be granted, in one sentence for the viewer."""


def data(model: model_view.Model) -> Any:
    ready = material(model)
    if ready is None or ready.data is None:
        raise Refused("The test images are not here; draw or open an image, or take a sample of the prior.")
    return ready.data


def classes(model: model_view.Model, ready: Material | None) -> list[str]:
    """The names to choose from; as long as the data are being read, those that the codes are labelled with."""
    if ready is None:
        return list(model.classes)
    labels = None if ready.data is None else ready.data.test_labels
    return [] if labels is None else list(complete(ready.data.classes, labels.numpy()))


@section("The nearest test images")
def neighbours(model: model_view.Model, z: list[float]) -> dict | None:
    """The test images whose codes lie nearest to z, over all dimensions."""
    ready = material(model)
    if ready is None or ready.data is None or len(model.mean) != len(ready.data.test):
        return None
    far = np.square(model.mean - np.asarray(z, np.float32)).sum(1)
    count = min(NEAREST, len(far))
    near = np.argpartition(far, count - 1)[:count]
    near = near[np.argsort(far[near], kind="stable")]
    levels = base64.b64encode(ready.data.test.numpy()[near].tobytes()).decode()
    names = ["test image " + named(model, int(i)) for i in near]
    return {"levels": levels, "names": names, "indices": near.tolist()}


def of(settings: DataSettings, source: str, result: Callable[..., Any] = background.result) -> Material | None:
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
        found = Path(wished(source).path).stat()
    except OSError:
        return "data", source, split, "gone"
    return "data", source, split, found.st_mtime_ns, found.st_size


def lacking(model: model_view.Model, ready: Material | None) -> list[int]:
    """The classes that no test image has."""
    labels = ready.data.test_labels if ready and ready.data is not None else None
    return missing(len(classes(model, ready)), model.labels if labels is None else labels.numpy())


def untrained(ready: Material | None) -> list[int]:
    """The classes that no training image has: their images come out as others."""
    labels = ready.data.train_labels if ready and ready.data is not None else None
    return [] if labels is None else missing(len(ready.data.classes), labels.numpy())


def named(model: model_view.Model, index: int) -> str:
    """A test image by its number, and its class where it has one."""
    known = model.labels is not None and index < len(model.labels)
    return f"{index}" + (f", class {formatting.short(model.classes[model.labels[index]])}" if known else "")
