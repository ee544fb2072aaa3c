"""The bound over the first images of the test set, a few at a time, so that the page fills while one looks at it."""

import base64
import io
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
import torch

from dashboard import bounds, images, later, state
from vae_core.evaluate import scores

COUNT, CHUNK = 300, 50
DRAWS = 64  # where the expectation is not summed: D > 2


class Table(NamedTuple):
    """One row per image, in nats; gap and log p(x) are NaN for more than two dimensions."""

    index: np.ndarray
    label: np.ndarray | None
    elbo: np.ndarray
    reconstruction: np.ndarray
    kl: np.ndarray
    gap: np.ndarray
    log_px: np.ndarray


def table(model: state.Model) -> Table | None:
    """What is known so far; asking for it has the rest computed."""
    ready = images.material(model)
    if ready is None or ready.data is None:
        return None
    count = min(COUNT, len(ready.data.test))
    starts = range(0, count, CHUNK)
    key = ("bounds of the test set", model.entry.key, model.entry.created)
    parts = [later.result((*key, start), partial(chunk, model, ready.data, start, count)) for start in starts]
    known = [part for part in parts if part is not None]
    if not known:
        return None
    index = np.concatenate([part[0] for part in known])
    labels = None if ready.data.test_labels is None else ready.data.test_labels.numpy()[index]
    return Table(index, labels, *(np.concatenate(column) for column in zip(*(part[1:] for part in known), strict=True)))


def chunk(model: state.Model, dataset: Any, start: int, count: int) -> tuple[np.ndarray, ...]:
    index = np.arange(start, min(start + CHUNK, count))
    x = dataset.observed("test", index.tolist(), 0, model.entry.settings.data.pixels)
    vae = state.network(model)
    if model.dims > 2:
        found = scores(vae, x, DRAWS)
        missing = np.full(len(index), np.nan)
        kl = found.kl.sum(-1)
        return index, *(part.double().numpy() for part in (found.elbo, found.reconstruction, kl)), missing, missing
    plane = bounds.grid(model)
    with torch.no_grad():
        q = vae.posterior(x)
    log_px, _ = plane.evidence(x)
    bound = plane.elbo(q, x)
    gap = plane.kl_from(q, x, log_px)
    return index, *(part.numpy() for part in (bound.value, bound.reconstruction, bound.kl, gap, log_px))


def percentile(known: Table, log_px: float) -> float:
    """The share of the images that are less likely."""
    return float((known.log_px < log_px).mean())


def standing(s: bounds.Subject, known: Table) -> str:
    """Where the chosen image stands among them."""
    exact = bounds.exact(s)
    if not exact.exact:
        return "More than two dimensions: log p(x) is not summed over so many images."
    share = percentile(known, exact.log_px)
    return f"The chosen image is likelier than {100 * share:.0f} % of them; likely does not mean typical."


def columns(model: state.Model, known: Table, chosen: int | None, sentence: str) -> dict[str, Any]:
    """For the browser, without the columns that nobody knows."""
    numbers = {name: getattr(known, name) for name in ("gap", "elbo", "reconstruction", "kl", "log_px")}
    return {
        **{name: np.round(values, 3).tolist() for name, values in numbers.items() if np.isfinite(values).all()},
        "index": known.index.tolist(),
        "of": min(COUNT, len(images.data(model).test)),
        "label": None if known.label is None else known.label.tolist(),
        "classes": list(images.data(model).classes),
        "chosen": chosen,
        "sentence": sentence,
    }


CONFIG = {
    "image": st.column_config.ImageColumn("", width=46),
    "test": st.column_config.NumberColumn("image", width=64),
    "class": st.column_config.TextColumn(width=56),
    **{
        name: st.column_config.NumberColumn(format="%.2f")
        for name in ("gap", "ELBO", "reconstruction", "KL", "log p(x)")
    },
}


def rows(model: state.Model, known: Table) -> dict[str, Any]:
    """The same as a table to sort."""
    classes = images.data(model).classes
    labels = {} if known.label is None else {"class": [classes[k] if classes else str(k) for k in known.label]}
    exact = {"gap": known.gap} if model.dims <= 2 else {}
    evidence = {"log p(x)": known.log_px} if model.dims <= 2 else {}
    parts = {"ELBO": known.elbo, "reconstruction": known.reconstruction, "KL": known.kl}
    return {"image": thumbnails(model, known.index), "test": known.index, **labels, **exact, **parts, **evidence}


def thumbnails(model: state.Model, index: np.ndarray) -> list[str]:
    """Data URIs of test images, dark on light."""
    return _thumbnails(model, model.entry.settings.data.name, tuple(index.tolist()))


@st.cache_resource(max_entries=16, show_spinner=False)
def _thumbnails(_model: state.Model, name: str, index: tuple[int, ...]) -> list[str]:
    from PIL import Image

    made = []
    for i in index:
        levels = images.data(_model).test[i].numpy().reshape(_model.entry.shape)
        file = io.BytesIO()
        Image.fromarray(levels if _model.photograph else 255 - levels).save(file, "PNG")
        made.append("data:image/png;base64," + base64.b64encode(file.getvalue()).decode())
    return made
