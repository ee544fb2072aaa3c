"""The pages' decoder in JavaScript, and the preview's in NumPy, against torch: bundled models and random networks."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from dashboard.explore.plane.preview import mean_image
from dashboard.shared import model_view
from tests.parameters import rest_long
from tests.small_models import publish
from vae_core.runs.export import decoder_blob
from vae_core.runs.store import Entry, bundled

AGREEMENT = Path(__file__).with_name("agreement.mjs")
POINTS = rest_long([3, 200], [3])
CONV = {"network": "conv", "encoder": (3, 4), "decoder": (4, 3)}
GREY = {"pixels": "grey", "likelihood": "isotropic_gaussian"}
RANDOM = {
    "told": ((4, 5), {"conditional": True, "activation": "tanh"}),
    "grey-conv": ((12, 8), CONV | {"activation": "relu"}),
    "colour-mlp": ((5, 4, 3), GREY),
    "colour-conv": ((8, 12, 3), CONV | GREY | {"latent_dim": 3}),
    "colour-deviations": ((8, 4, 3), CONV | {"likelihood": "gaussian", "pixels": "dequantised", "decoder": (5,)}),
    "colour-continuous": ((4, 8, 3), CONV | GREY | {"likelihood": "continuous_bernoulli", "activation": "tanh"}),
}


def classes(entry: Entry) -> Sequence[int | None]:
    """Those that a conditional model is given here, its first and last."""
    return (0, entry.load().vae.classes - 1) if entry.settings.model.conditional else (None,)


def check(entries: list[Entry], folder: Path, points: int) -> None:
    """Mean images far below a grey level, 1/255, and all outputs of the decoders to the precision of float32."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    expected = {}
    for entry, y in [(each, y) for each in entries for y in classes(each)]:
        vae, place = entry.load().vae.given(y), folder / f"agree-{entry.key}-{y}"
        z = torch.randn(points, vae.latent_dim, generator=torch.Generator().manual_seed(1))
        place.mkdir()
        (place / "blob").write_bytes(decoder_blob(entry))
        (place / "points").write_bytes(z.numpy().tobytes())
        if y is not None:
            (place / "class").write_text(str(y))
        with torch.no_grad():
            expected[place] = vae.mean(z).numpy(), vae.decoder(z).numpy()
        shown = mean_image(model_view.given(model_view.model(entry), y), z[0].tolist()).astype(float)
        assert np.abs(shown - 255 * expected[place][0][0].clip(0, 1)).max() < 0.51, entry.key
    done = subprocess.run(
        [node, "--no-warnings", AGREEMENT, *expected], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for place, both in expected.items():
        found = np.frombuffer((place / "outputs").read_bytes(), "<f4").reshape(points, -1)
        for here, torch_has in zip(np.split(found, [both[0].shape[1]], 1), both, strict=True):
            assert np.abs(here - torch_has).max() < 2e-5 * max(1, np.abs(torch_has).max()), place.name


@pytest.mark.parametrize("points", POINTS)
def test_random_networks_of_every_kind(tmp_path, points):
    made = [publish(tmp_path, name, shape=shape, count=20, **rest) for name, (shape, rest) in RANDOM.items()]
    check(made, tmp_path, points)


@pytest.mark.parametrize("points", POINTS)
def test_every_bundled_model(tmp_path, points):
    check([entry for entry in bundled().list() if entry.status == "done"], tmp_path, points)
