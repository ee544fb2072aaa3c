"""Work that no page waits for: the page is drawn without it, and drawn again when it is done.

One thread does it, one piece after the other, and none of it begins before the browser has shown the page. What nobody
asks for any more when its turn comes is left out: nobody waits for what another visitor has left behind. Another thread
does what takes minutes, in pieces, for as long as somebody looks, and stands still while a page is being drawn.
"""

import atexit
import math
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import streamlit as st

KEPT = 64  # results, the latest ones
POLL = 0.25  # seconds
LONGEST = 2.0  # seconds that long work waits for a page
AHEAD = 0.4  # seconds after a page was drawn, from which on what may be asked next is found
LEFT = 10.0  # seconds after it was last asked for, in which a piece that waits for its turn is still begun
GONE = 30.0  # seconds after a look, in which a piece that was begun goes on: a busy browser asks late
GROWING = "growing"  # the thread of long work
ATTENTION = 4.0  # seconds after a look, in which pieces of long work are begun; a browser's hidden tab asks each second

_thread = ThreadPoolExecutor(1, "later")
_results: dict[Hashable, Future] = {}
_asked: dict[Hashable, Callable[[], Any]] = {}  # not begun yet
_polled: dict[Hashable, float] = {}  # when a page last asked whether the result is there

_lock = threading.Lock()
_pieces: dict[Hashable, Callable[[], bool]] = {}  # of long work; they take turns
_looked: dict[Hashable, float] = {}  # when somebody last did
_failed: dict[Hashable, Exception] = {}
_drawing = 0  # pages at this moment
_done_now: Hashable = None  # the long work of which a piece is being done
_free, _ending = threading.Event(), threading.Event()
_free.set()


def result(key: Hashable, work: Callable[[], Any]) -> Any | None:
    """What the work gave, None as long as it has not been done. An exception in it is raised here, and not kept."""
    if (done := _results.get(key)) is None:
        _asked[key] = work
    elif done.done():
        return _given(key, done)
    st.session_state.setdefault("waiting for", set()).add(key)
    return None


def wait_for(key: Hashable, work: Callable[[], Any]) -> Any:
    """The result, waited for: for a click that cannot do without. What is being done already is not done twice."""
    _asked.pop(key, None)
    _polled[key] = math.inf
    if key not in _results:
        _results[key] = _thread.submit(_unless_left, key, work)
    return _given(key, _results[key])


def _given(key: Hashable, done: Future) -> Any:
    """The result; what failed is forgotten, so that whoever asks next has it tried again."""
    try:
        return done.result()
    except BaseException:
        if _results.get(key) is done:
            _results.pop(key, None)
        raise


def forget(key: Hashable) -> None:
    """What it was about has changed; it is done anew when it is asked for again."""
    _results.pop(key, None)


def waiting() -> bool:
    return bool(st.session_state.get("waiting for"))


def asked() -> bool:
    """Whether there is work that has not been begun."""
    return bool(_asked)


def begin() -> None:
    for key in list(_asked):
        if (work := _asked.pop(key, None)) is not None:
            _polled[key] = time.monotonic()
            _results[key] = _thread.submit(_unless_left, key, work)
    while len(_results) > KEPT:
        _results.pop(oldest := next(iter(_results)))
        _polled.pop(oldest, None)


def _unless_left(key: Hashable, work: Callable[[], Any]) -> Any:
    if time.monotonic() - _polled.get(key, math.inf) > LEFT:
        _results.pop(key, None)  # whoever comes back to it asks again
        raise Unwatched
    return work()


def finish() -> None:
    """Does all that was asked for; what a browser starts by asking again, a test starts by this."""
    begin()
    for work in list(_results.values()):
        work.exception()


def run_in_pieces(key: Hashable, piece: Callable[[], bool], news: Callable[[], bool], soon: bool) -> None:
    """Has long work done while this page is looked at. `piece` does some of it and says whether there is more; when
    `news` says so, the page is drawn again, `soon` or within a second. An exception in a piece is raised here."""
    if trouble := _failed.pop(key, None):
        raise trouble
    st.session_state.setdefault("growing", {})[key] = piece, news
    if soon:
        st.session_state.setdefault("waiting for", set()).add(key)


def run_ahead(key: Hashable, piece: Callable[[], bool]) -> None:
    """Has done in pieces what this page may be asked next, once it is there; the page is not told and does not wait."""
    timer = threading.Timer(AHEAD, request, (key, piece))
    timer.daemon = True
    timer.start()


def request(key: Hashable, piece: Callable[[], bool]) -> None:
    with _lock:
        _looked[key] = time.monotonic()
        idle = not _pieces
        _pieces.setdefault(key, piece)
        if idle and not _ending.is_set():
            thread = threading.Thread(target=_work, name=GROWING, daemon=True)
            thread.start()
            atexit.register(_end, thread)


class Ended(Exception):
    """The server stops, and long work with it."""


class Unwatched(Exception):
    """Nobody looks any more at what is being done; the rest of the piece would only hold up what others look at."""


def _end(thread: threading.Thread) -> None:
    _ending.set()
    thread.join(5)  # torch must not be torn down under it


@contextmanager
def pause_long_work() -> Iterator[None]:
    """While this page is drawn, long work stands still."""
    global _drawing
    with _lock:
        _drawing += 1
        _free.clear()
    try:
        yield
    finally:
        with _lock:
            _drawing -= 1
            if not _drawing:
                _free.set()


def yield_to_pages(*_: Any) -> None:
    """Long work does so every few milliseconds: pages go first, and it ends with the server, or when nobody looks."""
    _free.wait(LONGEST)
    if _ending.is_set():
        raise Ended
    if threading.current_thread().name == GROWING and time.monotonic() - _looked[_done_now] > GONE:
        raise Unwatched


def _work() -> None:
    global _done_now
    while True:
        with _lock:
            for key in [key for key in _pieces if time.monotonic() - _looked[key] > ATTENTION]:
                del _pieces[key], _looked[key]
            if not _pieces:
                return
            key, piece = _done_now, _ = next(iter(_pieces.items()))
        try:
            more = piece()
        except Unwatched:  # who looks again asks again
            more = False
        except Exception as error:  # the page's to raise
            _failed[key], more = error, False
        with _lock:
            del _pieces[key]
            if more:
                _pieces[key] = piece
            else:
                del _looked[key]
            if not _pieces:
                return


def redraw_when_done() -> None:
    """Call it last on a page: it asks again, from the browser, until what the page lacks is there."""
    wanted, growing = st.session_state.pop("waiting for", set()), st.session_state.pop("growing", {})
    if not wanted and not growing:
        return
    shown = False

    def ask() -> None:
        nonlocal shown
        if shown:
            begin()
            for key in wanted & set(_results):
                _polled[key] = max(_polled.get(key, 0.0), time.monotonic())
            for key, (piece, _) in growing.items():
                request(key, piece)
            done = any(_done(key) for key in wanted - growing.keys())
            if done or any(news() or key in _failed for key, (_, news) in growing.items()):
                st.session_state["drawn anew"] = True
                st.rerun()
        shown = True

    if wanted or growing:
        st.fragment(ask, run_every=POLL if wanted else 4 * POLL)()


def _done(key: Hashable) -> bool:
    """Also what somebody else has seen fail meanwhile: it has to be asked for again."""
    return key not in _results or _results[key].done()
