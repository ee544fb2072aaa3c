"""A part of a page that fails says so in its own place, and the rest of the page is there."""

import html
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.shared import page_elements

KNOWN = 200  # failures that are remembered, so that a page that is drawn twice a second does not fill the log

log = logging.getLogger("vae_lab")
_logged: dict[tuple[str, ...], None] = {}


@contextmanager
def section(name: str) -> Iterator[None]:
    """Around the lines that draw a part of a page; or a decorator of the function that does, which then gives None.

    Within a fragment it stands inside. Streamlit stops a page, or begins it anew, by exceptions that are no Exception:
    they pass.
    """
    log.debug("%s", name)
    try:
        yield
    except Exception as error:
        record(name, error)
        page_elements.sentence(
            f"{html.escape(name)} could not be shown. Reload the page, or choose another model or image; if that does "
            "not help, the server’s log says what went wrong.",
            "notice",
        )


def record(name: str, error: Exception, what: str = "could not be shown") -> None:
    """Logs a failure with its traceback, the same one only once."""
    (*_, where) = traceback.extract_tb(error.__traceback__)
    told = (name, type(error).__name__, str(error), f"{where.filename}:{where.lineno}")
    if told in _logged:
        return
    _logged[told] = None
    while len(_logged) > KNOWN:
        _logged.pop(next(iter(_logged)))
    log.error("%s %s", name, what, exc_info=error)
