"""A running dashboard on a free port, for browser tests, benchmarks and pictures."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import LIMIT

ROOT = Path(__file__).parent.parent
# The shell alone, where it is installed, is Chromium without windows, which takes a third less of the processor.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
WITH_SETTINGS = next(filter(None, map(shutil.which, BROWSERS[1:])), None)  # of a profile, which the shell does not read
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def served(
    program: Path = ROOT / "dashboard" / "app.py", /, *, port: int | None = None, straight: bool = False,
    **environment: str | None,
) -> Iterator[str]:  # fmt: skip
    """The address of a dashboard that runs while the block does; a variable set to None is taken away.

    Straight, it is started as in a container: python dashboard/app.py, with its port in the environment.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = port or free.getsockname()[1]
    variables = {name: value for name, value in (os.environ | environment).items() if value is not None}
    command = [sys.executable, "-m", "streamlit", "run", str(program), "--server.headless=true"]
    if straight:
        variables |= {"STREAMLIT_SERVER_PORT": str(port), "STREAMLIT_SERVER_HEADLESS": "true"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, str(program)] if straight else [*command, f"--server.port={port}"]
    server = subprocess.Popen(command, cwd=ROOT, env=variables, **quiet)
    below = variables.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
    address = f"http://127.0.0.1:{port}" + (f"/{below}" if below else "")
    try:
        wait_for(f"{address}/_stcore/health")
        yield address
    finally:
        server.terminate()
        server.wait(LIMIT)


def wait_for(address: str, seconds: float = LIMIT) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
