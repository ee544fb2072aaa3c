"""The bound over the test set: every row is what the single image's own page says, and it fills chunk by chunk."""

import numpy as np
import pytest

from dashboard import bounds, images, later, state, testset
from tests.pages.test_explore import _nothing_bundled  # noqa: F401  the fixture is used by pytest
from tests.small_models import publish


@pytest.fixture(params=[2, 10], ids=["two", "ten"])
def model(request, cache, digits, monkeypatch):
    made = state.model(publish(cache, f"of-{request.param}", latent_dim=request.param, activation="tanh"))
    monkeypatch.setattr(images, "material", lambda model: images.Material(digits, ""))
    monkeypatch.setattr(testset, "COUNT", 60)
    return made


def filled(model) -> testset.Table:
    assert testset.table(model) is None, "nothing is waited for"
    later.finish()
    return testset.table(model)


def test_every_row_is_what_the_image_itself_gives(model, digits):
    known = filled(model)
    assert known.index.tolist() == list(range(60))
    assert known.label.tolist() == digits.test_labels[:60].tolist()
    assert known.elbo == pytest.approx(known.reconstruction - known.kl, abs=1e-3)
    for i in (0, 59):
        s = bounds.subject(model, digits.observed("test", i, 0, "dynamic")[0].numpy())
        one = bounds.bound(s, bounds.encoder(s))
        assert known.kl[i] == pytest.approx(one.kl, abs=1e-3)
        if model.dims == 2:
            assert known.log_px[i] == pytest.approx(bounds.exact(s).log_px, abs=2e-3)
            assert known.gap[i] == pytest.approx(one.gap, abs=2e-3)


def test_what_nobody_knows_is_no_column(model):
    shown = testset.columns(model, filled(model), 3, "")
    rows = testset.rows(model, filled_again(model))
    exact = model.dims == 2
    assert ("gap" in shown) == exact == ("gap" in rows)
    assert ("log_px" in shown) == exact == ("log p(x)" in rows)
    assert len(rows["image"]) == len(shown["elbo"]) == 60
    assert rows["image"][0].startswith("data:image/png;base64,")


def filled_again(model) -> testset.Table:
    return testset.table(model)


def test_the_percentile_counts_the_less_likely():
    column = np.arange(4.0)
    known = testset.Table(column, None, column, column, column, column, np.array([-5.0, -4.0, -3.0, -2.0]))
    assert testset.percentile(known, -3.5) == 0.5
    assert testset.percentile(known, -9) == 0
