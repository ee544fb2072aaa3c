"""Compare as Python sees it: which models a link shows, what is subtracted, and what is said instead."""

import base64
from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.compare import metric_table, model_selection, paired_bounds
from dashboard.shared import background, formatting, image_bound, model_view, test_images
from tests.pages import visiting
from tests.pages.visiting import again, words
from tests.small_models import own_digits, publish, unfinished
from vae_core.analysis.model_comparison import AUTOENCODERS, known, paired
from vae_core.runs.store import bundled, trained

opened = partial(visiting.opened, "compare/compare.py", seconds=120)
TESTED = 20  # images of its own: exact sums of each
GAUSSIAN = {"likelihood": "gaussian", "pixels": "dequantised"}


@pytest.fixture
def digits_file(cache):
    return str(own_digits(cache, TESTED))


def given(page: AppTest, name: str = "columns") -> dict:
    return visiting.given(page, name)


def keys(page: AppTest) -> list[str]:
    return [column["key"] for column in given(page)["columns"]]


def cells(page: AppTest, name: str) -> list[dict]:
    return next(row["cells"] for row in given(page)["rows"] if row["name"] == name)


def test_it_opens_with_two_models_on_the_same_images_without_any_image(monkeypatch):
    monkeypatch.delenv("VAE_DATA_DIR", raising=False)
    page = opened()
    assert tuple(keys(page)) == model_selection.OPENING
    for column, key in zip(given(page)["columns"], keys(page), strict=True):
        codes = bundled().get(key).codes().mean
        assert np.allclose(column["points"]["few"], codes[given(page)["few"]], atol=1e-4)
        assert np.allclose(column["points"]["image"], codes[:1], atol=1e-4)
    assert "3.0 nats ahead of β = 4" in words(page)
    assert "differ in" not in words(page)


def test_the_opening_pair_differs_in_beta_only():
    one, four = (bundled().get(key).settings for key in model_selection.OPENING)
    assert model_selection.differences([one, four]) == ["β"]
    changed = {"beta": four.train.beta, "name": one.data.name}
    assert one.with_fields(**changed).key() == four.key()


def test_what_else_differs_is_said_before_it_is_laid_to_one_cause():
    said = words(opened(models="mnist-2d,mnist-beta-4"))
    assert "They also differ in network (1,478,088 against 315,988 parameters), training steps (55,000 against " in said
    assert "and the start (random weights, or those of another training): a difference is not β’s alone." in said
    assert "not the missing KL’s alone" in words(opened(models="mnist-2d,mnist-ae-2d"))
    assert "more than one thing: D (2 against 5), β (4 against 1)" in words(opened(models="mnist-beta-4,mnist-5d"))
    assert "differ in" not in words(opened(models="mnist-5d,mnist-10d"))


def test_shown_differences_are_those_of_the_shown_numbers():
    for name in ("test ELBO", "reconstruction", "KL", "squared error", "holes", "continuity"):
        first, *others = cells(opened(models="mnist-2d,mnist-beta-4,mnist-beta-1,mnist-20d"), name)
        for cell in others:
            if "difference" in cell:
                a, b, by = (float(text.replace("−", "-")) for text in (cell["text"], first["text"], cell["difference"]))
                assert by == pytest.approx(a - b, abs=1e-9), (name, cell)


def test_a_difference_has_a_word_and_a_bar_that_agree_with_it():
    rows = {row["name"]: row["cells"][1] for row in given(opened())["rows"]}  # beta = 1 and 4
    signs = {name: 1 if cell["bar"] > 0 else -1 for name, cell in rows.items() if cell.get("bar")}
    assert signs == {"test ELBO": -1, "reconstruction": -1, "KL": -1, "squared error": -1, "continuity": -1}
    said = {name: cell["verdict"] for name, cell in rows.items() if name in signs}
    assert said == {"test ELBO": "worse", "reconstruction": "worse", "KL": "less", "squared error": "worse",
                     "continuity": "smoother"}  # fmt: skip
    elbo, reconstruction, kl = (rows[name]["bar"] for name in metric_table.NATS)
    assert reconstruction == -1  # the largest difference in nats
    assert elbo == pytest.approx(reconstruction - kl, abs=0.005)  # one scale for what is in nats
    assert "Why these two?" in words(opened())


