"""The bound over the whole test set, for the browser: a dot per image, and the first rows of them in some order."""

import html
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from dashboard.elbo.test_set import bounds, stratified
from dashboard.shared import background, browser_blobs, formatting, image_bound, model_view, test_images, url_state
from dashboard.shared.browser_blobs import publish_blob
from vae_core.data.class_names import complete, lacking

ROWS = 100
NUMBERS = ("gap", "elbo", "reconstruction", "kl", "log_px")
PAUSED = "test set paused"  # of the session
MORE, ENOUGH = 1.5, 512  # times as many images as are shown, or so many more, are worth another picture


class Order(NamedTuple):
    """Which number is shown and sorted by."""

    by: str
    largest: bool


def known(model: model_view.Model) -> bounds.TestSetBounds | None:
    """What is known so far, None without images; asking for it has the rest computed."""
    ready = test_images.material(model)
    if ready is None or ready.data is None:
        return None
    found = bounds.test_set_bounds(model)
    if not found.complete and not st.session_state.get(PAUSED):
        key, shown = ("bounds of the test set", found.path.name), found.count

        def news() -> bool:
            return found.complete or found.count > min(MORE * shown, shown + ENOUGH)

        background.run_in_pieces(key, found.next_batch, news, soon=not shown)
    return found


def numbers(columns: tuple[str, ...], rows: np.ndarray) -> dict[str, np.ndarray]:
    """Every number by its name; the ELBO is the difference of two."""
    found = dict(zip(columns, rows, strict=True))
    found["elbo"] = found["reconstruction"] - found["kl"]
    return {name: found[name] for name in NUMBERS if name in found}


def means(found: bounds.TestSetBounds, values: dict[str, np.ndarray]) -> dict[str, tuple[float, float]]:
    """Of each number the mean over all test images and its standard error, nats, from those that are known."""
    labels = None if found.dataset.test_labels is None else found.dataset.test_labels.numpy()
    known = None if labels is None else labels[found.order[: len(next(iter(values.values())))]]
    return {name: stratified.estimate(one, known, labels, found.of) for name, one in values.items()}


def order(columns: tuple[str, ...]) -> Order:
    """From the address: a number's name, with a minus for the smallest first. At first where the bound is worst."""
    text = url_state.asked("by") or ""
    by = text.removeprefix("-")
    if by == "elbo" or by in columns:
        return Order(by, not text.startswith("-"))
    return Order("gap", True) if "gap" in columns else Order("elbo", False)


def pause() -> None:
    """Stops or goes on counting, for this visitor."""
    st.session_state[PAUSED] = not st.session_state.get(PAUSED)


def sort(by: str, largest: bool) -> None:
    if by in NUMBERS:
        url_state.keep("by", by if largest else f"-{by}")


def first(values: np.ndarray, largest: bool) -> np.ndarray:
    """The images with the most extreme values; those without one come last of all."""
    keys = np.where(np.isfinite(values), -values if largest else values, np.inf)
    return np.argsort(keys, kind="stable")[:ROWS]


def percentile(log_px: np.ndarray, own: float) -> float:
    """The share of the images that are less likely."""
    return float((log_px[np.isfinite(log_px)] < own).mean())


def standing(s: image_bound.BoundInputs, log_px: np.ndarray | None) -> str:
    """Where the chosen image stands among them."""
    if log_px is None:
        draws = f"Reconstructions are means over {bounds.DRAWS} draws of the noise."
        return f"{draws} With more than two dimensions log p(x) is not summed, so no gap is known."
    share = percentile(log_px, image_bound.exact(s).log_px)
    return f"log p(x) of the chosen image beats {100 * share:.0f} % of them. (Likely is not the same as typical.)"


def without(dataset: Any) -> str:
    """The classes that no test image has, which have no column."""
    if dataset.test_labels is None:
        return ""
    none = lacking(len(dataset.classes), dataset.test_labels.numpy())
    names = html.escape(formatting.some([dataset.classes[k] for k in none]))
    return f" No test image is of the class{'es' if len(none) > 1 else ''} {names}." if none else ""


def shown(model: model_view.Model, s: image_bound.BoundInputs, chosen: int | None, seen: bool) -> dict[str, Any]:
    """For the browser: where on its shelf the numbers and the thumbnails lie, and the order of the rows.

    Nothing is computed until the section has been seen.
    """
    found = known(model) if seen else None
    rows = None if found is None else found.rows
    if rows is None or not rows.shape[1]:
        ready = test_images.material(model)
        st.container(key="table-shelf")
        return {"count": 0, "missing": ready.missing if ready and ready.data is None else ""}
    values, at = numbers(found.columns, rows), order(found.columns)
    top = first(values[at.by], at.largest)
    images = found.order[top]
    labels = found.dataset.test_labels
    with st.container(key="table-shelf"):
        table, blob = packed(found, rows)
        publish_blob(data=blob, key="table")
        pictures, blob = browser_blobs.encode(
            "pictures", [found.dataset.test[images.tolist()].numpy()], count=len(top), shape=model.entry.shape
        )
        publish_blob(data=blob, key="thumbnails")
    return {
        "count": rows.shape[1],
        "of": found.of,
        "paused": bool(st.session_state.get(PAUSED)),
        "means": {name: [None if np.isnan(v) else v for v in one] for name, one in means(found, values).items()},
        "table": table,
        "pictures": pictures,
        "names": list(values),
        "top": top.tolist(),
        "by": at.by,
        "largest": at.largest,
        "classes": complete(found.dataset.classes, None if labels is None else labels.numpy()),
        "shape": model.entry.shape,
        "photograph": model.photograph,
        "chosen": chosen,
        "sentence": standing(s, values.get("log_px")) + without(found.dataset),
    }


def packed(found: bounds.TestSetBounds, rows: np.ndarray) -> tuple[str, bytes]:
    """The numbers of the images that are known, column by column, which images these are, and their labels."""
    return _packed(found, found.path.name, rows.shape[1])


@st.cache_resource(max_entries=8, show_spinner=False)
def _packed(_found: bounds.TestSetBounds, name: str, count: int) -> tuple[str, bytes]:
    values = numbers(_found.columns, _found.rows[:, :count])
    labels, images = _found.dataset.test_labels, _found.order[:count]
    arrays = [np.stack(list(values.values())).astype("<f4"), images.astype("<u4")]
    arrays += [] if labels is None else [labels.numpy()[images].astype("<u2")]
    return browser_blobs.encode("table", arrays, names=list(values), count=count, labels=labels is not None)
