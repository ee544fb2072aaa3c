"""The encoder in the browser gives the codes that torch gives, and a drawing becomes the same image as on a server."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.small_models import publish
from vae_core.data.preprocessing import drawn
from vae_core.runs.encoder_blob import encoder_blob
from vae_core.runs.store import bundled

CASES = Path(__file__).with_name("encoder_cases.mjs")
SIDE = 112  # pixels of a drawing


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def run_by_node(tmp_path: Path, models: list[dict], drawings: list[dict]) -> dict:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"models": models, "drawings": drawings}))
    done = subprocess.run([node, str(CASES), str(file)], capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


def test_codes_of_every_bundled_model_are_those_of_torch(tmp_path):
    small = publish(tmp_path, "odd", network="conv", encoder=(4, 8), decoder=(8, 4), latent_dim=3, shape=(20, 12))
    colour = {"likelihood": "gaussian", "pixels": "dequantised", "shape": (16, 12, 3)}
    coloured = [
        publish(tmp_path, "planes", network="conv", encoder=(4, 8), decoder=(8, 4), **colour),
        publish(tmp_path, "rows", **colour),
    ]
    entries, rng = [*bundled().list(), small, *coloured], np.random.default_rng(0)
    asked, expected = [], []
    for entry in entries:
        x = (rng.random((2, int(np.prod(entry.shape)))) < 0.2).astype(np.uint8)
        given = 3 if entry.settings.model.conditional else None
        vae = entry.load().vae if given is None else entry.load().vae.given(given)
        with torch.no_grad():
            seen = torch.from_numpy(x).float()
            sigma = vae.posterior(seen).stddev.tolist() if vae.stochastic else [None, None]
            expected.append((vae.code(seen).tolist(), sigma))
        asked.append({"blob": text(encoder_blob(entry)), "images": [text(row.tobytes()) for row in x], "given": given})
    found = run_by_node(tmp_path, asked, [])["encoded"]
    for entry, (means, sigmas), codes in zip(entries, expected, found, strict=True):
        for mean, sigma, code in zip(means, sigmas, codes, strict=True):
            np.testing.assert_allclose(code["mean"], mean, atol=1e-4, err_msg=entry.key)
            if sigma is None:
                assert code["sigma"] is None
            else:
                np.testing.assert_allclose(code["sigma"], sigma, atol=1e-4, err_msg=entry.key)


def scribble(rng: np.random.Generator, nib: float) -> np.ndarray:
    """A walk of a round pen: (SIDE, SIDE) uint8."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    canvas, at = np.zeros((SIDE, SIDE), np.uint8), rng.uniform(10, 100, 2)
    for _ in range(20):
        at = np.clip(at + rng.normal(size=2) * nib, 4, SIDE - 4)
        ink = np.clip(255 * (nib - np.hypot(rows - at[0], columns - at[1])), 0, 255).astype(np.uint8)
        canvas = np.maximum(canvas, ink)
    return canvas


def test_a_drawing_becomes_the_image_that_python_makes_of_it(tmp_path):
    rng, dot, nothing = np.random.default_rng(1), np.zeros((SIDE, SIDE), np.uint8), np.zeros((SIDE, SIDE), np.uint8)
    dot[90:97, 5:9] = 200  # so small that it is enlarged
    canvases = [*(scribble(rng, nib) for nib in (2.0, 5.0, 8.0)), dot]
    kinds = [((28, 28), False), ((28, 20), True), ((12, 12), False), ((20, 28), True)]
    asked = [
        {"levels": text(canvas.tobytes()), "side": SIDE, "shape": shape, "photograph": photograph}
        for canvas in canvases
        for shape, photograph in kinds
    ]
    blank = {"levels": text(nothing.tobytes()), "side": SIDE, "shape": (28, 28), "photograph": False}
    *found, none = run_by_node(tmp_path, [], [*asked, blank])["prepared"]
    expected = [drawn(canvas, shape, photograph).grey for canvas in canvases for shape, photograph in kinds]
    for made, wanted in zip(found, expected, strict=True):
        np.testing.assert_array_equal(made, wanted)
    assert none is None
