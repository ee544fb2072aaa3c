"""The KL regularizer as Python sees it: what the address does, what is said without models"""

import json
import re
from functools import partial
from statistics import fmean, stdev
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

import vae_core.runs.store
from dashboard.kl.lecture import factors, lecture, links
from dashboard.shared import model_view
from dashboard.shared.browser_blobs import header
from tests.pages import visiting
from tests.pages.visiting import again, words
from vae_core.__main__ import main
from vae_core.analysis import beta_family, collapse_remedies, disentanglement
from vae_core.analysis.posterior_collapse import mnist
from vae_core.settings import preset

opened = partial(visiting.opened, "kl/kl.py")
given = partial(visiting.given, name="lecture")


def test_it_opens_at_beta_1_with_every_member_and_the_numbers_of_the_command():
    data = given(opened())
    assert (data["scene"], data["models"][data["at"]]["beta"]) == ("beta", 1)
    for shown, member in zip(data["models"], beta_family.family(), strict=True):
        expected = beta_family.as_numbers(member)
        assert {key: shown[key] for key in expected} == json.loads(json.dumps(expected))
    assert data["spectrum"]["correlation"] == mnist().correlation[: len(data["spectrum"]["correlation"])]


def test_the_page_s_numbers_are_those_in_the_command_s_table(capsys):
    assert main(["family"]) == 0
    _, *lines = capsys.readouterr().out.splitlines()
    for row, line in zip(given(opened())["models"], lines, strict=False):
        cells = [f"{row[name]:.2f}" for name in ("reconstruction", "kl")]
        cells += [f"{value:.2f}" for value in (-row["elbo"], row["information"], row["mismatch"])]
        assert line.split()[:7] == [f"{row['beta']:g}", *cells, f"{row['holes']:.1%}"]


def test_the_remedies_are_those_that_the_command_prints(capsys):
    data = given(opened(scene="remedies"))
    assert main(["remedies"]) == 0
    _, *lines = capsys.readouterr().out.splitlines()
    groups = {}
    for t in data["trials"]:
        groups.setdefault((t["beta"], t["method"]), []).append(t["objective"])
    for (beta, method), objective in groups.items():
        (line,) = [line for line in lines if line.startswith(f"{beta:>5g}  {method:<16}")]
        assert line.split()[-3] == f"{fmean(objective):.2f}"
    for beta, values in data["bounds"].items():
        assert any(line.split()[0] == beta and f"{-fmean(values):.2f}" in line.split() for line in lines[-3:])


def test_the_models_of_shapes_are_those_of_the_command_and_move_one_dimension_at_a_time(capsys):
    data = given(opened(scene="factors"))["factors"]
    assert main(["disentanglement"]) == 0
    out = capsys.readouterr().out
    for one in data["tried"]:
        mean = f"{fmean(one['mig']):.3f} ± {stdev(one['mig']):.3f}"
        prices = rf"{one['beta']:g} +{one['total_correlation']:g} +mean"
        assert re.search(rf"^ +{prices} .* {mean} +{fmean(one['turned']):.3f}", out, re.MULTILINE)
    models, (key, blob) = data["models"], (data["pictures"], factors.shown()[1])
    assert [(m["beta"], m["total_correlation"]) for m in models] == [
        (t["beta"], t["total_correlation"]) for t in data["tried"]
    ]
    assert header(blob)["sha256"] == key
    levels = np.frombuffer(blob, np.uint8, header(blob)["count"] * 3072, len(blob) - header(blob)["count"] * 3072)
    for name, rows, drawn in zip(
        disentanglement.MODELS, [m["rows"] for m in models], np.split(levels, len(models)), strict=True
    ):
        model = model_view.model(vae_core.runs.store.bundled().get(name))
        z = np.repeat(model.mean[factors.IMAGE : factors.IMAGE + 1], len(rows) * len(data["walk"]), 0)
        for k, row in enumerate(rows):
            part = slice(k * len(data["walk"]), (k + 1) * len(data["walk"]))
            z[part, row["z"]] = data["walk"]
        assert np.array_equal(drawn.reshape(len(z), -1), model_view.decoded(model, z).reshape(len(z), -1))


def test_without_models_of_shapes_the_scene_says_so_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(disentanglement, "MEASURED", tmp_path / "not measured")
    data = given(opened(scene="factors"))
    assert (data["factors"]["tried"], data["factors"]["models"]) == ([], [])
    assert len(data["models"]) == len(beta_family.members())
    assert data["questions"]["factors"]["kind"] == ""


def test_train_this_opens_the_very_settings():
    data = given(opened())
    offered = [row["train"] for row in data["models"]] + [t["train"] for t in data["trials"]]
    made = [entry.settings for entry in beta_family.members()]
    made += [t.settings for t in collapse_remedies.trials() if t.beta in collapse_remedies.TRIED]
    for address, settings in zip(offered, made, strict=True):
        assert urlsplit(address).path == "train"
        asked = {key: value for key, (value,) in parse_qs(urlsplit(address).query, strict_parsing=True).items()}
        assert asked.keys() == {"set", "preset"}
        changed = json.loads(asked["set"])
        rebuilt = preset(asked["preset"], changed["name"]).with_fields(**changed)
        assert rebuilt.with_fields(fingerprint=settings.data.fingerprint).key() == settings.key()


