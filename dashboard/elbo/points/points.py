"""What an autoencoder makes of one image: a code without a width, and the score of each pixel. It has no bound."""

from typing import Any

import torch

from dashboard.shared import image_bound, model_view
from dashboard.shared.image_picker import source


def picture(model: model_view.Model, image: source.Image) -> dict[str, Any]:
    """Its code z, the decoder's mean, and log p(x_i|z) of each pixel in nats, for the browser; arrays as base64."""
    vae, z = model_view.network(model), torch.from_numpy(image.mean)[None]
    with torch.no_grad():
        pixels = vae.observed(z).log_prob(torch.from_numpy(image.x)[None])[0]
        mean = vae.mean(z)[0]
    return {
        "z": image.mean.tolist(),
        "axes": sorted(model.order[:2]),
        "shape": model.entry.shape,
        "photograph": model.photograph,
        "bernoulli": model.entry.settings.model.row.binary,
        "errors": {"reconstruction": 0.0},
        "numbers": {
            "reconstruction": pixels.double().sum().item(),
            "pixels": image_bound.packed(image_bound.per_place(pixels.double().numpy(), model.entry.shape)),
            "image": image_bound.packed(mean.numpy()),
        },
    }
