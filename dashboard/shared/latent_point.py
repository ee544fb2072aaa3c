"""The point z that the pages share, the two axes that are shown, and the codes beside it."""

import streamlit as st

from dashboard.shared import model_view, notices, url_state
from dashboard.shared.browser_blobs import publish_blob


def check(model: model_view.Model) -> None:
    """Reads z and axes once before the heading, which says what is wrong with them."""
    point(model)
    axes(model)


def publish_codes(model: model_view.Model, axes: tuple[int, ...]) -> str:
    """Lays the codes along some axes on the browser's shelf; the key to find them by, "" if there are none."""
    with st.container(key="codes-shelf"):
        if not len(model.mean):
            return ""
        key, blob = model_view.codes(model, axes)
        publish_blob(data=blob, key="codes")
        return key


def point(model: model_view.Model, start: list[float] | None = None) -> list[float]:
    """z from the address, within what the page can show; else `start`, or where this model starts."""
    z = place(model, "z")
    return within(model, start or model.start) if z is None else z


def place(model: model_view.Model, key: str) -> list[float] | None:
    """A point from the address, within what the page can show; None without one."""
    text = url_state.asked(key)
    if text is None:
        return None
    try:
        values = url_state.numbers(text)
        if len(values) != model.dims:
            raise ValueError(text)
    except ValueError:
        notices.notify(f"The address has {key} = {text[:40]}, not {model.dims} numbers; this page goes on without it.")
        url_state.forget(key)
        return None
    return within(model, values)


def within(model: model_view.Model, z: list[float]) -> list[float]:
    return [round(min(high, max(low, v)), 3) for v, (low, high) in zip(z, model.spans, strict=True)]


def keep_point(z: list[float], key: str = "z") -> None:
    url_state.keep(key, ",".join(f"{value:.3f}" for value in z))


def axes(model: model_view.Model) -> tuple[int, ...]:
    """The dimensions of the plane, counted from one in the address; at first the two with the largest KL."""
    default = tuple(sorted(model.order[:2]))
    text = url_state.asked("axes")
    if text is None or model.dims < 3:
        return default
    try:
        chosen = tuple(int(part) - 1 for part in text.split(","))
        if len(set(chosen)) != 2 or not set(chosen) <= set(range(model.dims)):
            raise ValueError(text)
    except ValueError:
        notices.notify(
            f"The address has axes = {text[:40]}, not two of {model.dims} dimensions; these are the two largest."
        )
        keep_axes(default)
        return default
    return chosen


def keep_axes(axes: tuple[int, ...]) -> None:
    url_state.keep("axes", ",".join(str(d + 1) for d in axes))


def zoom() -> list[float] | None:
    """Centre and half width of what is seen of the plane; None: all of it."""
    text = url_state.asked("zoom")
    if text is None:
        return None
    try:
        across, up, half = url_state.numbers(text)
        if half <= 0:
            raise ValueError(text)
    except ValueError:
        notices.notify(f"The address has zoom = {text[:40]}, not two numbers and a width; all of it is shown.")
        url_state.forget("zoom")
        return None
    return [across, up, half]
