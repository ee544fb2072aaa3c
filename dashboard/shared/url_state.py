"""The state of a view is kept in the URL, so that a link reopens it; the session carries it from page to page."""

import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from dashboard.shared import notices, page_registry, streamlit_internals

OWN = {"at", "over"}  # mean something else on another page: in the address only, never carried on
EACH_PAGES = {"scene"}  # several pages have some of their own: each remembers the one that it was in
LONGEST = 10  # digits of a whole number that is worth reading
_gathered: ContextVar[dict[str, str] | None] = ContextVar("gathered", default=None)  # the address to be


@contextmanager
def one_entry() -> Iterator[None]:
    """All that is kept and forgotten inside becomes one entry of the browser's history; no change is no entry."""
    if _gathered.get() is not None:  # inside of another one
        yield
        return
    before = dict(st.query_params)
    gathered = dict(before)
    outside = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(outside)
        if gathered != before:
            st.query_params.from_dict(gathered)
        stood().append(gathered)


def stood() -> deque[dict[str, str]]:
    """The last address of this session."""
    return st.session_state.setdefault("address", deque(maxlen=1))


def reader() -> Callable[[], dict[str, str]]:
    """What gives the address as it stands when it is called, also outside of a run of the script: a fragment may have
    written it since the rest of the page was drawn."""
    address = stood()
    return lambda: dict(address[-1]) if address else {}


def here() -> dict[str, str]:
    """As it stands, with what is just being gathered."""
    gathered = _gathered.get()
    return st.query_params if gathered is None else gathered


def asked(key: str) -> str | None:
    """A value from the address, else what another page left in this session."""
    text = here().get(key)
    return st.session_state.get(in_session(key)) if text is None else text


def in_session(key: str) -> str:
    """Where the session keeps it."""
    return f"kept {key} of {st.session_state.get('this page', '')}" if key in EACH_PAGES else f"kept {key}"


def keep(key: str, text: str) -> None:
    """Into the address and the session."""
    if key not in OWN:
        st.session_state[in_session(key)] = text
    with one_entry():
        here()[key] = text


def leave(**kept: str | None) -> None:
    """For the pages that know these keys, when one is opened next; the address of this one stays as it is."""
    for key, text in kept.items():
        st.session_state[in_session(key)] = text


def forget(*keys: str) -> None:
    """Out of the address and the session."""
    with one_entry():
        for key in keys:
            st.session_state.pop(in_session(key), None)
            here().pop(key, None)


def go(view: str) -> None:
    """To another page. It takes the address along, for without it Streamlit makes an empty one an entry of its own."""
    left = OWN | EACH_PAGES
    st.switch_page(view, query_params={key: text for key, text in st.query_params.items() if key not in left})


def arrive(page: str) -> None:
    """Before a page is drawn: what another page left goes into the address, so that it alone reopens this view. Where
    the browser's Back or Forward leads, the address alone counts: it takes away what came later."""
    st.session_state["this page"] = page
    known = page_registry.page(page).url_keys
    with one_entry():
        for key in page_registry.url_keys().difference(known):
            here().pop(key, None)  # another page's
        for key in known:
            if streamlit_internals.is_history_navigation() and key not in here():
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


def numbers(text: str) -> list[float]:
    """ "0.900,-1.350" -> [0.9, -1.35]; raises ValueError for anything else."""
    values = [float(part) for part in text.split(",")]
    if not all(map(math.isfinite, values)):
        raise ValueError(text)
    return values


def whole(key: str, low: int, high: int, default: int) -> int:
    text = asked(key)
    if text is None:
        return default
    if text.isdecimal() and len(text) < LONGEST and low <= int(text) <= high:
        return int(text)
    notices.notify(f"The address has {key} = {text[:40]}, not a whole number from {low} to {high}; this is {default}.")
    keep(key, str(default))
    return default


def real(key: str, low: float, high: float, default: float) -> float:
    text = asked(key)
    try:
        value = default if text is None else float(text)
        if not low <= value <= high:
            raise ValueError(text)
    except ValueError:
        notices.notify(
            f"The address has {key} = {text[:40]}, not a number from {low:g} to {high:g}; this is {default:g}."
        )
        keep(key, f"{default:g}")
        return default
    return value


def one_of(key: str, names: tuple[str, ...]) -> str:
    text = asked(key)
    if text is None or text in names:
        return text or names[0]
    notices.notify(f"The address has {key} = {text[:40]}, not {' or '.join(names)}; this is {names[0]}.")
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
    notices.notify(f"The address has {key} = {text[:40]}, not numbers from 0 to {count - 1}; none is taken.")
    forget(key)
    return []
