"""The linear-Gaussian examples of the mathematics: everything about them has a closed form."""

import torch

from vae_core.model.linear_gaussian import LinearGaussian

f64 = torch.float64
EXACT = {"atol": 1e-9, "rtol": 0}
W1 = torch.tensor([[1, 0.5], [-0.5, 1], [2, 0.5], [0, -1]], dtype=f64)
W3 = torch.tensor([[1, 0.5], [-0.5, 1], [2, 0], [0, -1]], dtype=f64)  # its axes are orthogonal
B = torch.tensor([0.1, -0.2, 0, 0.3], dtype=f64)
X = torch.tensor([[1, 0, 2, -1], [0, 0, 0, 0], [-0.5, 1.5, -1, 0.5]], dtype=f64)
TV1, TV3 = LinearGaussian(W1, B, 0.25), LinearGaussian(W3, B, 0.25)
