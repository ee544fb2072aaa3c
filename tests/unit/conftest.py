import numpy as np
import pytest
from hypothesis import settings

# No deadline on shared cores, no folder of examples in the tree, and the same examples on every run.
settings.register_profile("lab", deadline=None, database=None, derandomize=True, max_examples=50)
settings.load_profile("lab")


@pytest.fixture
def bars(tmp_path):
    """The path of a small data set of one's own: bars at random places."""
    images = np.zeros((140, 8, 8), np.uint8)
    for image, place in zip(images, np.random.default_rng(0).integers(0, 8, 140), strict=True):
        image[:, place] = 255
    np.savez(tmp_path / "bars.npz", images=images)
    return str(tmp_path / "bars.npz")


@pytest.fixture
def runs(tmp_path):
    """An empty folder of runs of this test's own."""
    from vae_core.runs.store import Runs

    return Runs(tmp_path / "runs", quarantine=tmp_path / "quarantine")
