"""What a click or a change sets off runs before the page does, outside of its sections: a failure is said all the same.

Streamlit has no place of its own for that: without this one, an error in a callback replaces the page by a red box.
"""

from collections.abc import Callable

from dashboard.shared import notices, section, streamlit_internals

SENTENCE = (
    "What you just asked for failed. Try it again, or reload the page; if that does not help, the server’s log says "
    "what went wrong."
)


def guard() -> None:
    """From now on; calling it again changes nothing."""
    streamlit_internals.guard_callbacks(reported)


def reported(run: Callable[[], None]) -> None:
    try:
        run()  # st.rerun() ends it by an exception that is no Exception
    except Exception as error:
        section.record("What a click or a change asked for", error, "failed")
        notices.notify(SENTENCE)
