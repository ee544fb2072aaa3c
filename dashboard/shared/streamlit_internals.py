"""Every hook into Streamlit that its documentation does not promise, read from Streamlit 1.67.

streamlit_internals.js has those of the browser. tests/pages/test_streamlit_internals.py holds each to the installed
Streamlit, and says which page feature is lost where one is gone.
"""

import gc
import inspect
import re
from asyncio import get_running_loop
from collections import deque
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.commands import navigation
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunnerEvent, get_script_run_ctx
from streamlit.runtime.state.session_state import SessionState

READ_FROM = "1.67"
INDEX = Path(st.__file__).parent / "static" / "index.html"
MEDIA = INDEX.parent / "static" / "media"  # its fonts
XSRF_COOKIE = "_streamlit_xsrf"  # set before a page connects; an upload needs it
XSRF_OPTION = "server.enableXsrfProtection"
CALLBACK = "_run_callback_and_record_rerun"  # of SessionState: each callback of a widget or a component passes it
_run_callback = getattr(SessionState, CALLBACK, None)
HEARD, HANDLED = "_on_scriptrunner_event", "_handle_scriptrunner_event_on_event_loop"  # of AppSession
FLUSHED, SENT, WAKES = "flush_browser_queue", "_send_message", "_enqueued_some_message"  # of AppSession; of Runtime
ASKED = "request_rerun"  # of AppSession
LOST = "send_page_not_found"  # of commands.navigation
THEME = "_populate_theme_msg"  # of app_session
GATHER = 0.004  # seconds that a message may wait for others; st.switch_page gives all that was said 0.01 to arrive
KEPT_THEME = """(() => {
  try {
    const kept = JSON.parse(localStorage.getItem(`stActiveTheme-${location.pathname}-v2`));
    if (kept === "Light" || kept === "Dark") document.documentElement.dataset.theme = kept;
  } catch { /* forbidden storage: the system's colours */ }
})()"""  # keptTheme in streamlit_internals.js, for the moment before any module has come
# What one run of a script says must not meet the page of another one: Streamlit's page throws then, and stays empty.
# leave_out_left_pages() bars the one way that is known. Should there be another, the address says what was looked at:
# reading it again brings it back, but not over and over.
REOPENS = """(() => {
  const LOST = /delta path/, KEY = "vae-lab-opened-again", SOON = 20000;
  addEventListener("error", ({ message }) => {
    if (!LOST.test(message)) return;
    try {
      if (Date.now() - Number(sessionStorage.getItem(KEY)) < SOON) return;
      sessionStorage.setItem(KEY, Date.now());
      location.reload();
    } catch { /* forbidden storage: it could go on for ever */ }
  });
})()"""
OURS = (KEPT_THEME, REOPENS)  # scripts in the text of each page
ASSET = re.compile(r".*/static/.*\.(js|css)")  # paths of its scripts and styles; their names hold their hash


def inline_scripts() -> list[str]:
    """The scripts in the text of its page, which a content security policy has to allow by their hash."""
    return re.findall(r"<script>(.*?)</script>", INDEX.read_text("utf-8"), re.DOTALL)


def is_history_navigation() -> bool:
    """Whether the browser's Back or Forward led to this run of the script; False outside of a run."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def session_id() -> str:
    """Of the visitor whose run of the script this is; "" outside of one."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def came_with_cookie() -> bool:
    """Whether the browser keeps the cookie that an upload needs; True where nothing is known of a browser."""
    headers = st.context.headers  # none outside of a browser
    return not headers or not st.get_option(XSRF_OPTION) or XSRF_COOKIE in st.context.cookies


def guard_callbacks(guarded: Callable[[Callable[[], None]], None]) -> None:
    """From now on `guarded` runs the callbacks of widgets and components."""

    def run(self: SessionState, votes: Any, callback: Callable[[], None]) -> None:
        _run_callback(self, votes, lambda: guarded(callback))

    if _run_callback is not None:
        setattr(SessionState, CALLBACK, run)


def tell_of_lost_pages(told: Callable[[str], None]) -> None:
    """From now on `told` has the name of each page that an address asks for in vain, instead of a dialog over the
    first one."""
    if hasattr(navigation, LOST):
        setattr(navigation, LOST, lambda context: told(context.pages_manager.intended_page_name or ""))


