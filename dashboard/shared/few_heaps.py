"""What is freed goes back: glibc gives each new thread a heap of its own, up to eight for each processor, and each run
of a page is a new thread. A heap keeps the room of what was large in it once.
"""

import contextlib
import ctypes

ARENA_MAX, HEAPS = -8, 2  # of mallopt(3)


def few_heaps() -> None:
    """From now on threads share two; on systems without glibc nothing happens."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(ARENA_MAX, HEAPS)
