"""A model of one's own in a notebook's cell."""

import html
import re

import numpy as np
import pytest
import torch
from torch import nn

from vae_core.cli import pages
from vae_core.notebook import activation_of, explore


class Own(nn.Module):
    """As a course hands it in: two stacks of layers, mean and log variance from one layer."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 12), nn.Tanh(), nn.Linear(12, 4))
        self.decoder = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Linear(12, 64))


def test_a_model_of_ones_own_becomes_a_cell_and_a_file(tmp_path):
    torch.manual_seed(0)
    images = (np.random.default_rng(0).random((60, 8, 8)) < 0.3).astype(np.float32)
    page = explore(Own(), images, np.arange(60) % 3, name="mine")
    cell = page._repr_html_()
    assert cell.startswith("<iframe ")
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', cell)[1]) == page.html
    assert "mine, 2 dimensions" in page.html
    assert "default-src 'none'" in page.html
    page.save(tmp_path / "mine.html")
    assert (tmp_path / "mine.html").read_text("utf-8") == page.html


def test_what_cannot_be_shown_is_said(tmp_path, monkeypatch):
    assert activation_of(Own()) == "tanh"
    with pytest.raises(ValueError, match=r"\(N, H, W\), these have the shape \(4, 64\)"):
        explore(Own(), np.zeros((4, 64)))
    with pytest.raises(ValueError, match=r"layers"):
        explore(nn.Linear(64, 2), np.random.default_rng(0).random((20, 8, 8)))
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="dashboard is not there"):
        explore(Own(), np.zeros((4, 8, 8)))
