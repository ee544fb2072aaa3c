"""Explore as Python sees it: what opens, what the address does, what a slider changes. Pixels are tests/browser's."""

import os
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tests.pages import visiting
from tests.pages.visiting import clicked, given, words
from tests.server import ROOT
from tests.small_models import publish, unfinished

pytestmark = pytest.mark.usefixtures("nothing_bundled")
opened = partial(visiting.opened, "pages.py")


def point(page) -> list[float]:
    return given(page, "plane")["z"]


def strips(page) -> list[dict]:
    """The image strips with their handles, as the browser gets them."""
    return given(page, "sliders")["rows"]


def test_it_opens_with_a_strip_for_each_dimension(cache):
    publish(cache, "two")
    page = opened(z="0.5,-0.25")
    assert "Every point is an image" in words(page)
    assert [(strip["name"], strip["value"]) for strip in strips(page)] == [("z₁", 0.5), ("z₂", -0.25)]
    assert page.query_params["model"] == "two"


def test_no_model_yet_is_an_invitation_not_an_error(cache):
    page = opened()
    assert "There is no model yet" in words(page)
    assert "python -m vae_core train" in words(page)


def test_the_address_reopens_model_and_point(cache):
    publish(cache, "two")
    publish(cache, "ten", latent_dim=10)
    page = opened(model="two", z="0.9,-1.35", unknown="key")
    assert point(page) == [0.9, -1.35]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"model": "../../etc/passwd"}, "This link’s model isn’t on this machine"),
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
    assert len(strips(page)) == 2


def test_a_point_far_outside_is_brought_to_the_rim(cache):
    publish(cache, "two")
    page = opened(z="99,-99")
    first, second = strips(page)
    assert first["value"] == first["span"][1]
    assert second["value"] == second["span"][0]


def test_many_dimensions_show_the_planes_and_the_largest_and_fold_the_rest(cache):
    publish(cache, "ten", latent_dim=10)
    shown = given(opened(model="ten", axes="3,7"), "sliders")
    order = given(opened(model="ten", axes="3,7"), "plane")["order"]
    assert [strip["dim"] for strip in shown["rows"]] == [2, 6, *(d for d in order if d not in (2, 6))]
    assert shown["open"] == 4
    assert shown["more"].startswith("6 more dimensions (")
    assert all(float(strip["cost"]) >= 0 for strip in shown["rows"])


def test_the_dimensions_of_an_autoencoder_cost_nothing(cache):
    publish(cache, "points", latent_dim=6, stochastic=False)
    shown = given(opened(model="points"), "sliders")
    assert {strip["cost"] for strip in shown["rows"]} == {""}
    assert shown["more"] == "2 more dimensions"


def test_axes_that_do_not_exist_are_said(cache):
    publish(cache, "ten", latent_dim=10)
    assert "not two of 10 dimensions" in words(opened(model="ten", axes="3,99"))


def test_another_model_can_be_picked_and_an_unfinished_one_cannot(cache, monkeypatch):
    publish(cache, "two")
    publish(cache, "one", latent_dim=1)
    unfinished(cache, "half")
    page = opened(model="two", z="1.5,0.5")
    (mine,) = given(page, "model_gallery")["groups"]
    assert mine["name"] == "Yours"
    stops = {card["stops"][0]["key"]: card["stops"][0] for card in mine["cards"]}
    assert (stops["half"]["ready"], stops["two"]["ready"]) == (False, True)
    assert "step 640" in stops["half"]["result"]
    clicked(page, "one", monkeypatch)
    assert page.query_params["model"] == "one"
    assert len(strips(page)) == 1


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
        "shown = {each.proto.component_name for each in page.get('bidi_component')};"
        "assert not page.exception and {'vae_lab.plane', 'vae_lab.sliders'} <= shown;"
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


def test_a_trait_that_never_varies_is_said_to_be_the_same_everywhere():
    from dashboard.explore import latent_factors

    rng = np.random.default_rng(0)
    factors = rng.normal(size=(40, 3))
    factors[:, 2], factors[:, 1] = 5, factors[:, 0] + 0.1 * factors[:, 1]
    data = SimpleNamespace(factors=SimpleNamespace(names=("slant", "bow", "size"), test=torch.tensor(factors)))
    model = codes_as(factors[:, :2])
    found = latent_factors.measure(model, data)
    assert latent_factors.varies(found).tolist() == [True, True, False]
    assert "slant and bow most closely (r = 1.00)" in latent_factors.together(found)
    assert "The same in every image: size." in latent_factors.together(found)
    assert "size" not in latent_factors.said(found)
    data.factors.test = torch.full((40, 3), 2.0)
    nothing = latent_factors.measure(model, data)
    assert "nothing that a dimension could follow" in latent_factors.said(nothing)


def codes_as(mean, key="any"):
    settings = SimpleNamespace(model=SimpleNamespace(stochastic=True))
    entry = SimpleNamespace(key=key, settings=settings)
    return SimpleNamespace(mean=mean, logvar=np.full(mean.shape, -6.0), entry=entry)


def test_a_factor_in_one_dimension_is_said_to_be_there_and_a_rotation_is_measured_beside_it():
    from dashboard.explore import latent_factors
    from vae_core.analysis import disentanglement

    factors = np.random.default_rng(0).uniform(-2, 2, (4000, 2))
    data = SimpleNamespace(factors=SimpleNamespace(names=("hue", "size"), test=torch.tensor(factors)))
    model = codes_as(factors[:, ::-1])
    found = latent_factors.measure(model, data)
    text = latent_factors.disentangled(found, model)
    assert found.told.gap > 0.6
    assert found.turned < found.told.gap - 0.2
    assert "hue is in z₂" in text
    assert "size is in z₁" in text
    assert f"(MIG) is {found.told.gap:.2f}. Turned at random, the same codes score {found.turned:.2f}" in text
    assert "seeds" not in text
    both = codes_as(factors @ [[1, 1], [1, -1]])
    assert "No factor lies in one dimension by itself." in latent_factors.disentangled(
        latent_factors.measure(both, data), both
    )
    bundled = codes_as(model.mean, disentanglement.MODELS[0])
    for s in disentanglement.summaries(disentanglement.trials()):
        many = f"{s.mig:.2f} ± {s.spread:.2f} over {s.seeds} seeds" if s.seeds > 1 else f"{s.mig:.2f} of one seed"
        assert f"{many} {latent_factors.objective(s)}" in latent_factors.disentangled(found, bundled)
