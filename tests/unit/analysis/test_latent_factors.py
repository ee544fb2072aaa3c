import numpy as np
import pytest

from vae_core.analysis.latent_factors import TRAITS, between, correlations, followers, measured, regression
from vae_core.data.datasets import load_dataset
from vae_core.runs.store import find

SHAPE = (41, 51)


def bar(shear: float = 0.0, height: float = 30.0, width: float = 6.0, scale: float = 1.0) -> np.ndarray:
    """A bar of `height` and `width` pixels, sheared to the right, drawn with 8x8 points per pixel."""
    y, x = (np.mgrid[: SHAPE[0] * 8, : SHAPE[1] * 8] + 0.5) / 8
    up, right = SHAPE[0] / 2 - y, x - SHAPE[1] / 2
    inside = (np.abs(up) < height / 2) & (np.abs(right - shear * up) < width / 2)
    return np.rint(255 * scale * inside.reshape(SHAPE[0], 8, SHAPE[1], 8).mean((1, 3))).astype(np.uint8).ravel()


def of(images: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(TRAITS, measured(np.atleast_2d(images), SHAPE).T, strict=True))


@pytest.mark.parametrize("degrees", [-30, -10, 0, 5, 25])
def test_the_slant_of_a_sheared_bar_is_its_shear(degrees):
    assert of(bar(np.tan(np.radians(degrees))))["slant"][0] == pytest.approx(degrees, abs=0.3)


@pytest.mark.parametrize(("height", "width"), [(30, 6), (12, 20), (8, 8)])
def test_height_width_and_ink_of_a_bar_are_its_own(height, width):
    found = of(bar(height=height, width=width))
    assert found["height"][0] == pytest.approx(height, rel=0.03)
    assert found["width"][0] == pytest.approx(width, rel=0.03)
    assert found["ink"][0] == pytest.approx(height * width, rel=0.01)


@pytest.mark.parametrize("width", [3, 5])
def test_the_thickness_of_a_long_line_is_its_width(width):
    assert of(bar(height=36, width=width))["thickness"][0] == pytest.approx(width, rel=0.2)


def test_bytes_and_shares_of_ink_measure_alike():
    image = bar(0.2)
    np.testing.assert_allclose(measured(image[None], SHAPE), measured(image[None] / 255, SHAPE), rtol=1e-12)


def test_an_empty_image_has_no_traits_and_is_left_out():
    images = np.stack([bar(s, height=20 + h) for s in (0, 0.1, 0.2, 0.3) for h in (0, 5)] + [bar(scale=0)])
    found = measured(images, SHAPE)
    assert np.isnan(found[-1, TRAITS.index("slant")])
    codes = np.arange(9.0)[:, None]
    np.testing.assert_array_equal(correlations(codes, found), correlations(codes[:8], found[:8]))


def test_r_is_numpy_s():
    rng = np.random.default_rng(0)
    codes, traits = rng.normal(size=(200, 3)), rng.normal(size=(200, 4))
    traits[:, 1] += 2 * codes[:, 2]
    expected = np.corrcoef(codes.T, traits.T)[:3, 3:]
    np.testing.assert_allclose(correlations(codes, traits), expected, atol=1e-12)


def test_the_traits_of_the_test_images_are_related_as_numpy_says(mnist):
    traits = measured(mnist.test[:500].numpy(), (28, 28))
    np.testing.assert_allclose(between(traits), np.corrcoef(traits.T), atol=1e-12)


def test_a_constant_trait_has_no_r_with_any_other_nor_with_itself():
    traits = np.random.default_rng(4).normal(size=(50, 3))
    traits[:, 1] = 7
    r = between(traits)
    assert np.isnan(r[1]).all()
    assert np.isnan(r[:, 1]).all()
    np.testing.assert_allclose(r[::2, ::2], np.corrcoef(traits[:, ::2].T), atol=1e-12)


def test_a_dead_dimension_and_a_constant_trait_correlate_with_nothing():
    rng = np.random.default_rng(1)
    codes, traits = rng.normal(size=(100, 2)), rng.normal(size=(100, 2))
    codes[:, 1], traits[:, 0] = 0.3, 7
    r, fit = correlations(codes, traits), regression(codes, traits)
    assert (r[1] == 0).all()
    assert (r[:, 0] == 0).all()
    assert fit.explained[0] == 0


def test_the_regression_finds_the_weights_that_made_the_trait():
    rng = np.random.default_rng(2)
    codes = rng.normal(size=(5000, 3)) * (1, 5, 0.2)
    trait = 3 * codes[:, :1] - 0.2 * codes[:, 1:2] + 0.5 * rng.normal(size=(5000, 1))
    fit = regression(codes, trait)
    spread = trait.std()
    np.testing.assert_allclose(fit.weights[:, 0], np.array([3, -1, 0]) / spread, atol=0.02)
    assert fit.explained[0] == pytest.approx(1 - 0.25 / spread**2, abs=0.01)


def test_the_follower_of_each_trait_is_named_and_checked():
    rng = np.random.default_rng(3)
    codes = rng.normal(size=(2000, 4))
    traits = np.stack([-codes[:, 3], codes[:, 1] + 0.5 * rng.normal(size=2000), rng.normal(size=2000)], 1)
    first, second, none = followers(codes, traits, ("slant", "ink", "noise"))
    assert (first.trait, first.dimension, first.agrees) == ("slant", 3, True)
    assert first.r == pytest.approx(-1)
    assert (second.trait, second.dimension) == ("ink", 1)
    assert abs(none.r) < 0.1
    assert none.explained < 0.02


def test_codes_and_traits_of_other_images_are_refused():
    with pytest.raises(ValueError, match="3 codes and the traits of 4 images"):
        correlations(np.zeros((3, 2)), np.zeros((4, 2)))


def test_measured_traits_of_strokes_follow_the_factors_that_drew_them():
    from numpy.random import default_rng

    from vae_core.data.strokes import FACTORS, strokes

    drawn = strokes(1500, default_rng(0))
    r = correlations(measured(drawn.images, (28, 28)), drawn.factors)
    assert r[TRAITS.index("thickness"), FACTORS.index("thickness")] > 0.9
    ones = drawn.labels == 1
    r = correlations(measured(drawn.images[ones], (28, 28)), drawn.factors[ones])
    assert r[TRAITS.index("slant"), FACTORS.index("slant")] > 0.6


def bundled_codes(name: str) -> np.ndarray:
    entry = find(name)
    if entry is None or entry.status != "done":
        pytest.skip(f"{name} is not bundled yet")
    return entry.codes().mean.astype(float)


def test_the_ten_dimensional_mnist_model_has_found_slant_and_ink(mnist):
    """On test images; the multiple correlation, with all dimensions, is higher still."""
    found = {f.trait: f for f in followers(bundled_codes("mnist-10d"), measured(mnist.test.numpy(), (28, 28)))}
    for trait in ("slant", "ink", "width"):
        assert abs(found[trait].r) > 0.6
        assert found[trait].agrees
    for trait in ("slant", "ink"):
        assert found[trait].explained ** 0.5 > 0.9


def test_the_ten_dimensional_strokes_model_names_the_dimension_of_each_factor_that_it_follows():
    codes, factors = bundled_codes("strokes-10d"), load_dataset("strokes").factors
    found = followers(codes, factors.test.numpy(), factors.names)
    named = [f for f in found if abs(f.r) > 0.25]
    assert {"thickness", "slant"} <= {f.trait for f in named}
    assert all(f.agrees for f in named)
    assert all(f.explained >= f.r**2 for f in found)
