"""The Likelihood page as Python sees it: the family's numbers, any model's pixels, the curves; what is not there."""

import base64
import re

import numpy as np
import pytest
import torch

from dashboard.likelihood.grey import grey
from dashboard.likelihood.variance import variance
from dashboard.shared import model_view, test_images
from tests.pages import visiting
from tests.pages.visiting import given, words
from tests.small_models import publish
from vae_core.analysis import flat_pixel, variance_family
from vae_core.model.continuous_bernoulli import log_normaliser
from vae_core.model.likelihoods import SIGMA_FLOOR
from vae_core.runs.store import bundled

GAUSSIAN = {"likelihood": "gaussian", "pixels": "dequantised"}


def opened(**address: str):
    return visiting.settled(visiting.reached("likelihood/likelihood.py", **address))


@pytest.fixture
def no_images(monkeypatch):
    monkeypatch.setattr(test_images, "read", lambda source, split: test_images.Material(None, "They are not here."))


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


# -- the family --------------------------------------------------------------------------------------------------------


def test_without_mnist_a_sample_of_the_model_is_scored_by_each_member(cache, no_images):
    page = opened()
    data = given(page, "variance")
    assert data["rows"][data["at"]]["stop"] == "0.1"
    assert [row["stop"] for row in data["rows"]] == ["0.02", "learned", "0.1", "1", "5"]
    assert data["offer"]["kind"] == "prior"
    for row, image in zip(data["rows"], data["image"], strict=True):
        c = row["variance"]
        assert row["constant"] - image["expected_residual"] / (2 * c) - image["kl"] == pytest.approx(image["elbo"])
        assert len(image["mean"]) == data["dims"] == 10
    assert "a density may exceed 1" in words(page)


@pytest.mark.parametrize(
    ("c", "said"),
    [
        ("5", "At c = 5 every error is put down to noise, and no dimension is used"),
        ("1", "At c = 1 9 of 10 dimensions are used, and the bound is −741 nats"),
        ("0.02", "At c = 0.02 the bound is above zero, 326 nats"),
        ("learned", "At a learned c of 0.023 the bound is above zero, 344 nats"),
    ],
)
def test_the_address_chooses_the_variance_and_the_title_claims_what_it_does(c, said, cache, no_images):
    page = opened(c=c)
    assert said in words(page)
    assert given(page, "variance")["rows"][given(page, "variance")["at"]]["stop"] == c


def test_nonsense_in_the_address_is_said_and_replaced(cache, no_images):
    nonsense = {"c": "<b>", "sigma": "nan", "logit": "99", "pixel": "x", "j": "-1", "model": "nobody"}
    page = visiting.reached("likelihood/likelihood.py", **nonsense)
    said = words(page)
    assert "The address has c = &lt;b&gt;" in said
    for key in ("sigma", "logit", "pixel", "j"):
        assert f"The address has {key} =" in said
    assert "This link’s model isn’t on this machine (“nobody”)" in said
    assert "<b>" not in said
    page = visiting.settled(page)
    data = given(page, "variance")
    assert data["rows"][data["at"]]["stop"] == "0.1"
    assert given(page, "grey")["logit"] == grey.FIRST
    assert given(page, "pixel")["pixel"] is None
    sigmas = given(page, "floor")
    assert sigmas["sigmas"][sigmas["at"]] == pytest.approx(SIGMA_FLOOR)


