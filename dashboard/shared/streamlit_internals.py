"""Every hook into Streamlit that its documentation does not promise, read from Streamlit 1.67.

streamlit_internals.js has those of the browser. tests/pages/test_streamlit_internals.py holds each to the installed
Streamlit, and says which page feature is lost where one is gone.
"""

import gc
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.session_state import SessionState

READ_FROM = "1.67"
INDEX = Path(st.__file__).parent / "static" / "index.html"
MEDIA = INDEX.parent / "static" / "media"  # its fonts
XSRF_COOKIE = "_streamlit_xsrf"  # set before a page connects; an upload needs it
XSRF_OPTION = "server.enableXsrfProtection"
CALLBACK = "_run_callback_and_record_rerun"  # of SessionState: each callback of a widget or a component passes it
_run_callback = getattr(SessionState, CALLBACK, None)
KEPT_THEME = """(() => {
  try {
    const kept = JSON.parse(localStorage.getItem(`stActiveTheme-${location.pathname}-v2`));
    if (kept === "Light" || kept === "Dark") document.documentElement.dataset.theme = kept;
  } catch { /* forbidden storage: the system's colours */ }
})()"""  # keptTheme in streamlit_internals.js, for the moment before any module has come
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


def untested(data: Any) -> tuple[Any]:
    """Data for a component, in a tuple: each value of a bare dict would be tested for being a table, for which pandas
    is imported."""
    return (data,)


def freeze_imports() -> None:
    """What the imports made stays for good: the collector need not walk it again. The option runner.postScriptGC, off
    in config.toml, keeps Streamlit from a full collection after each run."""
    gc.collect()
    gc.freeze()


def read_module_files() -> None:
    """The first st command asks the call stack whether this is an interactive session; finding the files of all modules
    takes longest, and is remembered."""
    inspect.stack()
