"""Machines that are not the makers': a first start, no home folder, a terminal that is not UTF-8, odd paths."""

import json
import os
import pty
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.faults.disks import frozen
from tests.server import wait_for
from tests.waiting import LIMIT, until

ROOT = Path(__file__).parents[3]
HOMELESS = """
import os, pwd, runpy, sys
def nobody(uid): raise KeyError(uid)
pwd.getpwuid = nobody
for name in ("HOME", "XDG_CACHE_HOME", "VAE_CACHE_DIR"): os.environ.pop(name, None)
runpy.run_module("vae_core", run_name="__main__")
"""


@contextmanager
def first_start(home: Path, terminal: bool, *options: str) -> Iterator[tuple[str, Path]]:
    """The README's first command for a user who never ran Streamlit, at a desk, where nobody types.

    Its address, and the file in which the browser that it opens notes where it was sent.
    """
    home.mkdir()
    browser, visited = home / "browser", home / "visited"
    browser.write_text(f'#!/bin/sh\necho "$1" >> "{visited}"\n', "utf-8")
    browser.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STREAMLIT_", "XDG_"))}
    env |= {"HOME": str(home), "DISPLAY": ":99", "BROWSER": str(browser), "VAE_CACHE_DIR": str(home / "cache")}
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", f"--server.port={port}", *options]
    if terminal:
        ours, theirs = pty.openpty()
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        threading.Thread(target=drained, args=(ours,), daemon=True).start()
    else:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, **quiet)
    try:
        yield f"http://127.0.0.1:{port}", visited
    finally:
        server.terminate()
        server.wait(LIMIT)
        if terminal:
            os.close(ours)


def drained(terminal: int) -> None:
    """What a terminal shows is read, or whoever writes to it waits."""
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        pass


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "no input"])
def test_a_first_start_asks_nothing_and_serves(tmp_path, terminal):
    with first_start(tmp_path / "home", terminal) as (address, _):
        wait_for(f"{address}/_stcore/health")


def test_the_browser_is_sent_to_where_the_pages_are(tmp_path):
    with first_start(tmp_path / "home", True, "--server.baseUrlPath=lab/vae") as (address, visited):
        wait_for(f"{address}/lab/vae/_stcore/health")
        until(lambda: visited.exists() and visited.read_text("utf-8").endswith("\n"), "a browser")
        (sent,) = visited.read_text("utf-8").split()
        assert sent == f"{address.replace('127.0.0.1', 'localhost')}/lab/vae/"
        with urllib.request.urlopen(sent.replace("localhost", "127.0.0.1"), timeout=LIMIT) as answer:
            assert answer.status == 200


@pytest.fixture
def checkout(tmp_path):
    """A copy of what git has, under a name with spaces and umlauts, which cannot be written where that binds."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    copy = tmp_path / "Ein Ordner mit Umlauten äöü"
    for name in listed.stdout.split("\0"):
        if name.startswith(("dashboard/", "vae_core/", "assets/models/mnist-2d/", "assets/models/strokes-2d/")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    with frozen(copy):
        yield copy


def test_a_checkout_that_cannot_be_written_in_a_folder_with_umlauts(checkout, tmp_path):
    env = os.environ | {"VAE_CACHE_DIR": str(tmp_path / "Zwischenspeicher für später"), "PYTHONDONTWRITEBYTECODE": "1"}
    env |= {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
    before = sorted(path for path in checkout.rglob("*"))
    own = tmp_path / "eigene Bilder ß.npz"
    np.savez(own, images=np.random.default_rng(0).integers(0, 255, (140, 8, 8)).astype(np.uint8))
    tiny = ["--encoder", "8", "--decoder", "8", "--steps", "20", "--batch", "20", "--validation", "10"]
    program = (
        "import json, sys\n"
        "from vae_core.__main__ import main\n"
        "for command in json.loads(sys.argv[1]):\n"
        "    assert main(command) == 0, command\n"
    )
    out = str(tmp_path / "größer und älter")
    commands = [["train", "--dataset", str(own), *tiny], ["list"], ["export", "mnist-2d", "--to", out], ["import", out]]
    run = subprocess.run(
        [sys.executable, "-c", program, json.dumps(commands)], cwd=checkout, env=env, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert "eigene Bilder ß D=2" in run.stdout
    assert "strokes-2d" in run.stdout
    page = run_page(checkout, env)
    assert "it opens" in page
    assert sorted(path for path in checkout.rglob("*")) == before, "nothing was written beside the code"


def run_page(checkout: Path, env: dict) -> str:
    """Explore, opened without a browser in a process that runs in that checkout."""
    code = (
        "from streamlit.testing.v1 import AppTest\n"
        "at = AppTest.from_file('dashboard/pages.py', default_timeout=300).run()\n"
        "assert not at.exception, at.exception\n"
        "print('it opens')\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=checkout, env=env, capture_output=True, text=True
    )
    return run.stdout + run.stderr


def test_without_a_home_folder_the_cache_is_in_the_temporary_folder(tmp_path):
    env = os.environ | {"TMPDIR": str(tmp_path), "OMP_NUM_THREADS": "1"}
    tiny = ["--encoder", "8", "--decoder", "8", "--steps", "20", "--batch", "20", "--validation", "10"]
    np.savez(tmp_path / "own.npz", images=np.random.default_rng(0).integers(0, 255, (140, 8, 8)).astype(np.uint8))
    for arguments in (["train", "--dataset", str(tmp_path / "own.npz"), *tiny], ["list"]):
        run = subprocess.run(
            [sys.executable, "-c", HOMELESS, *arguments], cwd=ROOT, env=env, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        assert "Traceback" not in run.stderr
    assert "own D=2" in run.stdout
    assert [path.name for path in tmp_path.glob("vae-lab-cache-*")] == [f"vae-lab-cache-{os.getuid()}"]
