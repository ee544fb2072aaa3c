"""Figures 4 and 5: planes of two-dimensional models under the inverse CDF, and draws of models of more dimensions."""

from contextlib import suppress
from typing import Any

import numpy as np

from dashboard.shared import model_picker, model_view, page_elements, url_state
from dashboard.shared.browser_blobs import encode, publish_blob
from dashboard.shared.caching import cached
from dashboard.shared.components import component
from vae_core.analysis.latent_paths import quantile_grid
from vae_core.runs.store import bundled

models = component("paper/models/models.js")

PLANES = {"mnist-2d": "MNIST", "frey-2d": "Frey Faces"}
DRAWN = {"mnist-2d": "D = 2", "mnist-5d": "D = 5", "mnist-10d": "D = 10", "mnist-20d": "D = 20"}
TILES, DRAWS = 12, 6  # to a side
SEED = 0  # of the draws
MOST = 20  # dimensions


def draw() -> None:
    grid = quantile_grid(TILES).reshape(-1, 2).numpy()
    sheets = [sheet(model, title, 4, grid) for model, title in here(PLANES)]
    sheets += [sheet(model, title, 5, prior_draws(model.dims)) for model, title in here(DRAWN)]
    if not sheets:
        return
    page_elements.part("Figures 4 and 5: what such models draw")
    asked = models(
        key="models",
        data=[told | {"levels": encoded[0]} for told, encoded in sheets],
        on_open_change=lambda: None,
    )
    for told, (_, blob) in sheets:
        publish_blob(data=blob, key=f"sheet {told['figure']} {told['model']}")
    if asked.open:
        model_picker.choose(asked.open)
        url_state.go("manifold/manifold.py")


def here(titles: dict[str, str]) -> list[tuple[model_view.Model, str]]:
    """The bundled models of these names that can be read."""
    found = []
    for key, title in titles.items():
        with suppress(ValueError):  # damaged: the model's own pages say so
            if (entry := bundled().get(key)) and entry.ready:
                found.append((model_view.model(entry), title))
    return found


def sheet(model: model_view.Model, title: str, figure: int, z: np.ndarray) -> tuple[dict[str, Any], tuple[str, bytes]]:
    """Images side by side: what the browser is told, and their blob with its key."""
    told = {
        "figure": figure, "model": model.entry.key, "title": title, "side": round(len(z) ** 0.5),
        "shape": model.entry.shape, "photograph": model.photograph, "elbo": model.entry.metrics["elbo"],
    }  # fmt: skip
    return told, decoded(model, z.astype(np.float32).tobytes())


def prior_draws(dims: int) -> np.ndarray:
    """The same noise for every model, of which each takes as many numbers as it has dimensions: (DRAWS^2, D)."""
    return np.random.default_rng(SEED).standard_normal((DRAWS * DRAWS, MOST))[:, :dims]


@cached(max_entries=16)
def decoded(model: model_view.Model, z: bytes) -> tuple[str, bytes]:
    """Mean images of z, float32 (N, D) as bytes, for the browser."""
    levels = model_view.decoded(model, np.frombuffer(z, np.float32).reshape(-1, model.dims).copy())
    return encode("pictures", [levels], count=len(levels), shape=model.entry.shape)
