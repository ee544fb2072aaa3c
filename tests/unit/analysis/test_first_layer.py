"""What a first layer does to a cloud: against closed forms of one ReLU unit, least squares and the layer itself."""

import math

import pytest
import torch

from vae_core.analysis.first_layer import bend, first_layer
from vae_core.model.vae import build
from vae_core.settings import RunSettings

f64 = torch.float64


def model(dims: int = 2, **fields):
    settings = RunSettings().with_fields(latent_dim=dims, **({"encoder": (8,), "decoder": (24, 40)} | fields))
    vae = build(settings.model, (12, 12), torch.Generator().manual_seed(1))
    with torch.no_grad():
        for weights in vae.decoder.parameters():
            weights.mul_(4)
    return vae


def cloud(count: int, dims: int) -> torch.Tensor:
    return torch.randn(count, dims, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("dims", [1, 2, 7])
def test_before_its_activation_the_cloud_is_linear_and_after_it_is_what_the_network_has(dims):
    vae, z = model(dims, activation="tanh"), cloud(300, dims)
    found = bend(vae, z)
    code = torch.cat([z, torch.ones(300, 1)], 1).double()
    left = found.before - code @ torch.linalg.lstsq(code, found.before).solution
    assert left.abs().max() < 1e-5
    before, after = first_layer(vae, z)
    with torch.no_grad():
        linear = vae.decoder[0]
        assert torch.allclose(before, (z @ linear.weight.T + linear.bias).double(), atol=1e-5)
    assert torch.allclose(after, before.tanh(), atol=1e-6)
    assert found.units == 24
    assert found.after.mean(0).abs().max() < 1e-10


def test_what_is_bent_is_what_least_squares_leaves():
    vae, z = model(activation="silu"), cloud(400, 2)
    _, after = first_layer(vae, z)
    code = torch.cat([z, torch.ones(400, 1)], 1).double()
    left = after - code @ torch.linalg.lstsq(code, after).solution
    share = left.square().sum() / (after - after.mean(0)).square().sum()
    assert bend(vae, z).bent == pytest.approx(share.item(), rel=1e-6)


def test_one_relu_unit_bends_what_its_closed_form_says():
    """Of z ~ N(0, 1): var max(z, 0) = 1/2 - 1/(2 pi), cov(z, max(z, 0)) = 1/2."""
    vae = model(1, decoder=(1,), activation="relu")
    with torch.no_grad():
        vae.decoder[0].weight.fill_(1.0)
        vae.decoder[0].bias.zero_()
    count = 20_000
    z = torch.special.ndtri((torch.arange(count, dtype=f64) + 0.5) / count)[:, None].float()
    expected = 1 - 0.25 / (0.5 - 1 / (2 * math.pi))
    found = bend(vae, z)
    assert found.bent == pytest.approx(expected, abs=1e-3)
    assert found.units == 1
    assert found.after[:, 1].abs().max() == 0, "one unit has no second direction"


def test_no_direction_shows_more_of_the_bend():
    vae, z = model(activation="relu"), cloud(300, 2)
    found = bend(vae, z)
    _, after = first_layer(vae, z)
    assert found.after.norm(dim=0)[0] >= (after - after.mean(0)).norm(dim=0).max() - 1e-9, "any unit is a direction"
    assert found.before.shape == found.after.shape == (300, 2)


def test_a_linear_decoder_bends_nothing_and_a_convolution_has_a_first_layer_too():
    linear = model(encoder=(), decoder=(), likelihood="isotropic_gaussian", pixels="grey")
    assert bend(linear, cloud(20, 2)) is None
    conv = model(3, network="conv", encoder=(4, 6), decoder=(6, 4))
    assert 0 < bend(conv, cloud(50, 3)).bent < 1
