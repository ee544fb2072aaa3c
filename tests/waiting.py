"""Waiting for something that another thread or process does."""

import time
from collections.abc import Callable
from typing import Any

LIMIT = 300  # seconds: of no test on a machine however busy, unless what it waits for never comes


def until(condition: Callable[[], Any], what: str, seconds: float = LIMIT) -> Any:
    """What the condition gives, once it is true; a failure that names `what` where that takes too long."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.005)
    return found
