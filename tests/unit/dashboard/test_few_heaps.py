"""Threads share two heaps, where there is glibc."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COUNT = """
import ctypes, sys, tempfile, threading
from dashboard.shared.few_heaps import few_heaps
c = ctypes.CDLL(None)
c.fopen.restype = c.malloc.restype = ctypes.c_void_p
if sys.argv[1] == "few":
    few_heaps()
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_eight_threads_have_two_heaps():
    def heaps(how: str) -> int:
        run = subprocess.run([sys.executable, "-c", COUNT, how], cwd=ROOT, capture_output=True, text=True, check=True)
        return int(run.stdout)

    assert heaps("many") > 2
    assert heaps("few") <= 2
