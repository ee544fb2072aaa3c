"""Whatever stands in the address, Explore opens; what it cannot use it says in a sentence."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from dashboard.explore import interpolation
from dashboard.explore.plane import plane
from dashboard.shared import background, latent_point, model_picker, model_view, page_registry, test_images, url_state
from dashboard.shared.image_picker import image_picker, source
from tests.pages import visiting
from tests.pages.visiting import clicked, settled, words
from tests.small_models import own_digits, publish
from vae_core.runs.store import trained

pytestmark = pytest.mark.usefixtures("nothing_bundled")
KEYS = page_registry.page("explore").url_keys


def opened(**address: str) -> AppTest:
    return settled(visiting.opened("pages.py", **address))


NUMBERS = some.one_of(
    some.floats(allow_nan=True, allow_infinity=True).map(str), some.integers(-(10**30), 10**30).map(str),
    some.sampled_from(["", "-0", "1e999", "0x10", "٣", "³", "1_000", " 5 ", "nan", "prior", "prior-1", "prior٣", "½"]),
)  # fmt: skip
TEXTS = some.one_of(
    some.text(max_size=60), NUMBERS, some.lists(NUMBERS, max_size=22).map(",".join),
    some.sampled_from(["codes", "holes", "sample", "u", "spherical", "%00", "../..", "<script>", "A" * 5000, "\x00"]),
)  # fmt: skip


class Address(dict):
    def from_dict(self, other):
        self.clear()
        self.update(other)


@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(address=some.dictionaries(some.sampled_from(KEYS), TEXTS))
def test_five_hundred_addresses_are_read_without_an_exception(cache, monkeypatch, address):
    if trained().get("ten") is None:
        publish(cache, "ten", latent_dim=10)
    model = model_view.model(trained().get("ten"))
    query, session = Address(address), {}
    fake = SimpleNamespace(query_params=query, session_state=session)
    for module in (model_picker, image_picker):
        monkeypatch.setattr(module, "st", fake)
    offered = plane.backdrops(model)
    for _ in range(2):  # the second time it is what the first time made of it
        z = latent_point.point(model, source.start(model, None))
        axes, look = latent_point.axes(model), plane.look(offered)
        kind, number = source.wanted(model)
        pins = interpolation.pins(model)
        assert len(z) == 10
        assert all(low <= v <= high for v, (low, high) in zip(z, model.spans, strict=True))
        assert len(set(axes)) == 2
        assert set(axes) <= set(range(10))
        assert look["back"] in offered
        assert all(0 <= label < 10 for label in look["hide"])
        assert look["zoom"] is None or np.isfinite(look["zoom"]).all()
        assert kind in ("test", "prior", "none")
        assert 0 <= number < (len(model.mean) if kind == "test" else source.SEEDS)
        assert 0 <= source.redraw() <= source.SEEDS
        assert all(len(point) == 10 for point in pins.values())
        assert interpolation.via() in interpolation.WAYS
        said = session.pop("notices", [])
    assert said == []


@pytest.mark.parametrize(
    "address",
    [
        {"i": "-1"}, {"i": "9" * 40}, {"i": "prior"}, {"i": "drawn-28x28-2-AAAA"},
        {"i": "opened-999x999-16-" + "A" * 1600}, {"seed": "x"}, {"back": "<b>"}, {"zoom": "1,2"},
        {"zoom": "1,2,-3"}, {"hide": "11"}, {"a": "1"}, {"b": "nan,0"}, {"via": "teleport"},
        {"draw": "-3"}, {"pixels": "raw"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_used_is_said_once_and_the_page_opens(cache, address):
    publish(cache, "two")
    page = visiting.opened("pages.py", **address)
    assert "The address has" in words(page)
    page.run()
    assert "The address has" not in words(page)


def test_an_image_in_the_address_is_where_z_starts(cache, tmp_path):
    publish(cache, "own", count=100, name=str(own_digits(tmp_path)))
    page = opened(model="own", i="7")
    model = model_view.model(trained().get("own"))
    assert visiting.given(page, "plane")["z"] == pytest.approx(model.mean[7], abs=1e-3)


def test_a_link_without_its_image_shows_the_point_and_no_other_image(cache, tmp_path):
    publish(cache, "own", count=100, name=str(own_digits(tmp_path)))
    page = opened(model="own", i="none", z="0.4,-0.3")
    assert "The address has" not in words(page)
    assert page.query_params["i"] == "none"
    assert visiting.given(page, "plane")["z"] == [0.4, -0.3]


def test_a_view_that_a_model_lacks_is_left_out_without_a_word(cache):
    publish(cache, "points", stochastic=False)
    page = opened(model="points", back="holes")
    assert "The address has" not in words(page)
    assert visiting.given(page, "plane")["look"]["back"] == "codes"


def test_where_codes_are_points_nothing_is_said_of_a_prior(cache):
    publish(cache, "points", stochastic=False)
    page = opened(model="points", a="1,0", b="0,1")
    pad, way = visiting.given(page, "plane"), visiting.given(page, "interpolation")
    assert pad["points"]
    assert "prior" not in pad["backdrops"]
    assert not pad["chooser"]["dreams"]
    assert way["logPrior"] is None


def test_several_changes_are_written_at_once_and_no_change_not_at_all(monkeypatch):
    writes = []

    class Counted(Address):
        def from_dict(self, other):
            writes.append(dict(other))
            super().from_dict(other)

    fake = SimpleNamespace(query_params=Counted(model="two", i="5", z="1,1"), session_state={})
    monkeypatch.setattr(url_state, "st", fake)
    with url_state.one_entry():
        url_state.keep("i", "7")
        url_state.forget("z", "a")
        assert url_state.asked("i") == "7"
        assert url_state.asked("z") is None
    url_state.keep("i", "7")
    url_state.forget("b")
    assert writes == [{"model": "two", "i": "7"}]


def test_on_other_data_a_number_is_another_image(cache, tmp_path, monkeypatch):
    publish(cache, "own", count=100, name=str(own_digits(tmp_path)))
    publish(cache, "two")
    page = opened(model="own", i="none", z="0.4,-0.3", back="tiles")
    clicked(page, "two", monkeypatch)
    assert page.query_params["model"] == "two"
    assert "i" not in page.query_params
    assert "z" not in page.query_params


def test_pins_in_the_address_give_a_way_between_them(cache, tmp_path):
    publish(cache, "own", count=100, name=str(own_digits(tmp_path)))
    points = interpolation.path  # its ends are the pins
    page = opened(model="own", a="1,0", b="0,1")
    assert page.query_params["a"] == "1,0"
    model = model_view.model(trained().get("own"))
    with_ends = points(model, {"A": [1.0, 0.0], "B": [0.0, 1.0]})
    assert with_ends[0] == pytest.approx([1, 0])
    assert with_ends[-1] == pytest.approx([0, 1])


def test_another_kind_of_x_is_refused_in_a_sentence(cache, tmp_path):
    publish(cache, "own", count=100, name=str(own_digits(tmp_path)))
    model = model_view.model(trained().get("own"))
    test_images.material(model)
    background.finish()
    for wish, said in (
        ({"by": "number", "number": 100}, "no test image 100"),
        ({"by": "drawn", "levels": ""}, "112x112"),
        ({"by": "opened", "file": ""}, "no whole picture"),
    ):
        assert image_picker.apply(model, wish) is None
        assert said in image_picker.st.session_state["image note"][0]


def test_an_image_number_of_a_larger_model_is_only_said_where_the_address_asks_for_it(cache):
    publish(cache, "many", count=100)
    publish(cache, "few", count=20)
    page = visiting.opened("pages.py", model="many", i="57")
    assert page.query_params["i"] == "57"
    page.query_params["model"] = "few"
    visiting.again(page)
    assert page.query_params["i"] == "0"
    assert "not the number of a test image" not in words(page)
    asked = visiting.opened("pages.py", model="few", i="57")
    assert asked.query_params["i"] == "0"
    assert "i = 57, not the number of a test image" in words(asked)
