"""What weighted draws say beyond log p(x): how far the posterior is from the prior, against a closed form."""

import pytest
import torch

from vae_core.inference.importance_sampling import importance
from vae_core.model.gaussians import kl_full
from vae_core.model.linear_gaussian import LinearGaussian


@pytest.mark.parametrize("proposal", ["mixture", "prior"])
def test_the_posteriors_kl_from_the_prior_is_that_of_the_linear_gaussian_model(proposal):
    rng = torch.Generator().manual_seed(0)
    W, b, x = (torch.randn(*shape, generator=rng, dtype=torch.float64) for shape in ((6, 3), (6,), (4, 6)))
    model = LinearGaussian(W, b, 0.3)
    mean, covariance = model.posterior(x)
    eye = torch.eye(3, dtype=torch.float64)
    expected = torch.stack([kl_full(m, covariance, torch.zeros_like(m), eye) for m in mean])
    found = importance(model.vae(), x, 200_000, rng, proposal)
    torch.testing.assert_close(found.posterior_kl, expected, atol=0.03, rtol=0)
    torch.testing.assert_close(found.log_px, model.log_px(x), atol=0.03, rtol=0)
    assert (found.effective_samples > 1_000).all()


def test_where_x_tells_nothing_of_z_the_posterior_is_the_prior():
    rng = torch.Generator().manual_seed(0)
    model = LinearGaussian(torch.zeros(5, 3, dtype=torch.float64), torch.zeros(5, dtype=torch.float64), 1.0)
    x = torch.randn(2, 5, generator=rng, dtype=torch.float64)
    kl = importance(model.vae(), x, 100, rng, "prior").posterior_kl
    torch.testing.assert_close(kl, torch.zeros(2, dtype=torch.float64), atol=1e-9, rtol=0)
