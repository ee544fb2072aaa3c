"""A cache that cannot be written or is not there: everything that reads works, and what cannot says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.disks import read_only

ROOT = Path(__file__).parent.parent.parent
SHELL = """
import sys
from vae_core.__main__ import main
from vae_core.jobs.workers import Workers
from vae_core.runs import training_run
if __name__ == "__main__":
    print("list:", main(["list"]))
    tiny = ["--encoder", "8", "--decoder", "8", "--steps", "20", "--batch", "20", "--validation", "10"]
    print("train:", main(["train", "--dataset", sys.argv[1], *tiny]))
    workers = Workers()
    print("worker:", workers.submit(training_run.now).result(60)[:2])
    workers.shutdown()
"""
PAGE = """
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("dashboard/pages.py", default_timeout=60).run()
assert not at.exception, at.exception
print("it opens")
"""


def said(arguments, cache, code):
    env = os.environ | {"VAE_CACHE_DIR": str(cache), "OMP_NUM_THREADS": "1"}
    out = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert out.returncode == code, out.stdout + out.stderr
    assert "Traceback" not in out.stderr, out.stderr
    return out.stdout + out.stderr


@pytest.fixture(params=["read-only", *(pytest.param(other, marks=pytest.mark.long) for other in ("missing", "a file"))])
def cache_folder(request, tmp_path):
    folder = tmp_path / "unwritable"
    if request.param == "a file":
        folder.write_text("no folder")
        yield folder
        return
    folder.mkdir()
    with read_only(folder):
        if request.param == "missing" and os.access(folder, os.W_OK):
            pytest.fail("this folder was to be read-only")  # pragma: no cover
        yield folder / "cache" if request.param == "missing" else folder


def test_reading_and_workers_work_and_training_says_what_to_do(cache_folder, tmp_path):
    import numpy as np

    np.savez(tmp_path / "own.npz", images=np.random.default_rng(0).integers(0, 255, (140, 8, 8)).astype(np.uint8))
    text = said(["-c", SHELL, str(tmp_path / "own.npz")], cache_folder, 0)
    assert "mnist-2d" in text
    assert "list: 0" in text
    assert "train: 1" in text
    assert f"{cache_folder}/runs" in text
    assert "cannot be written" in text
    assert "set VAE_CACHE_DIR to a folder that can be written" in text
    assert "worker: 20" in text


def test_the_dashboard_opens_all_the_same(cache_folder):
    assert "it opens" in said(["-W", "ignore", "-c", PAGE], cache_folder, 0)