def untested(data: Any) -> tuple[Any]:
    """Data for a component, in a tuple: each value of a bare dict would be tested for being a table, for which pandas
    is imported."""
    return (data,)


@cache
def freeze_imports() -> None:
    """Once, after the first page: what the imports made stays for good, and the collector need not walk it again. The
    option runner.postScriptGC, off in config.toml, keeps Streamlit from a full collection after each run."""
    gc.collect()
    gc.freeze()


def read_module_files() -> None:
    """The first st command asks the call stack whether this is an interactive session; finding the files of all modules
    takes longest, and is remembered."""
    inspect.stack()


class Together(tuple):
    """The messages of one visitor that are sent in one go."""


def send_together() -> None:
    """From now on the messages of a script go to the server's loop, and from there to the browser, several at a time.

    Streamlit wakes its loop for each of some forty messages of a page, and lets it turn once for each that it sends.
    Each turn lets go of Python's lock, and waits for it again behind all scripts that run.
    """
    ours = all(hasattr(AppSession, name) for name in (HEARD, HANDLED, FLUSHED))
    if not (ours and hasattr(Runtime, SENT) and hasattr(Runtime, WAKES)):
        return
    handled, flushed = getattr(AppSession, HANDLED), getattr(AppSession, FLUSHED)
    sent, wakes = getattr(Runtime, SENT), getattr(Runtime, WAKES)

    def heard(self: AppSession, sender: Any, event: ScriptRunnerEvent, **given: Any) -> None:
        gathered = self.__dict__.setdefault("gathered", deque())
        gathered.append((sender, event, given))
        if event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
            self._call_soon_on_event_loop(lambda: let_go(self))
        elif len(gathered) == 1:
            self._call_soon_on_event_loop(lambda: self._event_loop.call_later(GATHER, let_go, self))

    def let_go(self: AppSession) -> None:
        while self.gathered:
            sender, event, given = self.gathered.popleft()
            handled(self, sender, event, **given)

    def flush(self: AppSession) -> list:
        messages = flushed(self)
        return [Together(messages)] if messages else []

    def send(self: Runtime, session: Any, message: Any) -> None:
        for each in message if isinstance(message, Together) else [message]:
            sent(self, session, each)

    def wake(self: Runtime) -> None:
        """Within the loop itself a flag is enough: nobody has to call it."""
        try:
            inside = get_running_loop() is self._get_async_objs().eventloop
        except RuntimeError:
            inside = False
        if inside:
            self._get_async_objs().need_send_data.set()
        else:
            wakes(self)

    setattr(AppSession, HEARD, heard)
    setattr(AppSession, FLUSHED, flush)
    setattr(Runtime, SENT, send)
    setattr(Runtime, WAKES, wake)


def leave_out_left_pages() -> None:
    """From now on what a part of a page asks for after that page has been left is left out.

    A component tells its fragment a moment after it was touched, and the touch may have led to another page. Streamlit
    would run nothing for it, but tell the browser that the page is the old one again, which empties the new one.
    """
    asked, heard = getattr(AppSession, ASKED, None), getattr(AppSession, HEARD, None)
    if asked is None or heard is None:
        return
    coming = "page that was asked for"  # of a session, as its hash, until the script runs for it

    def ask(self: AppSession, state: Any) -> None:
        page = state.page_script_hash if state else ""
        if page and not state.fragment_id:
            self.__dict__[coming] = page
        elif page and page != (self.__dict__.get(coming) or self._pages_manager.current_page_script_hash):
            return
        asked(self, state)

    def hear(self: AppSession, sender: Any, event: ScriptRunnerEvent, **given: Any) -> None:
        if event is ScriptRunnerEvent.SCRIPT_STARTED and given["page_script_hash"] == self.__dict__.get(coming):
            del self.__dict__[coming]
        heard(self, sender, event, **given)

    setattr(AppSession, ASKED, ask)
    setattr(AppSession, HEARD, hear)


def theme_once() -> None:
    """From now on the colours and fonts of config.toml are looked up once, not in each run of a script: that takes as
    long as a tenth of a page."""
    looked_up, made = getattr(app_session, THEME, None), {}
    if looked_up is None:
        return

    def theme(message: Any, section: str = "theme") -> None:
        if section not in made:
            made[section] = type(message)()
            looked_up(made[section], section)
        if made[section].ByteSize():  # an empty part is to stay away
            message.MergeFrom(made[section])

    setattr(app_session, THEME, theme)
