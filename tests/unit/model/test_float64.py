"""A model whose decoder computes in float64 is a copy that leaves the model as it is."""

import pytest
import torch

from vae_core.model.likelihoods import bernoulli
from vae_core.model.vae import VAE, build, in_float64
from vae_core.settings import ModelSettings


@pytest.mark.parametrize("likelihood", ["bernoulli", "isotropic_gaussian"])
def test_it_is_a_copy_of_the_decoder_that_is_made_once(likelihood):
    settings = ModelSettings(encoder=(8,), decoder=(8,), likelihood=likelihood)
    vae = build(settings, (4, 5), torch.Generator().manual_seed(0))
    exact = in_float64(vae)
    assert exact.encoder is vae.encoder
    assert {w.dtype for w in vae.parameters()} == {torch.float32}
    assert {w.dtype for w in exact.decoder.parameters()} == {torch.float64}
    z = torch.randn(7, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert exact.mean(z).dtype == torch.float64
    torch.testing.assert_close(exact.mean(z).float(), vae.mean(z.float()))
    assert in_float64(exact) is exact


def test_a_decoder_without_weights_is_taken_as_it_is():
    vae = VAE(torch.nn.Linear(20, 4), lambda z: z.repeat(1, 10), bernoulli)
    assert in_float64(vae).mean(torch.ones(1, 2, dtype=torch.float64)).dtype == torch.float64
