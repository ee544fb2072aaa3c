"""What the viewer sets. It lives in the address, so that a link reopens the same view; the session carries it on."""

import html
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard import prose, state
from dashboard.components import shelf
from vae_core.runs import Entry, bundled, trained

PAGE_KEYS = {  # what each page reads from its address, and writes there on entry; anything else is ignored
    "explore": ("model", "z", "axes", "i", "seed", "back", "zoom", "pixels", "draw", "hide", "a", "b", "via", "scale"),
    "elbo": ("model", "i", "seed", "q", "step", "by"),
    "gradients": ("model", "i", "seed", "when", "many"),
    "kl": ("scene", "beta", "g", "d", "try", "loss", "present"),
    "compare": ("models", "i", "seed", "to", "at", "samples", "against"),
    "train": ("run", "preset", "set", "over", "at"),
    "manifold": ("model", "z", "axes", "n", "spacing", "over", "others", "i", "samples"),
}
OWN = {"at", "over"}  # mean something else on another page: in the address only, never carried on
STAY = 12.0  # seconds
FIRST = "mnist-2d"  # what a visitor sees before choosing
LONGEST = 10  # digits of a whole number that is worth reading


def notice(text: str) -> None:
    """One sentence, shown under the title the next time the page is drawn."""
    st.session_state.setdefault("notices", []).append(text)


# -- the address -------------------------------------------------------------------------------------------------------


@contextmanager
def one_entry() -> Iterator[None]:
    """All that is kept and forgotten inside becomes one entry of the browser's history; no change is no entry."""
    if "address" in st.session_state:  # inside of another one
        yield
        return
    before = dict(st.query_params)
    st.session_state["address"] = gathered = dict(before)
    try:
        yield
    finally:
        del st.session_state["address"]
        if gathered != before:
            st.query_params.from_dict(gathered)


def address() -> dict[str, str]:
    """As it stands, with what is just being gathered."""
    return st.session_state.get("address", st.query_params)


def asked(key: str) -> str | None:
    """A value from the address, else what another page left in this session."""
    return address().get(key, st.session_state.get(f"kept {key}"))


def keep(key: str, text: str) -> None:
    """Into the address and the session."""
    if key not in OWN:
        st.session_state[f"kept {key}"] = text
    with one_entry():
        address()[key] = text


def forget(*keys: str) -> None:
    """Out of the address and the session."""
    with one_entry():
        for key in keys:
            st.session_state.pop(f"kept {key}", None)
            address().pop(key, None)


def go(view: str) -> None:
    """To another page. It takes the address along, for without it Streamlit makes an empty one an entry of its own."""
    st.switch_page(view, query_params={key: text for key, text in st.query_params.items() if key not in OWN})


def arrive(page: str) -> None:
    """Before a page is drawn: what another page left goes into the address, so that it alone reopens this view. Where
    the browser's Back or Forward leads, the address alone counts: it takes away what came later."""
    context, here = get_script_run_ctx(), PAGE_KEYS.get(page, ())
    with one_entry():
        for key in {key for keys in PAGE_KEYS.values() for key in keys}.difference(here):
            address().pop(key, None)  # another page's
        for key in here:
            if context and context.is_history_navigation and key not in address():
                forget(key)
            elif (text := asked(key)) is not None:
                keep(key, text)


def follows(component: str, shown: object) -> int:
    """A new number whenever what a component is to show was changed by anyone but itself: then it follows."""
    if st.session_state.get(f"{component} shows") != shown:
        shows(component, shown)
        st.session_state[f"{component} follows"] = st.session_state.get(f"{component} follows", 0) + 1
    return st.session_state[f"{component} follows"]


def shows(component: str, shown: object) -> None:
    """What the viewer has set in the component itself, which shows it already."""
    st.session_state[f"{component} shows"] = shown


# -- the heading -------------------------------------------------------------------------------------------------------


def heading(headline: str, explanation: str, model: state.Model) -> None:
    """The page's claim, the model at its right, and what there is to say about the address."""
    with st.container(horizontal=True, key="heading"):
        prose.claim(headline, explanation)
        picker(model.entry)
    with st.container(key="notices"):  # always one element, so that what follows keeps its place on the page
        say_notices()


def say_notices() -> None:
    """What there is to say; for a while it stays where the page is drawn anew although nobody has touched it."""
    now = time.monotonic()
    said = [(now, text) for text in st.session_state.pop("notices", [])]
    if st.session_state.pop("drawn anew", False):
        said = [(when, text) for when, text in st.session_state.get("said", []) if now < when + STAY] + said
    st.session_state["said"] = said
    for text in dict.fromkeys(text for _, text in said):
        prose.sentence(html.escape(text), "notice")


