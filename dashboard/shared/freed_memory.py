"""What is freed goes back, with glibc; elsewhere nothing happens.

glibc gives each new thread a heap of its own, up to eight for each processor, and each run of a page is a new thread. A
heap keeps the room of what was large in it once, and by itself gives back no more than its end.
"""

import asyncio
import contextlib
import ctypes

ARENA_MAX, HEAPS = -8, 2  # of mallopt(3)


def few_heaps() -> None:
    """From now on threads share two."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(ARENA_MAX, HEAPS)


def give_back() -> None:
    """What lies free in the heaps goes back to the system; it takes some milliseconds, in which others compute."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


async def keep_giving_back(seconds: float = 60) -> None:
    """Every so often, until it is cancelled."""
    while True:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(give_back)
