import time

import numpy as np
import pytest

from vae_core.data.strokes import FACTORS, SIDE, SKELETONS, TREMOR, VERSION, render, sample_factors, spline, strokes

STEADY = {"thickness": 2.4, "form": 0.5, "scale": 19, "aspect": 1}


@pytest.fixture(scope="module")
def drawn():
    return strokes(6000, np.random.default_rng(3))


def every_style(**changed):
    """One steady picture of each class and style, (30, 28, 28), with some factors changed."""
    labels, styles = np.array(list(SKELETONS)).T
    wanted = dict.fromkeys(FACTORS, 0) | STEADY | changed | {"style": styles}
    factors = np.stack([np.broadcast_to(wanted[name], len(labels)) for name in FACTORS], axis=1)
    return render(labels, factors).reshape(-1, SIDE, SIDE) / 255


def moments(images):
    """Variances across and down and their covariance, each (N,), in pixels squared."""
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    mass = images.sum((1, 2))
    x, y = (x - ((images * axis).sum((1, 2)) / mass)[:, None, None] for axis, x in ((x, x), (y, y)))
    return tuple((images * product).sum((1, 2)) / mass for product in (x * x, y * y, x * y))


def explained(images, groups):
    """Share of the pixel variance that the mean picture of each group explains."""
    centred = images - images.mean(0)
    within = sum(((centred[groups == g] - centred[groups == g].mean(0)) ** 2).sum() for g in np.unique(groups))
    return 1 - within / (centred**2).sum()


def test_the_same_seed_draws_the_same_bytes_and_another_seed_does_not():
    first, again, other = (strokes(300, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(first, again, strict=True))
    assert first.images.tobytes() != other.images.tobytes()


def test_changed_pixels_ask_for_a_new_version():
    ink = int(strokes(1000, np.random.default_rng(0)).images.sum(dtype=np.int64))
    assert (VERSION, ink) == (
        1,
        pytest.approx(22_253_428, abs=30),
    )  # another machine may round a few pixels differently


def test_seventy_thousand_digits_take_less_than_ten_seconds():
    start = time.process_time()  # of this process: a busy neighbour is not our slowness
    assert strokes(70_000, np.random.default_rng(0)).images.shape == (70_000, 784)
    assert time.process_time() - start < 10


def test_pictures_labels_and_factors_have_the_promised_shapes_and_types(drawn):
    assert [(a.shape, a.dtype) for a in drawn] == [
        ((6000, 784), np.uint8),
        ((6000,), np.uint8),
        ((6000, len(FACTORS)), np.float32),
    ]


def test_every_digit_is_equally_frequent_and_in_no_order(drawn):
    assert np.bincount(drawn.labels).tolist() == [600] * 10
    assert abs(np.corrcoef(drawn.labels[1:], drawn.labels[:-1])[0, 1]) < 0.05


def test_every_picture_has_ink_and_none_touches_the_border(drawn):
    images = drawn.images.reshape(-1, SIDE, SIDE)
    assert (images.max((1, 2)) > 150).all()
    assert not np.concatenate([images[:, [0, -1]].ravel(), images[:, :, [0, -1]].ravel()]).any()


def test_a_picture_depends_on_its_own_factors_and_not_on_its_neighbours(drawn):
    rng = np.random.default_rng(5)
    tremor = rng.standard_normal((600, TREMOR, 2)).astype(np.float32)
    labels, factors = drawn.labels[:600], drawn.factors[:600]
    together = render(labels, factors, tremor)
    assert (together[7:8] == render(labels[7:8], factors[7:8], tremor[7:8])).all()


def test_ink_lies_near_the_middle_of_the_picture(drawn):
    images, (y, x) = drawn.images.reshape(-1, SIDE, SIDE) / 255, np.mgrid[:SIDE, :SIDE] + 0.5
    off = [np.abs((images * axis).sum((1, 2)) / images.sum((1, 2)) - SIDE / 2) for axis in (x, y)]
    assert np.quantile(off, 0.95) < 1


def test_a_thicker_pen_leaves_more_ink():
    ink = np.stack([every_style(thickness=width).sum((1, 2)) for width in (1.6, 2.2, 2.8, 3.4)])
    assert (np.diff(ink, axis=0) > 0).all()


def test_slant_leans_the_picture_to_the_right():
    lean = []
    for degrees in (-20, -5, 10, 25, 40):
        _, down, both = moments(every_style(slant=degrees))
        lean.append(-both / down)
    assert (np.diff(lean, axis=0) > 0).all()


def test_aspect_widens_and_scale_enlarges():
    shape = np.stack([across / down for across, down, _ in (moments(every_style(aspect=a)) for a in (0.75, 1, 1.3))])
    size = np.stack([across + down for across, down, _ in (moments(every_style(scale=s)) for s in (17, 18.5, 20))])
    assert (np.diff(shape[:, 6:], axis=0) > 0).all()  # a bare 1 has hardly a width
    assert (np.diff(size, axis=0) > 0).all()


def test_rotation_turns_the_page_clockwise():
    one, _, _ = every_style(slant=0, form=0)[3:6]
    across, down, both = moments(np.stack([one, every_style(rotation=30, form=0)[3]]))
    angle = np.degrees(np.arctan2(2 * both, across - down) / 2) % 180
    assert angle[1] - angle[0] == pytest.approx(30, abs=2)


@pytest.mark.parametrize("name", FACTORS[1:-1])
def test_each_continuous_factor_changes_every_style(name):
    low, high = np.quantile(sample_factors(1000, np.random.default_rng(0))[:, FACTORS.index(name)], [0.05, 0.95])
    change = np.abs(every_style(**{name: low}) - every_style(**{name: high})).sum((1, 2))
    assert (change > 1).all()


def test_the_spline_passes_its_points_and_keeps_a_line_straight():
    bent = np.array([[0, 0], [1, 2], [3, 1]], float)
    assert np.abs(spline(bent, 2001) @ bent - bent[1]).sum(1).min() < 2e-3
    assert np.allclose((spline(bent) @ bent)[[0, -1]], bent[[0, -1]])
    line = np.array([[0, 0], [1, 2], [3, 6], [4, 8]], float)
    assert np.allclose(spline(line) @ line, np.linspace(line[0], line[-1], 200))


def test_styles_of_a_class_differ_and_wobble_needs_a_tremor():
    images = every_style().reshape(10, 3, -1)
    assert all(np.abs(images[:, a] - images[:, b]).sum(1).min() > 10 for a, b in ((0, 1), (0, 2), (1, 2)))
    assert (every_style(wobble=0.05) == every_style()).all()


def test_no_single_factor_explains_two_fifths_of_the_pixels(drawn):
    images = drawn.images / np.float32(255)
    assert explained(images, drawn.labels) < 0.4
    for column in drawn.factors.T:
        bins = np.digitize(column, np.quantile(column, np.linspace(0, 1, 21)[1:-1]))
        assert explained(images, bins) < 0.4
