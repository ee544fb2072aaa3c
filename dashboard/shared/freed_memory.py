"""What is freed goes back, with glibc; elsewhere nothing happens.

glibc gives each new thread a heap of its own, up to eight for each processor, and each run of a page is a new thread. A
heap keeps the room of what was large in it once, by itself gives back no more than its end, and takes ever larger
arrays in. A server with eight visitors held three times what it used.
"""

import asyncio
import contextlib
import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # of mallopt(3)
HEAPS = 2
LARGE = 8 * 2**20  # bytes; below it a new mapping for each array would slow the exact sums down
FREE_END = 128 * 2**20  # bytes that the end of a heap may keep, so that it does not shrink and grow with each array


def settle() -> None:
    """From now on threads share two heaps, and a large array has memory of its own, which goes back with it."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        for option, value in ((ARENA_MAX, HEAPS), (MMAP_THRESHOLD, LARGE), (TRIM_THRESHOLD, FREE_END)):
            ctypes.CDLL(None).mallopt(option, value)


def give_back() -> None:
    """What lies free in the heaps goes back to the system; it takes some milliseconds, in which others compute."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


async def keep_giving_back(seconds: float = 60) -> None:
    """Every so often, until it is cancelled."""
    while True:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(give_back)