def pick() -> state.Model:
    """The model in the address, else the first sound one there is; without any model, an invitation."""
    ready = [entry for entry in [*comes_with(), *trained().list()] if entry.ready]
    wanted = asked("model")
    chosen = [entry for entry in ready if entry.key == wanted]
    if wanted and not chosen:
        notice(f"The address asks for a model “{wanted[:40]}” that is not here; this is another one.")
    model = first_sound(chosen + ready)
    if model is None:
        invite()
        st.stop()
    if wanted or model.entry.key != FIRST:  # the first one is what an address without a model means
        keep("model", model.entry.key)
    return model


def first_sound(entries: list[Entry]) -> state.Model | None:
    """The first model whose files are whole; each damaged one before it is said."""
    for entry in entries:
        try:
            return state.model(entry)
        except ValueError as damaged:
            notice(str(damaged))
    return None


def invite() -> None:
    prose.claim("Every point will be an image", "as soon as there is a model to draw it.")
    say_notices()
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


@one_entry()
def chosen(entry: Entry, before: Entry) -> None:
    if entry.settings.data.name != before.settings.data.name:
        forget("i", "seed")  # of other data a number is another image, and what was drawn none at all
    choose(entry.key)
    st.session_state["models"] = False  # the list has been used: it covers the picture


@one_entry()
def choose(key: str) -> None:
    """Another model: its own axes and its own starting point."""
    forget("z", "axes", "zoom", "hide", "a", "b")
    keep("model", key)


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


def numbers(text: str) -> list[float]:
    """ "0.900,-1.350" -> [0.9, -1.35]; raises ValueError for anything else."""
    values = [float(part) for part in text.split(",")]
    if not all(map(math.isfinite, values)):
        raise ValueError(text)
    return values


def point(model: state.Model, start: list[float] | None = None) -> list[float]:
    """z from the address, within what the page can show; else `start`, or where this model starts."""
    z = place(model, "z")
    return within(model, start or model.start) if z is None else z


def place(model: state.Model, key: str) -> list[float] | None:
    """A point from the address, within what the page can show; None without one."""
    text = asked(key)
    if text is None:
        return None
    try:
        values = numbers(text)
        if len(values) != model.dims:
            raise ValueError(text)
    except ValueError:
        notice(f"The address has {key} = {text[:40]}, not {model.dims} numbers; this page goes on without it.")
        forget(key)
        return None
    return within(model, values)


def within(model: state.Model, z: list[float]) -> list[float]:
    return [round(min(high, max(low, v)), 3) for v, (low, high) in zip(z, model.spans, strict=True)]


def keep_point(z: list[float], key: str = "z") -> None:
    keep(key, ",".join(f"{value:.3f}" for value in z))


def axes(model: state.Model) -> tuple[int, ...]:
    """The dimensions of the plane, counted from one in the address; at first the two with the largest KL."""
    default = tuple(sorted(model.order[:2]))
    text = asked("axes")
    if text is None or model.dims < 3:
        return default
    try:
        chosen = tuple(int(part) - 1 for part in text.split(","))
        if len(set(chosen)) != 2 or not set(chosen) <= set(range(model.dims)):
            raise ValueError(text)
    except ValueError:
        notice(f"The address has axes = {text[:40]}, not two of {model.dims} dimensions; these are the two largest.")
        keep_axes(default)
        return default
    return chosen


def keep_axes(axes: tuple[int, ...]) -> None:
    keep("axes", ",".join(str(d + 1) for d in axes))


def whole(key: str, low: int, high: int, default: int) -> int:
    text = asked(key)
    if text is None:
        return default
    if text.isdecimal() and len(text) < LONGEST and low <= int(text) <= high:
        return int(text)
    notice(f"The address has {key} = {text[:40]}, not a whole number from {low} to {high}; this is {default}.")
    keep(key, str(default))
    return default


def one_of(key: str, names: tuple[str, ...]) -> str:
    text = asked(key)
    if text is None or text in names:
        return text or names[0]
    notice(f"The address has {key} = {text[:40]}, not {' or '.join(names)}; this is {names[0]}.")
    keep(key, names[0])
    return names[0]


def some_of(key: str, count: int) -> list[int]:
    """Whole numbers below `count`, with commas between them."""
    text = asked(key)
    if not text:
        return []
    parts = text.split(",")
    if len(parts) <= count and all(part.isdecimal() and len(part) < LONGEST and int(part) < count for part in parts):
        return sorted({int(part) for part in parts})
    notice(f"The address has {key} = {text[:40]}, not numbers from 0 to {count - 1}; none is taken.")
    forget(key)
    return []


def zoom() -> list[float] | None:
    """Centre and half width of what is seen of the plane; None: all of it."""
    text = asked("zoom")
    if text is None:
        return None
    try:
        across, up, half = numbers(text)
        if half <= 0:
            raise ValueError(text)
    except ValueError:
        notice(f"The address has zoom = {text[:40]}, not two numbers and a width; all of the plane is shown.")
        forget("zoom")
        return None
    return [across, up, half]
