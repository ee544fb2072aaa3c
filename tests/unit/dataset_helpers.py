"""What the tests of data sets share: a cache of their own, small images, and the sentence of a refusal."""

import numpy as np
import pytest

from vae_core.data import download, strokes_cache
from vae_core.data.datasets import DatasetError, load_dataset

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True, name="cache")
def own_cache(tmp_path, monkeypatch):
    """An empty cache of its own for each test, few strokes, and no way to the network."""
    monkeypatch.setenv("VAE_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("VAE_DATA_DIR", *PROXIES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(strokes_cache, "COUNTS", (60, 20))
    monkeypatch.setattr(download, "reachable", lambda urls: False)
    return tmp_path / "cache"


def some_images(count=12, height=6, width=5, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, height, width), dtype=np.uint8)


def refusal(*arguments, **options) -> str:
    """The sentence with which load_dataset refuses."""
    with pytest.raises(DatasetError) as caught:
        load_dataset(*arguments, **options)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 1500
    return sentence
