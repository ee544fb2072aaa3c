"""The Algorithm page as Python sees it: its iterations are those of training, and every number is of this model."""

from functools import partial

import pytest
import torch

from dashboard.algorithm.walk import walk
from dashboard.shared import model_view, test_images
from tests.pages import visiting
from tests.pages.visiting import again, given, words
from tests.small_models import publish
from vae_core.inference.elbo import elbo
from vae_core.training import single_step
from vae_core.training.train import WEIGHTS, generator, initial, learning_rate

pytestmark = pytest.mark.usefixtures("nothing_bundled")
opened = partial(visiting.reached, "algorithm/algorithm.py")


@pytest.fixture
def two(cache):
    return model_view.model(publish(cache, "two", activation="tanh"))


def test_without_the_data_set_the_model_draws_the_batch_and_the_page_says_so(cache, monkeypatch):
    publish(cache, "two", activation="tanh")
    monkeypatch.setattr(test_images, "material", lambda model: test_images.Material(None, "They are not here."))
    data = given(opened(model="two"), "walk")
    assert data["whose"] == "images that the model drew"
    assert (data["N"], data["M"], len(data["mean"])) == (walk.SAMPLES, walk.M, walk.SHOWN)
    assert data["line"] == 1
    assert "A variational autoencoder learns in six lines" in words(opened(model="two"))
    assert "no gradient passes it" in words(opened(model="two", graph="z drawn at random"))


def test_with_it_the_batch_comes_from_its_training_images(cache, digits, monkeypatch):
    publish(cache, "two", shape=digits.shape, activation="tanh")
    monkeypatch.setattr(test_images, "material", lambda model: test_images.Material(digits, ""))
    data = given(opened(model="two"), "walk")
    assert data["whose"] == "training images"
    assert data["N"] == len(digits.train) - min(5000, len(digits.train) - 1)


@pytest.mark.parametrize("start", walk.WEIGHTS_FROM)
def test_the_numbers_are_those_of_a_step_that_is_taken_anew(two, start):
    images = walk.own(two)
    lab = walk.begin(two, images, start)
    vae = two.entry.load().vae if start == "trained" else walk.begin(two, images, start)["vae"]
    if start == "random":  # the fresh copy has taken its first step already
        vae = walk.build(two.entry.settings.model, two.entry.shape, generator(0, 0, 0))
    x, noise, _ = walk.batch(two, images, 0)
    expected = elbo(vae, x, noise[None])
    seen = lab["seen"]
    assert seen["reconstruction"] == pytest.approx(expected.reconstruction[: walk.SHOWN].tolist(), rel=1e-5)
    assert seen["kl"] == pytest.approx(expected.kl[: walk.SHOWN].tolist(), rel=1e-4, abs=1e-6)
    assert seen["reconstructionMean"] == pytest.approx(expected.reconstruction.mean().item(), rel=1e-5)
    with torch.no_grad():
        after = elbo(lab["vae"], x, noise[None]).value.mean().item()
    assert seen["after"] == pytest.approx(after, rel=1e-5)
    for part in single_step.PARTS:
        before = torch.cat([w.flatten() for w in getattr(vae, part).parameters()])
        now = torch.cat([w.flatten() for w in getattr(lab["vae"], part).parameters()])
        assert seen["parts"][part]["moved"] == pytest.approx((now - before).norm().item(), rel=1e-4)
        assert seen["parts"][part]["count"] == len(now)


def test_what_flows_back_adds_up_along_the_edges(two):
    seen = walk.begin(two, walk.own(two), "trained")["seen"]
    for k in range(walk.SHOWN):
        assert seen["flows"]["mean"][k] == pytest.approx(seen["flows"]["z"][k], rel=1e-5)  # dz / dmu = 1
        biggest = max(map(abs, seen["noise"][k]))
        assert seen["flows"]["sigma"][k] <= biggest * seen["flows"]["z"][k] * (1 + 1e-5)  # dz / dsigma = eps
    assert seen["ratio"] > 1


def repeated(model, images, lab, count: int, moment: float) -> None:
    """As the browser asks: for all but the one that is shown, and then for what was left."""
    walk.go(model, images, lab, {"skip": count - 1, "moment": moment})
    while lab["left"]:
        moment += 0.001
        walk.go(model, images, lab, {"skip": lab["left"], "moment": moment})


def test_many_iterations_that_take_long_are_told_as_they_come(two, monkeypatch):
    monkeypatch.setattr(walk, "ANSWER", -1)
    images = walk.own(two)
    slow, quick = (walk.begin(two, images, "random") for _ in range(2))
    walk.go(two, images, slow, {"skip": 4, "moment": 1})
    assert (slow["count"], slow["left"], len(slow["bounds"])) == (2, 3, 1)
    for moment in (2, 3, 4):
        walk.go(two, images, slow, {"skip": slow["left"], "moment": moment})
    monkeypatch.setattr(walk, "ANSWER", 3600)
    walk.go(two, images, quick, {"skip": 4, "moment": 1})
    assert slow["bounds"] == quick["bounds"]
    assert (slow["count"], slow["left"]) == (quick["count"], quick["left"]) == (6, 0)