def test_information_and_mismatch_make_up_the_kl_each_within_its_error():
    for m in beta_family.family():
        assert m.information + m.mismatch == pytest.approx(m.kl, abs=1e-9)
        assert abs(m.information - m.measured.information) < 3 * m.measured.information_error + 1e-3
        assert abs(m.mismatch - m.measured.mismatch) < 3 * m.measured.mismatch_error + 1e-3


def test_the_codes_beyond_three_sigma_are_counted():
    for row, entry in zip(given(opened())["models"], beta_family.members(), strict=True):
        across, up = entry.codes().mean.T
        assert row["beyond"] == pytest.approx(sum(x * x + y * y > 9 for x, y in zip(across, up, strict=True)) / 10_000)


def test_the_network_is_told_beside_a_larger_one():
    network = given(opened())["network"]
    larger = vae_core.runs.store.bundled().get("mnist-2d")
    assert network == {"hidden": [200], "larger": "mnist-2d", "elbo": larger.metrics["elbo"]}


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
        ({"beta": "3"}, "There is no model of β = 3: the 13 models have β from 0 to 64, the nearest is β = 2."),
        ({"g": "1,2,3"}, "The address has g = 1,2,3"),
        ({"g": "0,0,0,1"}, "The address has g = 0,0,0,1"),
        ({"d": "far"}, "The address has d = far"),
        ({"d": "9"}, "The address has d = 9"),
        ({"d": "nan"}, "The address has d = nan"),
        ({"try": "8,hope"}, "The address has try = 8,hope"),
        ({"loss": "bce,sum"}, "The address has loss = bce,sum"),
        ({"loss": "bce,sum,sum,7"}, "The address has loss = bce,sum,sum,7"),
    ],
)
def test_nonsense_in_the_address_gets_one_sentence(address, sentence):
    page = opened(**address)
    assert words(page).count(sentence) == 1
    assert given(page)["models"]


def test_two_gaussians_come_from_the_address():
    assert given(opened(scene="cost", g="1,0.5,-1,2"))["gaussians"] == [1, 0.5, -1, 2]


def test_the_distance_the_trial_and_the_loss_come_from_the_address():
    data = given(opened(scene="remedies", d="6.4", **{"try": "8,warm-up"}, loss="mse,sum,mean,4"))
    assert (data["distance"], data["tried"]) == (6.4, [8, "warm-up"])
    assert data["loss"] == {"error": "mse", "pixels": "sum", "dims": "mean", "weight": "4"}


def test_without_trials_the_scene_has_none_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(collapse_remedies, "MEASURED", tmp_path / "not measured")
    data = given(opened(scene="remedies"))
    assert data["trials"] == []
    assert len(data["models"]) == len(beta_family.members())


def test_the_address_follows_the_browser():
    page = opened()
    page.session_state["beta"] = {"place": {"scene": "plane", "beta": "4"}}
    page.run()
    assert not page.exception


def test_without_a_family_it_is_an_invitation(nothing_bundled):
    text = words(opened())
    assert "0 models of the β family are here" in text
    assert "python -m vae_core bundle" in text


def test_a_member_that_is_cut_short_is_left_out_and_the_others_stay(tmp_path, monkeypatch):
    assets = tmp_path / "models"
    assets.mkdir()
    for entry in beta_family.members():
        folder = assets / entry.key
        folder.mkdir()
        for path in entry.folder.iterdir():
            if path.suffix in (".json", ".safetensors"):
                (folder / path.name).symlink_to(path)
    broken = assets / "mnist-beta-2"
    (broken / "codes.safetensors").unlink()
    monkeypatch.setattr(vae_core.runs.store, "ASSETS", assets)
    lecture.sound.clear()
    data = given(opened(beta="2"))
    lecture.sound.clear()
    assert 2 not in [row["beta"] for row in data["models"]]
    assert len(data["models"]) == len(beta_family.members()) or len(data["models"]) >= 10


def test_the_lecture_follows_an_address_that_it_has_not_made_itself():
    page = opened()
    before = given(page)["nonce"]
    page.query_params.update({"scene": "humps", "beta": "4"})
    data = given(again(page))
    assert (data["scene"], data["models"][data["at"]]["beta"]) == ("humps", 4)
    assert data["nonce"] > before
    assert given(again(page))["nonce"] == data["nonce"], "until it is changed again"


def test_the_codes_of_the_scenes_are_those_of_their_addresses():
    """The finder patterns are where they belong, and every scene has a code of its own."""
    made = links.drawn("https://lab.example.org/vae/kl")
    assert list(made) == list(lecture.SCENES)
    assert len({code["path"] for code in made.values()}) == len(made)
    for code in made.values():
        side, last = code["side"], code["side"] - links.BORDER - 1
        dark = {tuple(map(int, part.removesuffix(".5h1").split(" "))) for part in code["path"].split("M")[1:]}
        assert {(links.BORDER, links.BORDER), (last, links.BORDER), (links.BORDER, last)} <= dark
        assert all(links.BORDER <= v < side - links.BORDER for place in dark for v in place), "a white border"