def test_an_image_has_the_numbers_of_the_elbo_page_and_so_has_its_dot(cache, digits_file):
    for key in ("one", "other"):
        publish(cache, key, count=TESTED, name=digits_file, activation="tanh", strength=1)
    opened(models="one,other")
    background.finish()
    page = opened(models="one,other", i="7")
    for place, column in enumerate(given(page)["columns"]):
        model = model_view.model(trained().get(column["key"]))
        s = image_bound.bound_inputs(model, test_images.data(model).observed("test", 7, 0, "dynamic")[0].numpy())
        found = image_bound.bound(s, image_bound.encoder(s))
        assert column["here"]["values"] == [found.reconstruction, pytest.approx(found.kl), pytest.approx(found.elbo)]
        assert column["here"]["error"] == 0
        work = paired_bounds.started(model, test_images.data(model))
        while work.next_batch():
            pass
        assert work.values[0, 7] == pytest.approx(found.elbo, abs=5e-3)
        assert given(again(page), "paired_bounds")["own"] in (None, [c["here"] for c in given(page)["columns"]]), place
    assert given(again(page), "paired_bounds")["own"] is not None


def test_a_sampled_bound_carries_its_error(cache):
    publish(cache, "ten", latent_dim=10, activation="tanh")
    publish(cache, "two", activation="tanh")
    opened(models="ten,two", i="prior3")
    background.finish()
    ten, two = (column["here"] for column in given(opened(models="ten,two", i="prior3"))["columns"])
    assert 0 < ten["error"] < 5
    assert two["error"] == 0


def test_differences_that_networks_or_steps_share_are_marked():
    rows = given(opened(models="mnist-beta-4,mnist-2d"))["rows"]
    marked = {row["name"]: [cell.get("aside") for cell in row["cells"] if "difference" in cell] for row in rows}
    assert marked["test ELBO"] == marked["KL"] == ["other network and steps"]
    assert marked["parameters"] == [None]
    rows = given(opened(models="mnist-beta-4,mnist-beta-1"))["rows"]
    assert not any("aside" in cell for row in rows for cell in row["cells"])


def test_other_data_start_at_their_first_image_and_the_same_data_keep_theirs():
    page = opened(models="mnist-2d,mnist-5d,strokes-2d", i="7", to="3")
    for key, chosen, to in (("mnist-2d", 7, 3), ("mnist-5d", 0, None)):
        next(b for b in page.button if b.key == f"picked-{key}").click()
        again(page)
        assert given(page)["chosen"] == chosen
        assert (given(page)["to"] == 3) == (to == 3)
    assert keys(page) == ["strokes-2d"]


def test_what_is_too_large_to_be_read_is_a_power_of_ten():
    row = metric_table.numbers("KL", "kl", "nats", [3.0, -1.26e30, float("inf"), 4_200_000.0], 2)
    assert [cell["text"] for cell in row["cells"]] == ["3.00", "−1.3 × 10³⁰", "not finite", "4.2 × 10⁶"]
    assert [cell.get("difference") for cell in row["cells"]] == [None, "−1.3 × 10³⁰", None, "+4.2 × 10⁶"]
    assert metric_table.numbers("parameters", "", "", [1_478_088], 0)["cells"] == [
        {"text": "1,478,088", "value": 1_478_088}
    ]


def test_every_model_gets_the_first_coordinates_of_the_same_draws():
    page = opened(models="mnist-20d,mnist-2d,mnist-1d,mnist-conv-10d", samples="3")
    twenty, two, one, conv = (np.array(c["points"]["samples"]) for c in given(page)["columns"])
    assert twenty.shape == (10, 20)
    assert np.array_equal(twenty[:, :2], two)
    assert np.array_equal(twenty[:, :1], one)
    assert np.array_equal(twenty[:, :10], conv)
    assert "takes the first D coordinates" in " ".join(given(page)["notes"])


