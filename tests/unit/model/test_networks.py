"""Layers whose weights are yet to be drawn: torch's own, without torch's first draw."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from vae_core.model.networks import CodeLinear, initialise, unset

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("kind", "sizes", "more"),
    [
        (nn.Linear, (5, 3), {}),
        (CodeLinear, (5, 3), {"dtype": torch.float64}),
        (nn.Conv2d, (3, 4, 4), {"stride": 2, "padding": 1}),
        (nn.ConvTranspose2d, (4, 3, 4), {"stride": 2, "padding": 1}),
    ],
)
def test_a_layer_is_torchs_own_and_the_process_wide_generator_stands_still(kind, sizes, more):
    before = torch.get_rng_state()
    layer = unset(kind, *sizes, **more)
    assert torch.equal(before, torch.get_rng_state())
    twin = kind(*sizes, **more)
    assert type(layer) is kind
    assert repr(layer) == repr(twin)
    assert [(n, p.shape, p.dtype, p.requires_grad) for n, p in layer.named_parameters()] == [
        (n, p.shape, p.dtype, p.requires_grad) for n, p in twin.named_parameters()
    ]
    layer.load_state_dict(twin.state_dict())
    x = torch.ones(2, 5, dtype=more.get("dtype")) if sizes == (5, 3) else torch.ones(2, sizes[0], 8, 8)
    assert torch.equal(layer(x), twin(x))


def test_every_weight_is_drawn_from_the_generator_that_is_given():
    made = []
    for _ in range(2):
        network = nn.Sequential(unset(nn.Linear, 50, 40), unset(CodeLinear, 40, 2))
        for weight in network.parameters():
            weight.data.fill_(torch.nan)
        initialise(network, "uniform", torch.Generator().manual_seed(7))
        made.append([weight.detach().clone() for weight in network.parameters()])
    assert all(torch.isfinite(weight).all() for weight in made[0])
    assert all(torch.equal(a, b) for a, b in zip(*made, strict=True))


def test_a_model_is_loaded_without_an_algebra_system():
    code = (
        "import sys; from vae_core.runs.store import find; vae = find('mnist-2d').load().vae;"
        "find('mnist-conv-10d').load(); sys.exit('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
