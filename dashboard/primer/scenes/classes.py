"""How the codes of a model's test images fall into classes."""

from typing import Any

import numpy as np

from dashboard.shared import model_view

MOST = 10  # classes that are drawn
MADE_UP = {"names": [str(k) for k in range(MOST)], "counts": [1] * MOST, "known": False, "others": 0}


def shares(model: model_view.Model) -> dict[str, Any]:
    """Names and counts of the ten largest classes in the order of their labels; ten equal ones of unlabelled data."""
    if model.labels is None or not len(model.labels):
        return MADE_UP
    counts = np.bincount(model.labels, minlength=len(model.classes))
    largest = np.sort(np.argsort(-counts, kind="stable")[:MOST])
    kept = [int(label) for label in largest if counts[label]]
    names = [model.classes[label] for label in kept]
    return {
        "names": names, "counts": counts[kept].tolist(), "known": True, "others": int((counts > 0).sum()) - len(kept),
    }  # fmt: skip