def test_a_number_of_an_image_is_its_bound_by_another_way(cache, no_images):
    from vae_core.inference.elbo import elbo

    entry = variance_family.members()[2]
    model = model_view.model(entry)
    x = torch.rand(1, 784, generator=torch.Generator().manual_seed(0))
    found = variance.under(entry, x.numpy().tobytes())
    noise = torch.randn(2000, 1, 10, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        direct = elbo(model_view.network(model), x, noise)
    assert found["elbo"] == pytest.approx(direct.value.item(), abs=6 * found["elbo_error"] + 0.5)
    assert found["kl"] == pytest.approx(direct.kl.item(), rel=1e-5)


def test_without_the_family_the_page_invites_to_train_it_and_shows_the_rest(cache, nothing_bundled, no_images):
    publish(cache, "two")
    page = opened()
    assert "python -m vae_core bundle mnist-c-5" in words(page)
    assert given(page, "grey")["image"] is None
    assert given(page, "floor")["model"] is None
    assert given(page, "pixel")["count"] == 500


def test_without_any_model_nothing_breaks(cache, nothing_bundled):
    page = opened()
    assert given(page, "grey")["image"] is None
    assert not [e for e in page.get("bidi_component") if e.proto.component_name == "vae_lab.pixel"]


# -- pixel by pixel ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {}, GAUSSIAN, {"latent_dim": 1}, {"latent_dim": 20}, {"stochastic": False},
        {"network": "conv", "encoder": (4, 8), "decoder": (8, 4)}, {"likelihood": "fixed_gaussian", "pixels": "grey"},
        {"likelihood": "continuous_bernoulli", "pixels": "grey"},
    ],
    ids=str,
)  # fmt: skip
def test_any_model_sends_what_its_decoder_says_at_the_code_of_an_image(fields, cache, nothing_bundled, no_images):
    name = "-".join(["some", *re.findall(r"[a-z0-9]+", str(fields).lower())])[:60]  # of its own: two in one second
    entry = publish(cache, name, **fields)
    data = given(opened(model=name, j="7"), "pixel")
    model = model_view.model(entry)
    with torch.no_grad():
        expected = model_view.network(model).decoder(torch.from_numpy(model.mean[7:8]))[0].numpy()
    np.testing.assert_allclose(floats(data["output"]), expected, rtol=1e-5, atol=1e-6)
    row = entry.settings.model.row
    assert (data["likelihood"], data["squash"], data["binary"]) == (
        entry.settings.model.likelihood,
        row.squash,
        row.binary,
    )
    assert (data["index"], data["count"], data["observed"]) == (7, 500, "")
    assert data["missing"] == "They are not here."


def test_its_image_is_the_one_the_model_saw(cache, digits, nothing_bundled, monkeypatch):
    monkeypatch.setattr(test_images, "material", lambda model: test_images.Material(digits, ""))
    publish(cache, "grey", shape=digits.shape, count=len(digits.test), **GAUSSIAN)
    data = given(opened(model="grey", j="3"), "pixel")
    np.testing.assert_array_equal(floats(data["observed"]), digits.observed("test", [3], 0, "dequantised")[0].numpy())


def test_a_pixel_of_a_larger_model_is_forgotten_quietly(cache, nothing_bundled, no_images):
    publish(cache, "face", shape=(28, 20), labelled=False, **GAUSSIAN)
    page = opened(model="face", pixel="700")
    assert given(page, "pixel")["pixel"] is None
    assert "The address has pixel" not in words(page)
    assert given(opened(model="face", pixel="333"), "pixel")["pixel"] == 333


# -- the curves --------------------------------------------------------------------------------------------------------


def test_the_curves_over_sigma_are_the_cores_and_the_floor_is_the_models_own(cache, no_images):
    data = given(opened(sigma="0.001"), "floor")
    sigma = data["sigmas"][data["at"]]
    assert sigma == pytest.approx(0.001)
    assert data["exact"][data["at"]] == flat_pixel.log_density(sigma)
    assert data["dequantised"][data["at"]] == flat_pixel.log_density(sigma, 1 / 256)
    model = model_view.model(next(e for e in bundled().list() if e.key == "frey-2d"))
    with torch.no_grad():
        sigmas = model_view.network(model).observed(torch.from_numpy(model.mean)).stddev.numpy()
    assert data["model"]["mean"] == pytest.approx((sigmas < 0.0105).sum(1).mean())
    assert sigmas.min() >= SIGMA_FLOOR * 0.9999


def test_what_the_normaliser_is_worth_is_summed_over_the_pixels(cache, no_images):
    data = given(opened(logit="-3"), "grey")
    assert data["logit"] == -3
    found = data["image"]
    vae = next(e for e in bundled().list() if e.key == grey.BERNOULLI).load().vae
    levels = np.arange(784, dtype=np.int64).astype(np.uint8)
    x = torch.from_numpy(levels.copy()).float()[None] / 255
    with torch.no_grad():
        logits = vae.decoder(vae.code(x)).double()
    again = grey.scored(levels.tobytes())
    torch.testing.assert_close(again["normaliser"], log_normaliser(logits).sum().item(), rtol=1e-4, atol=0.01)
    density = torch.distributions.ContinuousBernoulli(logits=logits.clamp(-30, 30)).log_prob(x.double()).sum().item()
    assert logits.abs().max() < 30
    assert again["without"] + again["normaliser"] == pytest.approx(density, rel=1e-4)
    assert found["normaliser"] > 784 * np.log(2), "each pixel is worth ln 2 at least"
