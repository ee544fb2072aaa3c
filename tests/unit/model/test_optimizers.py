"""Our optimizers are torch's, to the bit, and bring nothing of its compiler into the process."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from vae_core.model import optimizers

ROOT = Path(__file__).parents[3]
KINDS = {
    "Adam": {},
    "AdamW": {"weight_decay": 0.1, "fused": True},
    "Adagrad": {"fused": True},
    "SGD": {"momentum": 0.9, "fused": True},
    "LBFGS": {"line_search_fn": "strong_wolfe"},
}
TRAINING = """
import sys
from vae_core.data.strokes import strokes
import numpy, torch
from vae_core.data.datasets import Dataset
from vae_core.settings import RunSettings
from vae_core.training.train import train
images = torch.from_numpy(strokes(300, numpy.random.default_rng(0)).images)
dataset = Dataset("strokes", images[:200], images[200:], None, None, (28, 28), "a" * 64)
for progress in train(RunSettings().with_fields(steps=3, validation=0, optimizer=sys.argv[1]), dataset):
    progress.checkpoint()
print("torch._dynamo" in sys.modules)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_is_that_of_torchs_own(kind):
    def trained(of) -> list[torch.Tensor]:
        rng = torch.Generator().manual_seed(0)
        weights = [torch.nn.Parameter(torch.randn(3, 4, generator=rng)), torch.nn.Parameter(torch.zeros(3))]
        target, optimizer = torch.randn(3, generator=rng), of([*weights], lr=0.05, **KINDS[kind])

        def loss() -> torch.Tensor:
            optimizer.zero_grad()
            value = (weights[0].sum(1).tanh() + weights[1] - target).square().sum()
            value.backward()
            return value

        for _ in range(5):
            if kind == "LBFGS":
                optimizer.step(loss)
            else:
                loss()
                optimizer.step()
        return [*weights, *(v for state in optimizer.state.values() for v in state.values() if torch.is_tensor(v))]

    ours, theirs = trained(getattr(optimizers, kind)), trained(getattr(torch.optim, kind))
    assert len(ours) == len(theirs) > 2
    assert all(map(torch.equal, ours, theirs))
    assert not torch.equal(ours[1], torch.zeros(3))


@pytest.mark.parametrize("optimizer", ["adam", "adagrad", "sgd"])
def test_a_training_imports_no_compiler(optimizer):
    command = [sys.executable, "-c", TRAINING, optimizer]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == "False"
