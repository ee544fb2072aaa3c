"""What labels mean: a label k is a number, and names[k] is the class it stands for, as its data set writes it.

A run has the names in its manifest; older runs have those of their data set, or none, and then the numbers stand.
"""

from collections.abc import Iterable

import numpy as np

from vae_core.registry import DATA_SETS


def of_data(name: str) -> tuple[str, ...]:
    """The classes of a built-in or uploaded data set, without reading its images; () where they are not known."""
    if name in DATA_SETS:
        return DATA_SETS[name].classes
    from vae_core.data import uploads

    return next((upload.classes for upload in uploads.kept() if upload.name == name), ())


def complete(names: Iterable[str], labels: np.ndarray | None) -> tuple[str, ...]:
    """A name for every label that occurs: those given, then the numbers themselves; () where nothing is labelled."""
    if labels is None:
        return ()
    names, last = tuple(names), int(labels.max()) if len(labels) else -1
    return names + tuple(str(k) for k in range(len(names), last + 1))


def lacking(count: int, labels: np.ndarray | None) -> list[int]:
    """The classes, of `count`, that no image of a part has."""
    if labels is None:
        return []
    return np.flatnonzero(np.bincount(labels, minlength=count)[:count] == 0).tolist()
