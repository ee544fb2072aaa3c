"""log p(x) - ELBO = KL(q || p(z|x)) on a bundled model and real images, its three numbers computed apart."""

import math
import os
from pathlib import Path

import pytest
import torch
from torch.distributions import Normal
from torch.nn.functional import softplus

from vae_core.evidence import LatentGrid
from vae_core.gaussians import kl_standard_normal

MODEL = Path(__file__).parents[2] / "assets" / "models" / "mnist-2d"
DATA = os.environ.get("VAE_DATA_DIR", "")
pytestmark = [
    pytest.mark.skipif(not MODEL.exists(), reason="the bundled model mnist-2d is not there"),
    pytest.mark.skipif(not (Path(DATA) / "MNIST").exists() or not DATA, reason="VAE_DATA_DIR holds no MNIST"),
]


@pytest.fixture(scope="module")
def model_and_images():
    from vae_core.datasets import load_dataset
    from vae_core.runs import bundled

    vae = bundled().load("mnist-2d").vae.requires_grad_(False)
    return vae, load_dataset("mnist").observed("test", range(100), seed=0)


def midpoints(low: float, high: float, n: int) -> torch.Tensor:
    return low + (torch.arange(n, dtype=torch.float64) + 0.5) * (high - low) / n


def test_the_three_numbers_of_the_identity_agree_on_mnist(model_and_images):
    vae, x = model_and_images
    q = vae.posterior(x)
    line = midpoints(-8, 8, 40)
    noise = torch.cartesian_prod(line, line)[:, None]  # (N, 1, D)
    weight = Normal(0.0, 1.0).log_prob(noise).sum(-1).exp() * 0.4**2
    reconstruction = torch.zeros(100, dtype=torch.float64)
    for cut in torch.arange(len(noise)).split(100):
        z = (q.mean + q.stddev * noise[cut]).float()
        reconstruction += (weight[cut] * vae.observed(z).log_prob(x).sum(-1, dtype=torch.float64)).sum(0)
    bound = reconstruction - kl_standard_normal(q.mean, q.logvar).sum(-1)

    grid = LatentGrid(vae)
    log_px = grid.log_px(x)
    assert grid.certificate.tail.max() < -10
    assert grid.certificate.change.max() < 1e-3
    kl = LatentGrid(vae, extent=1.1 * grid.certificate.extent.max().item()).kl_from(q, x)
    torch.testing.assert_close(log_px - bound, kl, atol=1e-3, rtol=0)
    torch.testing.assert_close(grid.elbo(q, x).value, bound, atol=1e-3, rtol=0)


def test_the_grid_agrees_with_a_finer_one_around_the_codes_of_mnist(model_and_images):
    vae, x = model_and_images
    reach = 1.1 * vae.code(x).abs().max().item() + 0.5
    line = midpoints(-reach, reach, math.ceil(2 * reach / 0.02))
    total = torch.full((100,), -torch.inf, dtype=torch.float64)
    for part in line.split(8):
        z = torch.cartesian_prod(part, line)
        logits = vae.decoder(z.float())
        log_px = (x @ logits.mT).double() - softplus(logits).sum(-1, dtype=torch.float64)
        total = torch.logaddexp(total, (log_px + Normal(0.0, 1.0).log_prob(z).sum(-1)).logsumexp(1))
    brute_force = total + 2 * math.log(2 * reach / len(line))
    difference = LatentGrid(vae).log_px(x) - brute_force
    assert difference.min() > -1e-3  # the grid finds whatever the fine one does, and perhaps more beyond its edge
    assert difference.abs().median() < 1e-4
