"""The images of the lecture's opening scene, one of each class, and what the family's encoder says of them."""

import base64
from functools import partial
from typing import Any

import numpy as np

from dashboard.shared import background, model_view, test_images
from dashboard.shared.image_picker import source
from dashboard.shared.section import section
from vae_core.runs.store import Entry

DRAWN = 10  # images that the model draws itself where there is no data set
FIRST = 7  # the class that is chosen at first


@section("The images of the first scene")
def examples(entry: Entry) -> dict[str, Any] | None:
    """Pixels x and q(z|x) = N(mean, sigma^2) of each, None as long as they are being read."""
    model = model_view.model(entry)
    ready = test_images.material(model)
    if ready is None:
        return None
    if ready.data is None or model.labels is None:
        return background.result(("lecture", entry.key, model.decoder), partial(drawn, model))
    chosen = [int(np.argmax(model.labels == label)) for label in np.unique(model.labels)]
    x = ready.data.observed("test", chosen, 0, entry.settings.data.pixels).numpy()
    sigma = np.exp(model.logvar[chosen] / 2)
    named = [f"test image {test_images.named(model, index)}" for index in chosen]
    return sent(x, model.mean[chosen], sigma, named, int(np.argmax(model.labels[chosen] == FIRST)))


def drawn(model: model_view.Model) -> dict[str, Any]:
    made = [source.prior_sample(model, seed) for seed in range(DRAWN)]
    x, mean, sigma = (np.stack([getattr(image, part) for image in made]) for part in ("x", "mean", "sigma"))
    return sent(x, mean, sigma, [f"an image that the model drew, {seed + 1}" for seed in range(DRAWN)], 0)


def sent(x: np.ndarray, mean: np.ndarray, sigma: np.ndarray, names: list[str], first: int) -> dict[str, Any]:
    levels = base64.b64encode(np.rint(255 * x).astype(np.uint8).tobytes()).decode()
    return {"x": levels, "mean": mean.tolist(), "sigma": sigma.tolist(), "names": names, "first": first}