def test_the_pictures_of_a_decoder_that_takes_a_browser_long_come_from_the_server(monkeypatch):
    monkeypatch.setattr(model_view.Model, "slow", property(lambda self: model_view.products(self.blob) > 100_000))
    page = opened(models="mnist-2d,mnist-conv-10d")
    conv = given(page)["columns"][1]
    model = model_view.model(bundled().get("mnist-conv-10d"))
    for name in ("samples", "point", "few", "way", "walk"):
        levels = np.frombuffer(base64.b64decode(conv["levels"][name]), np.uint8).reshape(-1, 784)
        assert np.abs(levels.astype(int) - model_view.decoded(model, np.array(conv["points"][name]))).max() <= 1


def test_ways_end_at_the_codes_of_both_images():
    column = given(opened(models="mnist-2d,mnist-beta-4", i="7", to="11"))["columns"][1]
    codes = bundled().get("mnist-beta-4").codes().mean
    assert np.allclose(column["points"]["way"][0], codes[7], atol=1e-3)
    assert np.allclose(column["points"]["way"][-1], codes[11], atol=1e-3)


def test_differences_are_to_the_first_model_and_only_where_they_mean_something():
    page = opened(models="mnist-2d,mnist-beta-4,mnist-ae-2d,frey-2d")
    first, beta, points, faces = (e["cells"] for e in [{"cells": c} for c in cells(page, "test ELBO")])
    one, two = (bundled().get(key).metrics["elbo"] for key in ("mnist-2d", "mnist-beta-4"))
    assert "difference" not in first
    assert float(beta["difference"].replace("−", "-")) == pytest.approx(two - one, abs=0.016)
    assert points == {"why": "no q(z|x)"}
    assert "difference" not in faces
    assert cells(page, "holes")[2]["why"] == metric_table.NO_Q
    notes = " ".join(given(page)["notes"])
    assert "an autoencoder has no bound" in notes
    assert "MNIST and Frey Faces are other images" in notes
    assert "Made for images of 28x20, these are 28x28." in given(page)["columns"][3]["missing"]


def test_densities_and_probabilities_have_no_difference(cache, digits_file):
    publish(cache, "coins", count=TESTED, name=digits_file)
    publish(cache, "densities", count=TESTED, name=digits_file, **GAUSSIAN)
    page = opened(models="coins,densities")
    assert "can’t be compared on one scale" in words(page)
    assert "probabilities of black pixels, the other densities" in given(page, "paired_bounds")["why"]
    assert all("difference" not in cell for cell in cells(page, "test ELBO"))
    assert cells(page, "x")[1]["words"] == "dequantised pixels, densities"


def test_two_models_are_paired_image_by_image(cache, digits_file):
    publish(cache, "one", count=TESTED, name=digits_file, strength=1)
    publish(cache, "other", count=TESTED, name=digits_file, strength=1)
    page = opened(models="one,other")
    assert given(page, "paired_bounds")["found"] is None
    background.finish()
    again(page)  # the images are there now; the browser would have them scored
    for key in ("one", "other"):
        model = model_view.model(trained().get(key))
        work = paired_bounds.started(model, test_images.data(model))
        while work.next_batch():
            pass
    again(page)
    found = given(page, "paired_bounds")["found"]
    expected = paired(*(paired_bounds.bounds(model_view.model(trained().get(key)))[0] for key in ("one", "other")))
    assert found == expected._asdict()
    assert f"by {abs(expected.mean):.1f} ± {expected.error:.1f} nats in the mean" in words(page)
    better = max(expected.better, expected.count - expected.better)
    assert f"it is better on {formatting.percent(better / expected.count)} of them" in words(page)
    page.session_state["duel"] = {"choose": 17}
    assert given(again(page))["chosen"] in (0, 17)  # callbacks are the browser's


def test_a_link_reopens_models_image_point_and_draws():
    page = opened(models="mnist-5d,mnist-10d", i="5", at="1.500,-0.250", samples="7", to="3")
    data = given(page)
    assert (keys(page), data["at"], data["samples"], data["to"]) == (["mnist-5d", "mnist-10d"], [1.5, -0.25], 7, 3)
    assert data["columns"][0]["points"]["point"][0][:2] == [1.5, -0.25]
    assert page.query_params["models"] == ["mnist-5d,mnist-10d"] or page.query_params["models"] == "mnist-5d,mnist-10d"


