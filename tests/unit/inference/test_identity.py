"""log p(x) - ELBO = KL(q || p(z|x)) on a bundled model and real images, its three numbers computed apart."""

import math
import os
from pathlib import Path

import pytest
import torch
from torch.distributions import Normal
from torch.nn.functional import softplus

from vae_core.inference.bound_decomposition import tightness
from vae_core.inference.latent_grid import LatentGrid
from vae_core.model.gaussians import kl_standard_normal

MODEL = Path(__file__).parents[3] / "assets" / "models" / "mnist-2d"
DATA = os.environ.get("VAE_DATA_DIR", "")
pytestmark = [
    pytest.mark.skipif(not MODEL.exists(), reason="the bundled model mnist-2d is not there"),
    pytest.mark.skipif(not (Path(DATA) / "MNIST").exists() or not DATA, reason="VAE_DATA_DIR holds no MNIST"),
]


@pytest.fixture(scope="module")
def model_and_images():
    from vae_core.data.datasets import load_dataset
    from vae_core.runs.store import bundled

    vae = bundled().load("mnist-2d").vae.requires_grad_(False)
    return vae, load_dataset("mnist").observed("test", range(100), seed=0)


FEW = 25  # images; all hundred are behind `long`


def midpoints(low: float, high: float, n: int) -> torch.Tensor:
    return low + (torch.arange(n, dtype=torch.float64) + 0.5) * (high - low) / n


@pytest.mark.parametrize("count", [FEW, pytest.param(100, marks=pytest.mark.long)])
def test_the_three_numbers_of_the_identity_agree_on_mnist(model_and_images, count):
    vae, x = model_and_images[0], model_and_images[1][:count]
    q = vae.posterior(x)
    line = midpoints(-8, 8, 40)
    noise = torch.cartesian_prod(line, line)[:, None]  # (N, 1, D)
    weight = Normal(0.0, 1.0).log_prob(noise).sum(-1).exp() * 0.4**2
    reconstruction = torch.zeros(count, dtype=torch.float64)
    for cut in torch.arange(len(noise)).split(100):
        z = (q.mean + q.stddev * noise[cut]).float()
        reconstruction += (weight[cut] * vae.observed(z).log_prob(x).sum(-1, dtype=torch.float64)).sum(0)
    bound = reconstruction - kl_standard_normal(q.mean, q.logvar).sum(-1)

    grid = LatentGrid(vae)
    log_px = grid.log_px(x)
    assert grid.certificate.tail.max() < -10
    assert grid.certificate.change.max() < 1e-3
    wider = LatentGrid(vae, extent=1.1 * grid.certificate.extent.max().item())
    found = tightness(vae, q, x, wider.log_px(x))
    torch.testing.assert_close(log_px - bound, found.gap, atol=1e-3, rtol=0)
    torch.testing.assert_close(found.elbo, bound, atol=1e-3, rtol=0)


def brute_force(vae, x, reach, fine=5):
    """log p(x), (B,): cells of 0.02 over the whole box, and those within 18 nats of the best one cut `fine` by `fine`.

    Uniform and simple on purpose: this is what the refined grid is checked against.
    """
    line = midpoints(-reach, reach, math.ceil(2 * reach / 0.02))
    width = 2 * reach / len(line)
    cells = torch.cartesian_prod(line, line)
    coarse = torch.cat([log_joint(vae, x, z) for z in cells.split(4000)], 1)  # (B, N)
    offsets = torch.cartesian_prod(*[midpoints(-width / 2, width / 2, fine)] * 2)
    total = []
    for image, row in zip(x, coarse, strict=True):
        mine = (cells[row > row.max() - 18][:, None] + offsets).flatten(0, 1)
        parts = [log_joint(vae, image[None], z).logsumexp(1) for z in mine.split(4000)]
        total.append(torch.cat(parts).logsumexp(0))
    return torch.stack(total) + 2 * math.log(width / fine)


def log_joint(vae, x, z):
    """log p(x|z) + log p(z) for B images and N points: (B, N)."""
    logits = vae.decoder(z.float())
    log_px = (x @ logits.mT).double() - softplus(logits).sum(-1, dtype=torch.float64)
    return log_px + Normal(0.0, 1.0).log_prob(z).sum(-1)


def check_against_brute_force(vae, x):
    """In a box wider than the codes: at 1.3 times their reach, one image of a hundred still has 0.05 nats outside."""
    difference = LatentGrid(vae).log_px(x) - brute_force(vae, x, reach=7.0)
    assert difference.abs().max() < 1e-3


@pytest.mark.long
def test_the_grid_agrees_with_a_much_finer_one_on_mnist(model_and_images):
    vae, x = model_and_images
    check_against_brute_force(vae, x[:5])


@pytest.mark.long
def test_the_grid_agrees_with_a_much_finer_one_on_a_hundred_images(model_and_images):
    check_against_brute_force(*model_and_images)
