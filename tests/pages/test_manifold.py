"""Manifold as Python sees it: its claim and the numbers of its caption."""

from functools import partial
from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.manifold import prior_samples
from dashboard.manifold.grid import grid
from dashboard.shared import background, caching, model_view
from tests.pages import visiting
from tests.pages.visiting import given, words
from tests.small_models import publish
from vae_core.runs.store import trained

pytestmark = pytest.mark.usefixtures("nothing_bundled")
opened = partial(visiting.opened, "manifold/manifold.py")


def test_it_opens_with_twenty_tiles_to_a_side(cache):
    publish(cache, "two")
    page = opened()
    assert "The prior is cut into 400 equal shares, one tile each" in words(page)
    caption = given(page, "grid")["caption"]
    assert "so their tiles sit at ±1.96. Beyond them" in caption  # u = 1/40 and 39/40
    assert "<b>9.8\u00a0%</b> of the prior" in caption


def test_it_opens_empty(cache):
    assert "There is no model yet" in words(opened())


def test_the_number_of_tiles_changes_the_claim(cache):
    publish(cache, "two")
    assert "cut into 49 equal shares" in words(opened(n="7"))


def test_equal_steps_change_the_claim(cache):
    publish(cache, "two")
    inside = 100 * (2 * NormalDist().cdf(1) - 1) ** 2
    page = opened(spacing="linear")
    assert f"The middle ninth of this square holds {inside:.0f}\u00a0% of the prior" in words(page)
    caption = given(page, "grid")["caption"]
    assert "The grid ends at ±3" in caption
    outside = 100 * (1 - (2 * NormalDist().cdf(3) - 1) ** 2)
    assert f"<b>{outside:.2f}\u00a0%</b> of the prior" in caption


@pytest.mark.parametrize("address", [{"n": "4"}, {"n": "many"}, {"n": "-7"}, {"spacing": "log"}, {"z": "a,b"}])
def test_nonsense_in_the_address_gets_the_default_and_one_sentence(cache, address):
    publish(cache, "two")
    page = opened(**address)
    assert "The address has" in words(page)
    assert "400 equal shares" in words(page)


def test_every_kind_of_model_opens(cache):
    publish(cache, "one", latent_dim=1)
    publish(cache, "ten", latent_dim=10)
    publish(cache, "face", shape=(28, 20), labelled=False, likelihood="gaussian", pixels="dequantised")
    publish(cache, "conv", network="conv", encoder=(4, 8), decoder=(8, 4), latent_dim=3)
    for key in ("one", "ten", "face", "conv"):
        assert opened(model=key, n="5").query_params["model"] == key


def test_the_plane_covers_the_codes_and_is_never_narrower_than_the_prior(cache):
    entry = publish(cache, "two")
    model = model_view.model(trained().get("two"))
    for d, (low, high) in enumerate(model.spans):
        values = entry.codes().mean[:, d]
        assert low <= -3.25
        assert high >= 3.25
        assert np.mean((values >= low) & (values <= high)) >= 0.995


def test_codes_that_lie_far_out_get_their_own_range():
    low, high = model_view.span(np.linspace(-30, 10, 1001))
    assert low <= -29
    assert 9 <= high <= 11


def test_every_layer_and_every_choice_of_the_other_dimensions_opens(cache):
    publish(cache, "one", latent_dim=1)
    publish(cache, "two")
    publish(cache, "ten", latent_dim=10)
    publish(cache, "conv", network="conv", encoder=(4, 8), decoder=(8, 4), latent_dim=3)
    for key in ("one", "two", "ten", "conv"):
        for over in ("tiles", "classes", "codes"):
            page = opened(model=key, n="5", over=over, others="code", i="7")
            assert "The address has" not in words(page)


def test_a_layer_that_this_model_cannot_have_is_left_out_without_a_word(cache):
    publish(cache, "face", shape=(28, 20), labelled=False, likelihood="gaussian", pixels="dequantised")
    assert "The address has" not in words(opened(model="face", over="classes"))


@pytest.mark.parametrize(
    "address", [{"over": "everything"}, {"others": "7"}, {"others": "code", "i": "99999"}, {"samples": "-1"}]
)
def test_nonsense_about_layers_images_and_seeds_gets_one_sentence(cache, address):
    publish(cache, "two")
    publish(cache, "ten", latent_dim=10)
    assert "The address has" in words(opened(model="ten", **address))


def test_a_prior_draw_that_explore_left_in_the_address_is_no_nonsense(cache):
    publish(cache, "ten", latent_dim=10)
    assert "The address has" not in words(opened(model="ten", others="code", i="prior12"))
    assert "The address has" not in words(opened(model="ten", others="code", i="none"))


def test_tiles_of_more_dimensions_are_tiles_of_two_of_them(cache):
    publish(cache, "ten", latent_dim=10)
    assert "The prior of z₂ and z₅ is cut into 400" in words(opened(axes="2,5"))


def test_an_autoencoder_s_claim_is_about_its_codes(cache):
    publish(cache, "points", stochastic=False)
    assert "of the codes lie elsewhere" in words(opened())


def test_the_points_of_a_grid_are_read_like_a_plot_and_keep_the_base():
    z = grid.points(4, "inverse CDF", (2, 0), [9.0, 0.5, 9.0])
    assert z.shape == (16, 3)
    assert (z[:, 1] == 0.5).all()
    across, up = z[:, 2].reshape(4, 4), z[:, 0].reshape(4, 4)
    assert (np.diff(across, axis=1) > 0).all()
    assert (np.diff(up, axis=0) < 0).all()
    assert z[0, 2] == pytest.approx(NormalDist().inv_cdf(1 / 8))