@pytest.mark.parametrize(
    ("address", "sentence", "shown"),
    [
        ("mnist-2d,nobody,gone", "“nobody”, “gone” are not here", ["mnist-2d"]),
        ("nobody", "“nobody” is not here", ["mnist-beta-1", "mnist-beta-4"]),
        ("mnist-2d,mnist-2d,mnist-5d", "names a model twice", ["mnist-2d", "mnist-5d"]),
        ("mnist-1d,mnist-2d,mnist-5d,mnist-10d,mnist-20d", "At most 4 models fit",
         ["mnist-1d", "mnist-2d", "mnist-5d", "mnist-10d"]),
        ("../../etc,mnist-2d,mnist-5d", "“../../etc” is not here", ["mnist-2d", "mnist-5d"]),
    ],
)  # fmt: skip
def test_a_strange_list_of_models_gets_one_sentence(address, sentence, shown):
    page = opened(models=address)
    assert words(page).count(sentence) == 1
    assert keys(page) == shown


@pytest.mark.parametrize(
    "address", [{"at": "up"}, {"at": "1,2,3"}, {"samples": "-1"}, {"to": "many"}, {"against": "9"}, {"i": "x"}]
)
def test_other_nonsense_in_the_address_gets_a_sentence_too(address):
    (key,) = address
    assert f"The address has {key} = " in words(opened(models="mnist-2d,mnist-beta-4", **address))


def test_one_model_alone_gets_suggestions_that_work():
    page = opened(models="mnist-20d")
    assert "One model cannot be compared" in words(page)
    button = next(b for b in page.button if b.key and b.key.startswith("with-"))
    button.click()
    again(page)
    assert len(keys(page)) == 2
    assert "One model cannot" not in words(page)


def test_an_unfinished_run_is_named(cache):
    unfinished(cache, "half")
    page = opened(models="mnist-2d,half,mnist-5d")
    assert "half for tests is not finished" in words(page)
    assert keys(page) == ["mnist-2d", "mnist-5d"]


def test_a_damaged_run_is_named_and_the_others_stay(cache):
    entry = publish(cache, "torn")
    (cache / "runs" / entry.key / "model.safetensors").write_bytes(b"no")
    page = opened(models="torn,mnist-2d,mnist-5d")
    assert "model.safetensors" in words(page)
    assert keys(page) == ["mnist-2d", "mnist-5d"]


def test_the_preset_is_one_click_away_and_has_all_five():
    page = opened()
    next(b for b in page.button if b.key == "pick-preset").click()
    again(page)
    assert tuple(keys(page)) == AUTOENCODERS
    assert "A linear autoencoder finds PCA’s plane, to 0.045°, but not its axes" in words(page)


def test_linear_models_stand_beside_their_closed_form():
    page = opened(models=",".join(AUTOENCODERS))
    facts = known(bundled().get("mnist-linear-2d")).linear
    rows = [row for row in given(page)["rows"] if row["name"] == "log p(x)"]
    (shown,) = [cell for cell in rows[0]["cells"] if "text" in cell]
    assert not any(cell.get("why") == "not linear" for cell in rows[0]["cells"])
    (head,) = [row for row in given(page)["rows"] if row.get("head")]
    assert head["says"].endswith("MNIST 2-D autoencoder and MNIST 2-D VAE are not linear, and without a closed form")
    assert float(shown["text"]) == pytest.approx(facts["model"]["log_px"], abs=1e-6)
    assert f"{facts['best']['log_px']:.6f}" in shown["note"]
    notes = " ".join(given(page)["notes"])
    assert "Eigenvalues 2 and 3 of the grey pixels’ covariance" in notes
    assert "A VAE’s reconstruction is a mean over z ~ q(z|x)" in notes
    assert "Nothing keeps an autoencoder’s codes near N(0, I)" in notes


def test_without_any_model_it_is_an_invitation(nothing_bundled):
    assert "python -m vae_core train" in words(opened())


def test_models_of_one_name_are_told_apart(cache):
    for key in ("aaaa11", "bbbb22"):
        publish(cache, key).called("the same")
    titles = [column["title"] for column in given(opened(models="aaaa11,bbbb22"))["columns"]]
    assert titles == ["the same (aaaa11)", "the same (bbbb22)"]
