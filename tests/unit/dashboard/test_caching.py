"""What is computed for a model is found again by the run that it is, however often the run is read."""

from dataclasses import replace
from importlib import import_module

import pytest

from dashboard.shared import caching, image_bound, model_view
from tests.small_models import publish


@pytest.mark.parametrize("name", caching.IDENTITY)
def test_every_type_that_is_told_apart_exists_under_its_name(name):
    module, _, kind = name.rpartition(".")
    assert getattr(import_module(module), kind).__qualname__ == kind


def test_a_run_read_twice_is_computed_once_and_one_made_anew_again(cache, digits):
    calls = []

    @caching.cached(max_entries=4)
    def counted(*what) -> int:
        calls.append(what)
        return len(calls)

    entry = publish(cache, "two")
    model, again = model_view.model(entry), model_view.Model(**model_view.model(entry).__dict__)
    later = replace(entry, manifest=entry.manifest | {"created": "2000-01-01T00:00:00"})
    x = digits.observed("test", [0, 1], 0, "dynamic").numpy()
    same = [
        (entry, replace(entry)),
        (model, again),
        (image_bound.bound_inputs(model, x[0]), image_bound.bound_inputs(again, x[0].copy())),
        (digits, replace(digits)),
    ]
    for first, second in same:
        assert counted(first) == counted(second)
    seen = {counted(first) for first, _ in same}
    assert len(seen) == 4
    others = [
        later,
        replace(model, entry=later),
        image_bound.bound_inputs(model, x[1]),
        replace(digits, fingerprint="other"),
    ]
    for other in others:
        assert counted(other) not in seen
