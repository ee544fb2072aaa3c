"""Work that no page waits for: the page is drawn without it, and drawn again when it is done.

One thread does it, one piece after the other, and none of it begins before the browser has shown the page.
"""

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import streamlit as st

KEPT = 64  # results, the latest ones
POLL = 0.25  # seconds

_thread = ThreadPoolExecutor(1, "later")
_results: dict[Hashable, Future] = {}
_asked: dict[Hashable, Callable[[], Any]] = {}  # not begun yet


def result(key: Hashable, work: Callable[[], Any]) -> Any | None:
    """What the work gave, None as long as it has not been done. An exception in it is raised here."""
    if (done := _results.get(key)) is None:
        _asked[key] = work
    elif done.done():
        return done.result()
    st.session_state.setdefault("waiting for", set()).add(key)
    return None


def waiting() -> bool:
    return bool(st.session_state.get("waiting for"))


def begin() -> None:
    for key in list(_asked):
        if (work := _asked.pop(key, None)) is not None:
            _results[key] = _thread.submit(work)
    while len(_results) > KEPT:
        _results.pop(next(iter(_results)))


def finish() -> None:
    """Does all that was asked for; what a browser starts by asking again, a test starts by this."""
    begin()
    for work in list(_results.values()):
        work.exception()


def redraw_when_done() -> None:
    """Call it last on a page: it asks again, from the browser, until what the page lacks is there."""
    wanted = st.session_state.pop("waiting for", set())
    shown = False

    def ask() -> None:
        nonlocal shown
        if shown:
            begin()
            if wanted and any(key in _results and _results[key].done() for key in wanted):
                st.rerun()
        shown = True

    st.fragment(ask, run_every=POLL if wanted else None)()
