"""What a click or a change sets off runs before the page does, outside of its sections: a failure is said all the same.

Streamlit has no place of its own for that: without this one, an error in a callback replaces the page by a red box.
"""

from collections.abc import Callable
from typing import Any

from streamlit.runtime.state.session_state import SessionState

from dashboard.shared import notices, section

HOOK = "_run_callback_and_record_rerun"  # of Streamlit 1.67: every callback of a widget or a component passes it
SENTENCE = (
    "What you just asked for failed. Try it again, or reload the page; if that does not help, the server’s log says "
    "what went wrong."
)
_run = getattr(SessionState, HOOK, None)


def guard() -> None:
    """From now on; saying it again changes nothing."""
    if _run is not None:
        setattr(SessionState, HOOK, _guarded)


def _guarded(self: SessionState, votes: Any, run: Callable[[], None]) -> None:
    def reported() -> None:
        try:
            run()  # st.rerun() ends it by an exception that is no Exception
        except Exception as error:
            section.record("What a click or a change asked for", error, "failed")
            notices.say(SENTENCE)

    _run(self, votes, reported)