def test_fifty_iterations_are_fifty_and_the_bound_rises(two):
    images = walk.own(two)
    lab = walk.begin(two, images, "random")
    repeated(two, images, lab, 50, 1)
    assert lab["count"] == 51  # with the first
    assert [count for count, _ in lab["bounds"]] == [0, 51]
    assert lab["bounds"][1][1] > lab["bounds"][0][1] + 1
    walk.go(two, images, lab, {"skip": 49, "moment": lab["moment"]})
    assert lab["count"] == 51, "the same click once more"
    repeated(two, images, lab, 10**9, 2)
    assert lab["count"] == 51 + walk.AT_ONCE, "no address or click asks for more"
    with torch.no_grad():
        noise = torch.randn(1, len(images.held_out), 2, generator=torch.Generator().manual_seed(0))
        walk.measure(lab, images)
        assert lab["bounds"][-1][1] == pytest.approx(elbo(lab["vae"], images.held_out, noise).value.mean().item())


def test_past_a_random_z_an_iteration_follows_another_gradient(two):
    images = walk.own(two)
    through, past = (walk.begin(two, images, "trained", graph) for graph in walk.GRAPHS)
    for name in ("reconstruction", "kl", "z"):
        assert through["seen"][name] == past["seen"][name], "the same images, noise and weights"
    ours, theirs = through["seen"]["parts"], past["seen"]["parts"]
    assert ours["decoder"]["gradient"] == pytest.approx(theirs["decoder"]["gradient"], rel=1e-4)
    assert theirs["encoder"]["gradient"] > 2 * ours["encoder"]["gradient"], "the noise of the score function"
    assert [lab["graph"] for lab in (through, past)] == list(walk.GRAPHS)


def test_it_begins_with_the_weights_and_the_learning_rate_of_training(two, digits):
    settings = two.entry.settings
    small = settings.with_fields(validation=0)
    fresh = walk.build(settings.model, digits.shape, generator(settings.train.seed, WEIGHTS, 0))
    for ours, theirs in zip(fresh.parameters(), initial(small, digits).parameters(), strict=True):
        assert torch.equal(ours, theirs)
    lab = {"start": "random", "count": 0, "optimizer": single_step.optimizer(fresh, settings.train)}
    assert walk.rate(two, lab) == pytest.approx(learning_rate(settings.train, 0))
    lab["start"] = "trained"
    assert walk.rate(two, lab) == pytest.approx(learning_rate(settings.train, settings.train.steps - 1))


def test_the_model_itself_and_other_visitors_stay_as_they_are(cache):
    entry = publish(cache, "two", activation="tanh")
    before = {name: w.clone() for name, w in entry.load().vae.state_dict().items()}
    one, other = opened(model="two", weights="trained"), opened(model="two", weights="trained")
    assert given(again(one), "walk")["count"] == given(other, "walk")["count"] == 1
    assert all(torch.equal(w, before[name]) for name, w in entry.load().vae.state_dict().items())


@pytest.mark.parametrize(
    "fields",
    [
        {"latent_dim": 1}, {"latent_dim": 12}, {"network": "conv", "encoder": (4, 6), "decoder": (6, 4)},
        {"likelihood": "gaussian", "pixels": "dequantised"}, {"beta": 0.0}, {"beta": 4.0},
        {"encoder": (), "decoder": (), "likelihood": "isotropic_gaussian", "pixels": "grey"},
    ],
)  # fmt: skip
def test_every_kind_of_model_has_its_walk(cache, fields):
    key = "".join(filter(str.isalnum, str(fields)))  # what is kept of one must not be shown for another
    publish(cache, key, **fields)
    data = given(opened(model=key), "walk")
    dims = fields.get("latent_dim", 2)
    assert (data["dims"], len(data["axes"]), len(data["z"][0])) == (dims, min(2, dims), min(2, dims))
    assert data["beta"] == fields.get("beta", 1.0)
    assert set(data["hidden"]) <= {"encoder", "decoder"}


def test_nonsense_in_the_address_is_said(cache):
    publish(cache, "two", activation="tanh")
    page = opened(model="two", line="seven", graph="none", weights="own")
    assert "line = seven" in words(page)
    assert "graph = none" in words(page)
    assert "weights = own" in words(page)


def test_an_autoencoder_samples_nothing_and_that_is_said(cache):
    publish(cache, "points", stochastic=False)
    assert "nothing to reparameterise" in words(opened(model="points"))


@pytest.mark.parametrize("graph", walk.GRAPHS)
def test_each_line_shows_code_that_runs(graph):
    lines = walk.CODE[graph]
    assert len(lines) == len(walk.LINES)
    assert "vae.posterior" in lines[1] + lines[2]
    assert ".backward()" in lines[3]
    assert ("log_prob(z)" in lines[3]) == (graph == "z drawn at random")
