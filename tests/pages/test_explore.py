"""Explore as Python sees it: what opens, what the address does, what a slider changes. Pixels are tests/browser's."""

import os
import subprocess
import sys
from functools import partial

import pytest

from tests.pages import visiting
from tests.pages.visiting import words
from tests.server import ROOT
from tests.small_models import publish, unfinished

pytestmark = pytest.mark.usefixtures("nothing_bundled")
opened = partial(visiting.opened, "pages.py")


def test_it_opens_with_a_slider_for_each_dimension(cache):
    publish(cache, "two")
    page = opened()
    assert "Every point is an image" in words(page)
    assert [slider.label for slider in page.slider] == ["z₁", "z₂"]
    assert page.query_params["model"] == "two"


def test_no_model_yet_is_an_invitation_not_an_error(cache):
    page = opened()
    assert "There is no model yet" in words(page)
    assert "python -m vae_core train" in words(page)


def test_the_address_reopens_model_and_point(cache):
    publish(cache, "two")
    publish(cache, "ten", latent_dim=10)
    page = opened(model="two", z="0.9,-1.35", unknown="key")
    assert [slider.value for slider in page.slider] == [0.9, -1.35]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"model": "../../etc/passwd"}, "The address asks for a model"),
        ({"z": "1,2,3"}, "not 2 numbers"),
        ({"z": "nan,0"}, "not 2 numbers"),
        ({"z": "<script>alert(1)</script>"}, "not 2 numbers"),
    ],
)
def test_nonsense_in_the_address_gets_the_default_and_one_sentence(cache, address, sentence):
    publish(cache, "two")
    page = opened(**address)
    assert sentence in words(page)
    assert "<script>" not in words(page)
    assert page.query_params["model"] == "two"
    assert len(page.slider) == 2


def test_a_point_far_outside_is_brought_to_the_rim(cache):
    publish(cache, "two")
    page = opened(z="99,-99")
    assert page.slider[0].value == page.slider[0].max
    assert page.slider[1].value == page.slider[1].min


def test_a_slider_moves_its_dimension_and_the_address(cache):
    publish(cache, "two")
    page = opened(z="0.9,-1.35")
    page.slider[0].set_value(0.3).run()
    assert page.query_params["z"] == "0.300,-1.350"
    assert [slider.value for slider in page.slider] == [0.3, -1.35]


def test_a_slider_leaves_the_other_dimensions_where_they_are_now(cache):
    """Not where they were when it was drawn: the plane may have moved them since."""
    publish(cache, "two")
    page = opened(model="two", z="0.900,-1.350")
    page.query_params["z"] = "0.100,0.700"
    page.slider[0].set_value(0.3).run()
    assert [slider.value for slider in page.slider] == [0.3, 0.7]


def test_many_dimensions_show_the_largest_four_and_fold_the_rest(cache):
    publish(cache, "ten", latent_dim=10)
    page = opened(model="ten")
    assert len(page.slider) == 10
    assert page.expander[0].label.startswith("6 more dimensions")


def test_axes_that_do_not_exist_are_said(cache):
    publish(cache, "ten", latent_dim=10)
    assert "not two of 10 dimensions" in words(opened(model="ten", axes="3,99"))


def test_another_model_can_be_picked_and_an_unfinished_one_cannot(cache):
    publish(cache, "two")
    publish(cache, "one", latent_dim=1)
    unfinished(cache, "half")
    page = opened(model="two", z="1.5,0.5")
    buttons = {button.key: button for button in page.button}
    assert buttons["pick-half"].disabled
    assert "step 640" in buttons["pick-half"].label
    buttons["pick-one"].click().run()
    assert not page.exception
    assert page.query_params["model"] == "one"
    assert len(page.slider) == 1


def test_a_damaged_model_is_said_in_a_sentence_and_another_one_opens(cache):
    publish(cache, "two")
    broken = publish(cache, "broken")
    file = broken.folder / "model.safetensors"
    data = bytearray(file.read_bytes())
    data[-5] ^= 1
    file.write_bytes(bytes(data))
    page = opened(model="broken")
    assert "damaged" in words(page)
    assert page.query_params["model"] == "two"


def test_every_kind_of_model_opens(cache):
    publish(cache, "one", latent_dim=1)
    publish(cache, "face", shape=(28, 20), labelled=False, likelihood="gaussian", pixels="dequantised")
    publish(cache, "points", stochastic=False)
    publish(cache, "conv", network="conv", encoder=(4, 8), decoder=(8, 4), latent_dim=3)
    for key in ("one", "face", "points", "conv"):
        assert opened(model=key).query_params["model"] == key


def test_the_first_page_lives_without_torch(cache):  # plotly comes in with `import streamlit` itself
    publish(cache, "two")
    script = (
        "import sys; from streamlit.testing.v1 import AppTest;"
        "page = AppTest.from_file('dashboard/pages.py', default_timeout=60); page.run();"
        "assert not page.exception and len(page.slider) == 2;"
        "print([name for name in ('torch', 'torchvision', 'scipy', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr


def test_only_damaged_models_are_an_invitation_too(cache):
    entry = publish(cache, "broken")
    (entry.folder / "model.safetensors").write_bytes(b"nothing")
    page = opened()
    assert "cut short" in words(page)
    assert "There is no model yet" in words(page)