def labelled(mean: np.ndarray, labels: np.ndarray, logvar: float) -> SimpleNamespace:
    """Codes as a page's model has them."""
    stochastic = SimpleNamespace(
        settings=SimpleNamespace(model=SimpleNamespace(stochastic=True)), key=str(len(mean)), created="now",
        training_codes=lambda: None,
    )  # fmt: skip
    return SimpleNamespace(
        mean=mean.astype(np.float32), labels=labels.astype(np.uint8), logvar=np.full(mean.shape, logvar, np.float32),
        dims=mean.shape[1], entry=stochastic,
    )  # fmt: skip


@pytest.fixture
def told_apart(monkeypatch):
    """Models made of codes alone can be arguments of what is cached."""
    monkeypatch.setitem(caching.IDENTITY, "types.SimpleNamespace", id)


@pytest.mark.usefixtures("told_apart")
def test_a_tile_has_the_class_of_the_codes_around_it_and_a_hole_has_none():
    rng = np.random.default_rng(0)
    left, right = rng.normal((-1, 0), 0.2, (300, 2)), rng.normal((1, 0), 0.2, (300, 2))
    model = labelled(np.concatenate([left, right]), np.repeat([3, 8], 300), -4)
    found = grid.regions(model, 9, "linear", (0, 1), (0.0, 0.0))
    labels = np.array(found["labels"]).reshape(9, 9)
    assert labels[4, 3] == 3  # z = (-0.67, 0)
    assert labels[4, 5] == 8
    assert labels[0, 0] == labels[8, 8] == grid.NOBODY
    assert np.array(found["votes"]).reshape(9, 9)[4, 3] == grid.NEAREST


@pytest.mark.usefixtures("told_apart")
def test_in_more_dimensions_the_nearest_codes_are_sought_in_all_of_them_and_no_hole_is_claimed():
    """Both classes lie at the same place of the plane; the third dimension tells them apart."""
    rng = np.random.default_rng(1)
    mean = rng.normal(0, 0.3, (400, 3)) + np.repeat([[0, 0, -2], [0, 0, 2]], 200, axis=0)
    model = labelled(mean, np.repeat([1, 4], 200), -4)
    for third, label in ((-2.0, 1), (2.0, 4)):
        found = grid.regions(model, 5, "linear", (0, 1), (0.0, 0.0, third))
        assert set(found["labels"]) == {label}


def test_an_image_is_not_among_its_own_nearest_codes():
    """Labels at random: an image that counted itself would agree with itself once in fifteen."""
    rng = np.random.default_rng(2)
    model = labelled(rng.normal(size=(1000, 2)), rng.integers(0, 2, 1000), -4)
    found = grid.votes(model, model.mean[:200], grid.NEAREST + 1)
    found[np.arange(200), model.labels[:200]] -= 1
    assert (found.sum(1) == grid.NEAREST).all()
    assert found[np.arange(200), model.labels[:200]].mean() / grid.NEAREST == pytest.approx(0.5, abs=0.05)


def test_models_of_several_dimensions_stand_side_by_side_with_their_numbers(cache):
    publish(cache, "two")
    publish(cache, "ten", latent_dim=10)
    publish(cache, "conv", network="conv", encoder=(4, 8), decoder=(8, 4), latent_dim=5)
    publish(cache, "strict", latent_dim=20, beta=4.0)
    family = prior_samples.models_beside(model_view.model(trained().get("two")))
    assert [m.dims for m in family] == [2, 10]  # neither another network nor another beta
    opened()
    background.finish()
    page = opened(samples="3")
    assert page.query_params["samples"] == ["3"] or page.query_params["samples"] == "3"
    fact = prior_samples.measured_facts(family[0])
    assert 0 <= fact.undecided <= 784


def test_the_same_seed_draws_the_same_noise_for_every_model_and_another_seed_other_noise():
    two, ten = SimpleNamespace(dims=2), SimpleNamespace(dims=10)
    assert (prior_samples.noise(two, 7, 5) == prior_samples.noise(ten, 7, 5)[:, :2]).all()
    assert (prior_samples.noise(ten, 7, 5) != prior_samples.noise(ten, 7, 6)).any()
    assert prior_samples.noise(ten, 20_000, 0).std() == pytest.approx(1, abs=0.01)


VALUES = (
    "",
    "0",
    "-1",
    "2",
    "7",
    "41",
    "1e309",
    "nan",
    "٣",
    "a,b",
    "1,2",
    "0,0,0",
    "classes",
    "codes",
    "code",
    "linear",
    "x" * 3000,
)
KEYS = ("model", "z", "axes", "n", "spacing", "over", "others", "i", "samples", "q", "seed")


def fuzzed(cases: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    models = ("one", "two", "ten", "face", "conv", "<script>")
    for _ in range(cases):
        chosen = rng.choice(KEYS, rng.integers(1, 6), replace=False)
        opened(**{key: str(rng.choice(models if key == "model" else VALUES)) for key in chosen})


@pytest.fixture
def kinds(cache):
    publish(cache, "one", latent_dim=1)
    publish(cache, "two")
    publish(cache, "ten", latent_dim=10)
    publish(cache, "face", shape=(28, 20), labelled=False, likelihood="gaussian", pixels="dequantised")
    publish(cache, "conv", network="conv", encoder=(4, 8), decoder=(8, 4), latent_dim=3)


def test_no_address_is_an_error(kinds):
    fuzzed(40, seed=0)


@pytest.mark.long
def test_no_address_of_five_hundred_is_an_error(kinds):
    fuzzed(500, seed=1)
