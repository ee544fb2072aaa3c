"""What most pages share: the claim with the model beside it, the list of models, and the point that is looked at."""

import math

import streamlit as st

from dashboard import address, notices, prose, state
from dashboard.components import shelf
from vae_core.runs import Entry, bundled, trained

FIRST = "mnist-2d"  # what a visitor sees before choosing


def heading(headline: str, explanation: str, model: state.Model) -> None:
    """The page's claim, the model at its right, and what there is to say about the address."""
    with st.container(horizontal=True, key="heading"):
        prose.claim(headline, explanation)
        picker(model.entry)
    with st.container(key="notices"):  # always one element, so that what follows keeps its place on the page
        notices.show()


def pick() -> state.Model:
    """The model in the address, else the first sound one there is; without any model, an invitation."""
    ready = [entry for entry in [*comes_with(), *trained().list()] if entry.ready]
    wanted = address.asked("model")
    chosen = [entry for entry in ready if entry.key == wanted]
    if wanted and not chosen:
        notices.say(f"The address asks for a model “{wanted[:40]}” that is not here; this is another one.")
    model = first_sound(chosen + ready)
    if model is None:
        invite()
        st.stop()
    if wanted or model.entry.key != FIRST:  # the first one is what an address without a model means
        address.keep("model", model.entry.key)
    return model


def first_sound(entries: list[Entry]) -> state.Model | None:
    """The first model whose files are whole; each damaged one before it is said."""
    for entry in entries:
        try:
            return state.model(entry)
        except ValueError as damaged:
            notices.say(str(damaged))
    return None


def invite() -> None:
    prose.claim("Every point will be an image", "as soon as there is a model to draw it.")
    notices.show()
    prose.sentence(
        "There is no model yet. This trains one in about a minute, on digits that need no download:"
        "<code>python -m vae_core train --preset quick --dataset strokes</code>Then reload this page.",
        "invitation",
    )


def comes_with() -> list[Entry]:
    """The bundled models by data set and dimension; one that is just being rebuilt is left out."""
    entries = [entry for entry in bundled().list() if entry.status == "done"]
    return sorted(entries, key=lambda e: (e.key != FIRST, e.settings.data.name, e.settings.model.latent_dim, beta(e)))


def beta(entry: Entry) -> float:
    """What the list is sorted by; autoencoders and linear models come last."""
    model = entry.settings.model
    return entry.settings.train.beta if model.stochastic and model.encoder else math.inf


def picker(current: Entry) -> None:
    """All models, grouped by data set, then those trained on this machine; unfinished ones cannot be chosen."""
    label = f"**{prose.title(current)}** · {prose.result(current)}"
    with st.popover(label, type="tertiary", key="models", on_change="rerun"):  # so that a choice can close it
        groups: dict[str, list[Entry]] = {}
        for entry in comes_with():
            groups.setdefault(prose.data(entry), []).append(entry)
        for name, entries in groups.items():
            st.caption(name)
            for entry in entries:
                choice(entry, prose.listed(entry), current)
        if runs := trained().list():
            st.caption("Trained here")
            for entry in runs:
                choice(entry, prose.trained(entry), current)


def choice(entry: Entry, label: str, current: Entry) -> None:
    key = f"pick{'ed' if entry.key == current.key else ''}-{entry.key}"
    unfinished = not entry.ready
    st.button(
        label, key=key, type="tertiary", width="stretch", disabled=unfinished, on_click=chosen, args=(entry, current)
    )


@address.one_entry()
def chosen(entry: Entry, before: Entry) -> None:
    if not entry.settings.data.same_images(before.settings.data):
        address.forget("i", "seed")  # of other data a number is another image, and what was drawn none at all
    choose(entry.key)
    st.session_state["models"] = False  # the list has been used: it covers the picture


@address.one_entry()
def choose(key: str) -> None:
    """Another model: its own axes and its own starting point."""
    address.forget("z", "axes", "zoom", "hide", "a", "b")
    address.keep("model", key)


def check(model: state.Model) -> None:
    """Reads z and axes once before the heading, which says what is wrong with them."""
    point(model)
    axes(model)


def shelve_codes(model: state.Model, axes: tuple[int, ...]) -> str:
    """Lays the codes along some axes on the browser's shelf; the key to find them by, "" if there are none."""
    with st.container(key="codes-shelf"):
        if not len(model.mean):
            return ""
        key, blob = state.codes(model, model.entry.key, axes)
        shelf(data=blob, key="codes")
        return key


def point(model: state.Model, start: list[float] | None = None) -> list[float]:
    """z from the address, within what the page can show; else `start`, or where this model starts."""
    z = place(model, "z")
    return within(model, start or model.start) if z is None else z


def place(model: state.Model, key: str) -> list[float] | None:
    """A point from the address, within what the page can show; None without one."""
    text = address.asked(key)
    if text is None:
        return None
    try:
        values = address.numbers(text)
        if len(values) != model.dims:
            raise ValueError(text)
    except ValueError:
        notices.say(f"The address has {key} = {text[:40]}, not {model.dims} numbers; this page goes on without it.")
        address.forget(key)
        return None
    return within(model, values)


def within(model: state.Model, z: list[float]) -> list[float]:
    return [round(min(high, max(low, v)), 3) for v, (low, high) in zip(z, model.spans, strict=True)]


def keep_point(z: list[float], key: str = "z") -> None:
    address.keep(key, ",".join(f"{value:.3f}" for value in z))


def axes(model: state.Model) -> tuple[int, ...]:
    """The dimensions of the plane, counted from one in the address; at first the two with the largest KL."""
    default = tuple(sorted(model.order[:2]))
    text = address.asked("axes")
    if text is None or model.dims < 3:
        return default
    try:
        chosen = tuple(int(part) - 1 for part in text.split(","))
        if len(set(chosen)) != 2 or not set(chosen) <= set(range(model.dims)):
            raise ValueError(text)
    except ValueError:
        notices.say(
            f"The address has axes = {text[:40]}, not two of {model.dims} dimensions; these are the two largest."
        )
        keep_axes(default)
        return default
    return chosen


def keep_axes(axes: tuple[int, ...]) -> None:
    address.keep("axes", ",".join(str(d + 1) for d in axes))


def zoom() -> list[float] | None:
    """Centre and half width of what is seen of the plane; None: all of it."""
    text = address.asked("zoom")
    if text is None:
        return None
    try:
        across, up, half = address.numbers(text)
        if half <= 0:
            raise ValueError(text)
    except ValueError:
        notices.say(f"The address has zoom = {text[:40]}, not two numbers and a width; all of the plane is shown.")
        address.forget("zoom")
        return None
    return [across, up, half]
