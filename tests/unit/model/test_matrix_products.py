"""float32 products stay float32, whichever library multiplies, and on whichever processor."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.nn.functional import linear

from vae_core.model import matrix_products

MATMUL = torch.backends.mkldnn.matmul
CAUGHT = {"cwd": Path(__file__).parents[3], "capture_output": True, "text": True, "check": True}
pytestmark = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this torch has no oneDNN")


@pytest.fixture(autouse=True)
def restored():
    before = MATMUL.fp32_precision
    yield
    MATMUL.fp32_precision = before


def test_products_are_float32_however_it_was_chosen():
    matrix_products.multiply_with_onednn()
    rng = torch.Generator().manual_seed(5)
    x, weight = torch.randn(64, 300, generator=rng), torch.randn(200, 300, generator=rng)
    torch.testing.assert_close(linear(x, weight).double(), x.double() @ weight.double().mT, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(("error", "chosen"), [(1e-7, True), (3e-3, False), (float("nan"), False)])
def test_a_processor_that_rounds_to_bfloat16_keeps_its_products(error, chosen, monkeypatch):
    MATMUL.fp32_precision = "ieee"
    monkeypatch.setattr(matrix_products, "rounding", lambda: error)
    assert matrix_products.multiply_with_onednn() is chosen
    assert MATMUL.fp32_precision == ("bf16" if chosen else "ieee")


def test_the_check_sees_a_product_that_rounds(monkeypatch):
    assert matrix_products.rounding() < matrix_products.FLOAT32
    monkeypatch.setattr(
        matrix_products, "linear",
        lambda x, w: linear(x.bfloat16().to(x), w.bfloat16().to(w)) if x.dtype == torch.float32 else linear(x, w),
    )  # fmt: skip
    assert matrix_products.rounding() > matrix_products.FLOAT32


def test_without_onednn_nothing_is_chosen(monkeypatch):
    MATMUL.fp32_precision = "ieee"
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert not matrix_products.multiply_with_onednn()
    assert MATMUL.fp32_precision == "ieee"


GROWTH = """
import os, torch
from vae_core.model.vae import build
from vae_core.settings import ModelSettings

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

vae = build(ModelSettings(), (28, 28), torch.Generator().manual_seed(0)).requires_grad_(False)
vae.mean(torch.zeros(1, vae.latent_dim))
before = resident()
for count in range(2, 150):
    vae.mean(torch.zeros(count, vae.latent_dim))
print(resident() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell a process's memory")
def test_products_of_many_shapes_leave_little_in_memory():
    def grown(**environment: str) -> float:
        variables = {name: value for name, value in os.environ.items() if name not in matrix_products.KEPT}
        out = subprocess.run([sys.executable, "-c", GROWTH], env=variables | environment, **CAUGHT)
        return float(out.stdout)

    few, many = grown(), grown(**dict.fromkeys(matrix_products.KEPT, "1024"))
    assert few < many / 2, f"{few:.0f} MB, and with the libraries' own limits {many:.0f} MB"
