"""The KL regularizer as Python sees it: what the address does, what is said without models"""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import vae_core.runs
from dashboard import lecture
from vae_core import family
from vae_core.collapse import mnist

VIEW = Path(__file__).parent.parent.parent / "dashboard" / "views" / "kl.py"


def opened(**address: str) -> AppTest:
    page = AppTest.from_file(str(VIEW), default_timeout=60)
    page.query_params.update(address)
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def given(page: AppTest) -> dict:
    """What the lecture's component gets."""
    (found,) = [e.proto for e in page.get("bidi_component") if e.proto.component_name == "vae_lab.beta"]
    return json.loads(found.json)


def test_it_opens_at_beta_1_with_every_member_and_the_numbers_of_the_command():
    data = given(opened())
    assert (data["scene"], data["models"][data["at"]]["beta"]) == ("beta", 1)
    for shown, member in zip(data["models"], family.family(), strict=True):
        expected = family.as_numbers(member)
        assert {key: shown[key] for key in expected} == json.loads(json.dumps(expected))
    assert data["spectrum"]["correlation"] == mnist().correlation[: len(data["spectrum"]["correlation"])]


@pytest.mark.parametrize("scene", lecture.SCENES)
def test_each_scene_has_a_link_of_its_own(scene):
    page = opened(scene=scene, beta="16")
    data = given(page)
    assert (data["scene"], data["models"][data["at"]]["beta"]) == (scene, 16)
    assert not page.get("html") or "The address has" not in words(page)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"scene": "seven"}, "The address has scene = seven"),
        ({"beta": "much"}, "The address has beta = much"),
        ({"beta": "-1"}, "The address has beta = -1"),
        ({"beta": "nan"}, "The address has beta = nan"),
        ({"beta": "3"}, "There is no model of β = 3; this is the nearest, β = "),
        ({"g": "1,2,3"}, "The address has g = 1,2,3"),
        ({"g": "0,0,0,1"}, "The address has g = 0,0,0,1"),
    ],
)
def test_nonsense_in_the_address_gets_one_sentence(address, sentence):
    page = opened(**address)
    assert words(page).count(sentence) == 1
    assert given(page)["models"]


def test_two_gaussians_come_from_the_address():
    assert given(opened(scene="cost", g="1,0.5,-1,2"))["gaussians"] == [1, 0.5, -1, 2]


def test_the_address_follows_the_browser():
    page = opened()
    page.session_state["beta"] = {"place": {"scene": "plane", "beta": "4"}}
    page.run()
    assert not page.exception


def test_without_a_family_it_is_an_invitation(tmp_path, monkeypatch):
    monkeypatch.setattr(vae_core.runs, "ASSETS", tmp_path / "no models here")
    text = words(opened())
    assert "0 models of the β family are here" in text
    assert "python -m vae_core bundle" in text


def test_a_member_that_is_cut_short_is_left_out_and_the_others_stay(tmp_path, monkeypatch):
    assets = tmp_path / "models"
    assets.mkdir()
    for entry in family.members():
        folder = assets / entry.key
        folder.mkdir()
        for path in entry.folder.iterdir():
            if path.suffix in (".json", ".safetensors"):
                (folder / path.name).symlink_to(path)
    broken = assets / "mnist-beta-2"
    (broken / "codes.safetensors").unlink()
    monkeypatch.setattr(vae_core.runs, "ASSETS", assets)
    lecture.sound.clear()
    data = given(opened(beta="2"))
    lecture.sound.clear()
    assert 2 not in [row["beta"] for row in data["models"]]
    assert len(data["models"]) == len(family.members()) or len(data["models"]) >= 10
