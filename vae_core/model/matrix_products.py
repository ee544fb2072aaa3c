"""Which library multiplies float32 matrices: chosen once in each process, when the networks are first imported.

torch ships two. Intel's MKL, which it calls by itself, takes its slow path on AMD's processors; oneDNN does not, and is
twice as fast there. torch turns to oneDNN when asked for products that *may* round to bfloat16. A processor with
instructions for that (AMX) then really rounds, one without computes in full float32. A product says which it is.

oneDNN writes a program for each shape of product and keeps a thousand, half a megabyte each, and torch a thousand more
for each thread. A server meets many numbers of images in many threads: it kept two gigabytes of them.
"""

import os

import torch
from torch.nn.functional import linear

# Programs kept, which both libraries read before their first product. A training has some thirty shapes; torch's own
# cache, beside oneDNN's, saves no time.
KEPT = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "128", "LRU_CACHE_CAPACITY": "1"}

FLOAT32 = 1e-5  # of a product's size: float32 loses less than that, bfloat16 3e-3
SHAPES = [(100, 784, 500), (250, 128, 784), (7, 50, 30)]  # images, inputs, outputs of a layer


def multiply_with_onednn() -> bool:
    """Has oneDNN multiply this process's float32 matrices wherever it does so in float32; whether it does now.

    Its caches are small from here on, if nothing was multiplied before.
    """
    if not torch.backends.mkldnn.is_available():
        return False
    for cache, size in KEPT.items():
        os.environ.setdefault(cache, size)
    matmul = torch.backends.mkldnn.matmul
    before = matmul.fp32_precision
    matmul.fp32_precision = "bf16"
    if rounding() < FLOAT32:
        return True
    matmul.fp32_precision = before
    return False


def rounding() -> float:
    """The error of a float32 layer and of its gradients, beside float64: the root mean square of each, the largest."""
    rng = torch.Generator().manual_seed(0)
    errors = []
    for images, inputs, outputs in SHAPES:
        x, weight, slope = (
            torch.randn(size, generator=rng) for size in ((images, inputs), (outputs, inputs), (images, outputs))
        )
        exact = _products(x.double(), weight.double(), slope.double())
        for ours, theirs in zip(_products(x, weight, slope), exact, strict=True):
            errors.append((ours - theirs).square().mean().sqrt() / theirs.square().mean().sqrt())
    return max(errors).item()


def _products(x: torch.Tensor, weight: torch.Tensor, slope: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """A layer (B, out), and for a slope (B, out) its gradients by x and by the weight: the products of a training."""
    return linear(x, weight), slope @ weight, slope.mT @ x
