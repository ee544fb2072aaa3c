"""What every test shares: a cache folder of its own, small data, and, in CI, no skip that nobody allowed."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

# Set before vae_core is imported anywhere: no test may touch the user's own cache.
CACHE = tempfile.TemporaryDirectory(prefix="vae-lab-tests-")
os.environ["VAE_CACHE_DIR"] = CACHE.name
os.environ.setdefault("OMP_NUM_THREADS", "1")  # two test processes with two threads each are slower than one
ROOT = Path(__file__).parent.parent

ALLOWED_SKIPS: tuple[str, ...] = (
    "onnx is not installed",
    "dask.distributed is not installed",
    "this machine has no graphics card",
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Runs of one test are not seen by the next; the data cache is shared, for strokes take seconds to draw."""
    runs = tmp_path / "cache"
    runs.mkdir()
    data = Path(CACHE.name) / "data"
    data.mkdir(exist_ok=True)
    (runs / "data").symlink_to(data, target_is_directory=True)
    monkeypatch.setenv("VAE_CACHE_DIR", str(runs))
    return runs


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """Streamlit's AppTest leaves its page as `__main__`, which a process that is spawned later would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def digits():
    """600 training and 200 test images of strokes: enough to train on in a second."""
    import torch
    from numpy.random import default_rng

    from vae_core.data.datasets import Dataset
    from vae_core.data.strokes import strokes

    drawn = strokes(800, default_rng(0))
    images, labels = torch.from_numpy(drawn.images), torch.from_numpy(drawn.labels)
    return Dataset("strokes", images[:600], images[600:], labels[:600], labels[600:], (28, 28), "a" * 64)


@pytest.fixture(scope="session")
def mnist():
    from vae_core.data.datasets import DatasetError, load_dataset

    if "VAE_DATA_DIR" not in os.environ:
        pytest.skip("MNIST is not in VAE_DATA_DIR")
    try:
        return load_dataset("mnist", download=False)
    except DatasetError:
        pytest.skip("MNIST is not in VAE_DATA_DIR")


def pytest_terminal_summary(terminalreporter):
    refused = refused_skips(terminalreporter)
    if refused:
        terminalreporter.section("skips that CI does not allow")
        for line in refused:
            terminalreporter.write_line(line)


def pytest_sessionfinish(session, exitstatus):
    if exitstatus == 0 and refused_skips(session.config.pluginmanager.get_plugin("terminalreporter")):
        session.exitstatus = 1


def refused_skips(reporter) -> list[str]:
    if not os.environ.get("VAE_FAIL_ON_SKIP") or reporter is None:
        return []
    reasons = [str(report.longrepr[2]) for report in reporter.stats.get("skipped", ()) if report.longrepr]
    return [reason for reason in reasons if not any(allowed in reason for allowed in ALLOWED_SKIPS)]
