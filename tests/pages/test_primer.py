"""The primer as Python sees it: what the scenes get is of this model and image, and exact; links and nonsense."""

import base64
import math
from functools import partial

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from dashboard.primer.scenes import classes, prior
from dashboard.shared import model_view, test_images
from tests.pages import visiting
from tests.pages.visiting import given, settled, words
from tests.small_models import publish

pytestmark = pytest.mark.usefixtures("nothing_bundled")
opened = partial(visiting.reached, "primer/primer.py")


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").astype(float)


@pytest.fixture(autouse=True)
def _no_images(monkeypatch):
    monkeypatch.setattr(test_images, "read", lambda source, split: test_images.Material(None, "They are not here."))


@pytest.fixture
def one(cache):
    return model_view.model(publish(cache, "one", latent_dim=1, activation="tanh"))


def data_of(**address: str) -> dict:
    return given(settled(opened(**address)), "scenes")


def test_the_first_two_scenes_open_without_the_networks(one):
    data = data_of(model="one")
    assert (data["scene"], data["bayes"], data["offer"], data["layer"]) == ("1", None, None, None)
    assert "Five pictures before your first KL" in words(opened(model="one"))


def test_the_classes_are_those_of_the_codes(one):
    shown = data_of(model="one", scene="2")["classes"]
    assert shown["names"] == [str(k) for k in range(10)]
    assert shown["counts"] == np.bincount(one.labels, minlength=10).tolist()
    assert shown["known"]


def test_without_labels_ten_classes_are_made_up_and_of_many_the_largest_are_drawn(cache):
    bare = model_view.model(publish(cache, "bare", labelled=False))
    assert classes.shares(bare) == classes.MADE_UP
    letters = tuple("abcdefghijklm")
    labels = np.repeat(np.arange(13), 1 + np.arange(13))
    many = model_view.model(publish(cache, "many", count=len(labels), labels=labels, classes=letters))
    found = classes.shares(many)
    assert found["names"] == list(letters[3:])
    assert (found["counts"], found["others"]) == ([1 + k for k in range(3, 13)], 3)


def test_bayes_on_the_line_is_exact(one):
    shown = data_of(model="one", scene="4")["bayes"]
    vae, x = one.entry.load().vae.double(), torch.tensor(floats(shown["x"]))
    z = torch.linspace(-9, 9, 30_001, dtype=torch.float64)
    with torch.no_grad():
        log_joint = Normal(0.0, 1.0).log_prob(z) + vae.observed(z[:, None]).log_prob(x).sum(-1)
    step = 18 / 30_000
    log_px = torch.logsumexp(log_joint, 0).item() + math.log(step)
    assert shown["logPx"] == pytest.approx(log_px, abs=5e-3)
    posterior = (log_joint - log_px).exp() * step
    assert shown["mean"] == pytest.approx((posterior * z).sum().item(), abs=2e-3)
    for part in ("wide", "close"):
        at = torch.linspace(shown[part]["from"], shown[part]["to"], len(floats(shown[part]["logs"])))
        with torch.no_grad():
            expected = vae.observed(at[:, None].double()).log_prob(x).sum(-1)
        assert floats(shown[part]["logs"]) == pytest.approx(expected.numpy(), rel=1e-5, abs=1e-2)
    assert shown["close"]["from"] < shown["low"] < shown["mean"] < shown["high"] < shown["close"]["to"]


def test_a_model_of_more_dimensions_borrows_one_with_a_line(one, cache):
    publish(cache, "two", activation="tanh")
    data = data_of(model="two", scene="4")
    assert data["bayes"]["decoder"] == one.decoder
    assert data["offer"]["name"] == "a sample"
    assert data["layer"]["dims"] == 2


def test_without_any_line_the_scene_says_what_to_do(cache):
    publish(cache, "two", activation="tanh")
    data = data_of(model="two", scene="4")
    assert data["bayes"] is None
    assert "train one with one latent dimension" in data["waits"]


