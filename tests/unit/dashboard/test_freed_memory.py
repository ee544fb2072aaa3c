"""Threads share two heaps and give back what is free in them, where there is glibc."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COUNT = """
import ctypes, sys, tempfile, threading
from dashboard.shared.freed_memory import settle
c = ctypes.CDLL(None)
c.fopen.restype = c.malloc.restype = ctypes.c_void_p
if sys.argv[1] == "few":
    settle()
together = threading.Barrier(9)
def work():
    c.malloc(100_000)
    together.wait()  # all of them live at the same time
    together.wait()
threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
[thread.start() for thread in threads]
together.wait()
with tempfile.NamedTemporaryFile() as file:
    told = ctypes.c_void_p(c.fopen(file.name.encode(), b"w"))
    c.malloc_info(0, told)
    c.fclose(told)
    print(open(file.name).read().count("<heap nr="))
together.wait()
"""


HOLES = """
import asyncio, ctypes, os
from dashboard.shared import freed_memory
c = ctypes.CDLL(None)
c.malloc.restype, c.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
blocks = [c.malloc(100_000) for _ in range(1000)]
for block in blocks:
    ctypes.memset(block, 1, 100_000)
for k, block in enumerate(blocks):
    if k % 100 < 99:  # what stays lies between holes, as what a page keeps does
        c.free(block)
async def soon():
    task = asyncio.create_task(freed_memory.keep_giving_back(0.01))
    await asyncio.sleep(0.5)
    task.cancel()
before = resident()
asyncio.run(soon())
print(before - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_eight_threads_have_two_heaps():
    def heaps(how: str) -> int:
        run = subprocess.run([sys.executable, "-c", COUNT, how], cwd=ROOT, capture_output=True, text=True, check=True)
        return int(run.stdout)

    assert heaps("many") > 2
    assert heaps("few") <= 2


LARGE_ONES = """
import ctypes, os, sys
from dashboard.shared import freed_memory
c = ctypes.CDLL(None)
c.malloc.restype, c.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
if sys.argv[1] == "settled":
    freed_memory.settle()
c.free(c.malloc(31_000_000))  # from now on glibc itself takes arrays of that size into its heaps
before, kept = resident(), []
for _ in range(5):
    large = c.malloc(30_000_000)
    ctypes.memset(large, 1, 30_000_000)
    kept.append(c.malloc(100_000))  # behind it
    ctypes.memset(kept[-1], 1, 100_000)
    c.free(large)
    kept.append(c.malloc(10_000_000))  # in its place, so that the next one has none
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_a_large_array_goes_back_with_its_memory():
    def left(how: str) -> float:
        command = [sys.executable, "-c", LARGE_ONES, how]
        return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    assert left("as it is") > 50
    assert left("settled") < 10


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_is_free_between_what_is_kept_goes_back():
    run = subprocess.run([sys.executable, "-c", HOLES], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(run.stdout) > 80, "of 99 MB that were freed"
