"""Images in colour through the core: their shape, their likelihoods and networks, a whole run, its archive and card."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.colour_pictures import discs
from vae_core.analysis.miniatures import SIDE, miniature
from vae_core.data.datasets import load_dataset
from vae_core.data.preprocessing import drawn, uploaded
from vae_core.data.uploads import keep, read
from vae_core.exchange.archive import packed
from vae_core.exchange.archive import read as import_archive
from vae_core.exchange.foreign_weights import Taken, pixel_by_pixel
from vae_core.exchange.model_card import card
from vae_core.inference.elbo import elbo
from vae_core.jobs.trainer import train_run
from vae_core.model.vae import build
from vae_core.runs.store import Runs
from vae_core.settings import ModelSettings, conv_channels, preset

SHAPE = (8, 12, 3)
PIXELS = math.prod(SHAPE)


@pytest.fixture
def pictures(tmp_path):
    np.savez(tmp_path / "discs.npz", images=discs(70), labels=np.arange(70) % 2)
    return load_dataset(tmp_path / "discs.npz")


@pytest.mark.parametrize("likelihood", ["gaussian", "isotropic_gaussian", "fixed_gaussian", "continuous_bernoulli"])
@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_a_model_of_colour_scores_each_channel_of_its_own_pixel(network, likelihood):
    """What changes one channel of one pixel changes the score of that number of X alone, and of no other."""
    model = ModelSettings(network=network, encoder=(6,), decoder=(6,), likelihood=likelihood)
    vae = build(model, SHAPE, torch.Generator().manual_seed(0))
    x, z = torch.full((1, PIXELS), 0.4), torch.zeros(1, 2)
    other = x.clone().reshape(1, *SHAPE)
    other[0, 3, 5, 1] = 0.9
    changed = (vae.observed(z).log_prob(x) != vae.observed(z).log_prob(other.flatten(1))).nonzero()
    assert changed.tolist() == [[0, (3 * 12 + 5) * 3 + 1]]
    assert vae.posterior(x).mean.shape == (1, 2)


def test_a_conv_network_convolves_planes_of_red_green_and_blue():
    """Against torch's convolutions on (N, 3, H, W), and the decoder's planes put together by NumPy."""
    model = ModelSettings(network="conv", encoder=(5,), decoder=(4,), likelihood="gaussian", activation="relu")
    vae = build(model, SHAPE, torch.Generator().manual_seed(0))
    images = torch.rand(2, *SHAPE)
    weights = vae.state_dict()
    h = functional.conv2d(
        images.permute(0, 3, 1, 2), weights["encoder.network.1.weight"], weights["encoder.network.1.bias"], 2, 1
    )
    code = h.relu().flatten(1) @ weights["encoder.network.4.weight"].T + weights["encoder.network.4.bias"]
    assert torch.allclose(vae.encoder(images.flatten(1)), code, atol=1e-5)
    z = torch.randn(2, 2)
    h = (z @ weights["decoder.network.0.weight"].T + weights["decoder.network.0.bias"]).relu().reshape(2, 4, 4, 6)
    planes = functional.conv_transpose2d(
        h, weights["decoder.network.3.weight"], weights["decoder.network.3.bias"], 2, 1
    )
    planes = planes.detach().numpy()  # red, green, blue of the means; red, green, blue of the log variances
    expected = np.concatenate(
        [np.stack(list(planes[k]), -1)[..., part].ravel() for k in range(2) for part in ([0, 1, 2], [3, 4, 5])]
    )
    assert np.allclose(vae.decoder(z).detach().numpy().ravel(), expected, atol=1e-5)


def test_a_bernoulli_on_colour_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="these images are in colour: use likelihood=gaussian") as caught:
        build(ModelSettings(), SHAPE, torch.Generator())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("side", "layers"), [(32, 3), (64, 4), (8, 1), (30, 1)])
def test_the_presets_know_what_images_in_colour_ask_for(side, layers):
    for name in ("quick", "good", "bad-start"):
        chosen = preset(name, "mine.npz", (side, side, 3))
        assert chosen.model.network == "conv"
        assert len(chosen.model.encoder) == layers
        assert not chosen.data.binary
        chosen.model.check_shape((side, side, 3))
    for name in ("paper", "linear"):
        preset(name, "mine.npz", (side, side, 3)).model.check_shape((side, side, 3))
    assert preset("quick", "mine.npz", (33, 20, 3)).model.network == "mlp"
    assert conv_channels((28, 28)) == (16, 32), "grey images keep theirs"
    assert preset("quick", "mine.npz", (28, 28)) == preset("quick", "mine.npz")


def test_a_run_in_colour_from_its_file_to_its_archive(pictures, runs, tmp_path):
    assert pictures.shape == (8, 8, 3)
    assert pictures.photograph
    assert pictures.train.shape[1] == 192
    settings = preset("quick", pictures).with_fields(
        fingerprint=pictures.fingerprint, steps=30, encoder=(4,), decoder=(4,), batch=20
    )
    entry = train_run(settings, pictures, runs)
    assert entry.status == "done"
    assert entry.shape == (8, 8, 3)
    assert entry.photograph
    vae, x = entry.load().vae, pictures.observed("test", range(10), pixels="dequantised")
    bound = elbo(vae, x, torch.zeros(1, 10, 2)).value
    q = vae.posterior(x)
    kl = 0.5 * (q.mean**2 + q.logvar.exp() - 1 - q.logvar).sum(1)
    assert torch.allclose(bound, vae.observed(q.mean).log_prob(x).sum(1) - kl, atol=1e-3)
    sheet = miniature(entry)
    assert sheet.shape == (SIDE, SIDE, 3)
    assert (sheet[..., 0] != sheet[..., 1]).any()
    assert "images of 8x8 in colour" in card(entry, "")
    assert "reshape((8, 8, 3))" in card(entry, "")
    (tmp_path / "one.zip").write_bytes(packed(entry))
    back = import_archive(tmp_path / "one.zip", Runs(tmp_path / "elsewhere"))
    assert back.shape == (8, 8, 3)
    assert all(np.array_equal(array, back.weights()[name]) for name, array in entry.weights().items())


def test_uploads_keep_their_colours(tmp_path, monkeypatch):
    monkeypatch.setenv("VAE_CACHE_DIR", str(tmp_path / "cache"))
    images = discs(20)
    np.savez(tmp_path / "discs.npz", images=images)
    with (tmp_path / "discs.npz").open("rb") as file:
        upload = keep("discs.npz", file)
    assert upload.shape == (8, 8, 3)
    assert np.array_equal(read(upload.name)[1].images, images)
    assert load_dataset(upload.name, split="chronological").train[0].tolist() == images[0].ravel().tolist()


def test_a_picture_from_outside_is_seen_in_colour_by_a_model_of_colour():
    from dataset_files import png

    image = discs(1, 16)[0]
    assert np.array_equal(uploaded(png(image), (16, 16, 3)).grey.reshape(16, 16, 3), image)
    halves = image.reshape(8, 2, 8, 2, 3).mean((1, 3))
    assert np.abs(uploaded(png(image), (8, 8, 3)).grey.reshape(8, 8, 3) - halves).max() <= 1
    grey = drawn(np.arange(64, dtype=np.uint8).reshape(8, 8), (8, 8, 3)).grey.reshape(64, 3)
    assert (grey == np.arange(64)[:, None]).all()


def test_weights_from_elsewhere_have_all_reds_first():
    """As torch flattens (N, 3, H, W); ours stand pixel by pixel."""
    rng = np.random.default_rng(0)
    images = rng.random((5, *SHAPE))
    theirs = images.transpose(0, 3, 1, 2).reshape(5, -1)
    first, last, bias = rng.random((4, PIXELS)), rng.random((2 * PIXELS, 4)), rng.random(2 * PIXELS)
    weights = {"encoder.0.weight": first, "decoder.2.weight": last, "decoder.2.bias": bias}
    ours = pixel_by_pixel(Taken("stack", weights, 2, (4,), (4,), PIXELS, 2 * PIXELS), SHAPE).weights
    assert np.allclose(images.reshape(5, -1) @ ours["encoder.0.weight"].T, theirs @ first.T)
    h = rng.random(4)
    planes = (last @ h + bias).reshape(2, 3, 8, 12).transpose(0, 2, 3, 1).ravel()
    assert np.allclose(ours["decoder.2.weight"] @ h + ours["decoder.2.bias"], planes)