def test_the_draws_are_of_the_prior_and_the_images_are_their_decoders(cache):
    model = model_view.model(publish(cache, "two", activation="tanh"))
    found = prior.first_layer(model)
    z = floats(found["z"]).reshape(-1, 2)
    assert len(z) == prior.DRAWS
    assert np.abs(z.mean(0)).max() < 4 / math.sqrt(prior.DRAWS)
    assert z.std(0) == pytest.approx(1, abs=0.1)
    images = np.frombuffer(base64.b64decode(found["images"]), np.uint8).reshape(prior.NUMBERED, -1)
    with torch.no_grad():
        mean = model.entry.load().vae.mean(torch.tensor(z[: prior.NUMBERED], dtype=torch.float32))
    assert np.abs(images - 255 * mean.numpy()).max() <= 0.51
    assert len(floats(found["before"])) == len(floats(found["after"])) == 2 * prior.DRAWS
    assert 0 < found["bent"] < 1


@pytest.mark.parametrize(
    "fields",
    [
        {"latent_dim": 1}, {"latent_dim": 12}, {"stochastic": False}, {"beta": 0.0},
        {"network": "conv", "encoder": (4, 6), "decoder": (6, 4)},
        {"latent_dim": 1, "network": "conv", "encoder": (4, 6), "decoder": (6, 4)},
        {"latent_dim": 1, "likelihood": "gaussian", "pixels": "dequantised"},
        {"encoder": (), "decoder": (), "likelihood": "isotropic_gaussian", "pixels": "grey"},
    ],
)  # fmt: skip
def test_every_kind_of_model_has_its_scenes(cache, fields):
    key = "".join(filter(str.isalnum, str(fields))).lower()
    entry = publish(cache, key, **fields)
    page = settled(opened(model=key, scene="5"))
    data = given(page, "scenes")
    assert "could not be shown" not in words(page)
    assert data["layer"]["linear"] == (not entry.settings.model.decoder)
    line = fields.get("latent_dim") == 1 and "network" not in fields
    assert (data["bayes"] is not None) == line


def test_a_link_sets_every_slider_and_nonsense_is_said(one):
    data = data_of(
        model="one", coin="0.1,0.7", bars="0,1,0,0,0,0,0,0,0,1", sigma="0.1", g="1,0.5,-1,2", way="p‖q", place="-0.5",
        bend="0.4", unit="bits",
    )  # fmt: skip
    assert (data["coin"], data["sigma"], data["g"], data["way"]) == ([0.1, 0.7], 0.1, [1, 0.5, -1, 2], "p‖q")
    assert (data["place"], data["bend"], data["unit"], sum(data["bars"])) == (-0.5, 0.4, "bits", 2)
    said = {
        "coin": "2,1", "bars": "0,0,0,0,0,0,0,0,0,0", "sigma": "nan", "g": "1,2", "way": "back", "place": "99",
        "bend": "-1", "unit": "bytes", "scene": "six",
    }  # fmt: skip
    page = opened(model="one", **said)
    for key, text in said.items():
        assert f"{key} = {text}" in words(page)
    data = given(page, "scenes")
    assert (data["coin"], data["g"], data["scene"]) == ([0.5, 0.2], [1.2, 0.5, 0, 1], "1")


def test_the_lecture_and_the_primer_each_remember_their_scene(one):
    page = visiting.opened("pages.py")
    page.switch_page("primer/primer.py")
    page.query_params.update({"scene": "3"})
    visiting.again(page)
    page.switch_page("kl/kl.py")
    visiting.again(page)
    assert "The address has scene" not in words(page)
    page.switch_page("primer/primer.py")
    visiting.again(page)
    assert given(page, "scenes")["scene"] == "3"


def test_the_address_follows_the_browser(one):
    page = opened(model="one", scene="3", coin="0.1,0.2")
    page.session_state["primer"] = {"place": {"scene": "4", "coin": "", "else": "1"}}
    visiting.again(page)
    assert given(page, "scenes")["scene"] == "3", "nothing was triggered"
