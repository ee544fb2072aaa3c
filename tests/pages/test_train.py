"""The Train page without a browser: the address makes the settings, the click makes the run, bad input a sentence."""

import io
import json
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image, ImageColor
from streamlit.testing.v1 import AppTest

from dashboard.shared import access, model_labels, train_link, training_queue
from dashboard.shared.browser_blobs import header
from dashboard.train import settings_form
from dashboard.train.live import film_export, live, more_steps, recorded, snapshots
from dashboard.train.run_table import rows
from tests.pages import visiting
from tests.pages.visiting import Idle, words
from tests.server import ROOT
from tests.small_models import own_digits, publish
from tests.waiting import LIMIT
from vae_core.data.datasets import load_dataset
from vae_core.data.uploads import keep
from vae_core.jobs.queue import Jobs
from vae_core.jobs.trainer import train_run
from vae_core.model.vae import build
from vae_core.runs.store import trained
from vae_core.settings import RunSettings, preset

given = partial(visiting.given, name="live")
SMALL = {"encoder": [8], "decoder": [8], "steps": 40, "batch": 50, "validation": 100}


@pytest.fixture
def digits_file(cache):
    """The name of a small uploaded data set."""
    with own_digits(cache).open("rb") as file:
        return keep("digits.npz", file).name


@pytest.fixture
def fast_processor(monkeypatch):
    monkeypatch.setattr(train_link, "has_bfloat16", lambda: True)
    rows._changes.cache_clear()
    yield
    rows._changes.cache_clear()


def test_a_processor_that_multiplies_bfloat16_is_used_and_nobody_is_told_that_it_was_set(fast_processor):
    page = opened()
    assert "set" not in page.query_params
    assert page.selectbox(key="set-precision").value == "bfloat16"
    page.selectbox(key="set-precision").set_value("float32").run()
    assert changed(page) == {"precision": "float32"}, "what somebody sets stands in the address"
    for precision in ("float32", "bfloat16"):
        assert rows.changes(preset("quick", "strokes").with_fields(precision=precision)) == ("quick", [])


@pytest.fixture(autouse=True)
def queue(monkeypatch):
    """No process of its own: what is submitted is kept."""

    idle = Idle()
    queue = Jobs(trained(), idle)
    monkeypatch.setattr(training_queue, "jobs", lambda: queue)
    return idle.asked


def opened(**address) -> AppTest:
    page = AppTest.from_file(str(ROOT / "dashboard" / "pages.py"), default_timeout=LIMIT)
    page.switch_page("train/train.py")
    for key, value in address.items():
        page.query_params[key] = value if isinstance(value, str) else json.dumps(value)
    page.run()
    assert not page.exception, page.exception
    return page


def changed(page: AppTest) -> dict:
    """What the address changes of the preset."""
    text = page.query_params["set"]
    return json.loads(text if isinstance(text, str) else text[0])


def test_the_settings_that_are_shown_are_those_of_the_address():
    page = opened(
        preset="good",
        set={"name": "mnist", "beta": 4, "encoder": [300, 100], "likelihood": "gaussian", "pixels": "dequantised"},
    )
    assert page.number_input(key="set-beta").value == 4
    assert page.text_input(key="set-encoder").value == "300-100"
    assert page.selectbox(key="set-likelihood").value == "gaussian"
    assert page.number_input(key="set-steps").value == 12_000


def test_a_changed_widget_changes_the_address_and_back_again_leaves_it():
    page = opened()
    page.number_input(key="set-beta").set_value(3.0).run()
    assert changed(page) == {"beta": 3.0}
    page.number_input(key="set-beta").set_value(1.0).run()
    assert "set" not in page.query_params


def test_a_likelihood_brings_the_pixels_that_it_scores():
    page = opened()
    page.selectbox(key="set-likelihood").set_value("gaussian").run()
    assert settings_form.settings
    assert changed(page) == {"likelihood": "gaussian", "pixels": "dequantised"}
    page.selectbox(key="set-likelihood").set_value("isotropic_gaussian").run()
    assert changed(page)["pixels"] == "grey"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"set": {"beta": -1}}, "beta must lie between 0 and 10000, not -1"),
        ({"set": {"latent_dim": 1e9}}, "latent_dim must lie between 1 and 512"),
        ({"set": {"tempo": 1}}, "There is no setting called tempo"),
        ({"set": "[1,2]"}, "not settings"),
        pytest.param({"set": "{" * 5000}, "not settings", id="five thousand braces"),
        ({"set": {"likelihood": "gaussian"}}, "does not score dynamic pixels"),
        ({"preset": "fast"}, "The address has preset = fast"),
        ({"run": "../../etc"}, "This link’s run isn’t on this machine (“../../etc”)"),
        ({"run": "<b>x</b>"}, "&lt;b&gt;x&lt;/b&gt;"),
        ({"set": {"name": "/etc/passwd"}}, "There is no data set “/etc/passwd” here"),
    ],
    ids=str,
)
def test_nonsense_in_the_address_gets_a_sentence_and_no_run(address, sentence, queue):
    page = opened(**address)
    page.run()
    assert sentence in words(opened(**address)) + words(page)
    assert queue == []


def test_widths_that_are_no_numbers_get_a_sentence():
    page = opened()
    page.text_input(key="set-encoder").set_value("wide").run()
    assert "encoder: write widths like 512-256-128" in words(page)
    assert "set" not in page.query_params


def uploaded(shape) -> str:
    """The name of an uploaded set of noise images of this shape."""
    file = io.BytesIO()
    np.savez(file, images=np.random.default_rng(0).integers(0, 256, (60, *shape), dtype=np.uint8))
    file.seek(0)
    return keep("noise.npz", file).name


def test_a_conv_network_comes_with_widths_that_fit_and_leaves_with_them():
    page = opened()
    page.selectbox(key="set-network").set_value("conv").run()
    assert changed(page) == {"network": "conv", "encoder": [16, 32], "decoder": [32, 16]}
    assert page.text_input(key="set-encoder").value == "16-32"
    build(form_settings(page).model, (28, 28), torch.Generator())
    page.selectbox(key="set-network").set_value("mlp").run()
    assert "set" not in page.query_params


@pytest.mark.parametrize(("shape", "channels"), [((28, 20), [16, 32]), ((14, 18), [32]), ((64, 64), [16, 32])])
def test_other_images_bring_the_widths_that_fit_them(shape, channels):
    name = uploaded(shape)
    page = opened(set={"name": "strokes", "network": "conv", "encoder": [8, 16], "decoder": [16, 8]})
    page.selectbox(key="set-name").set_value(name).run()
    assert (changed(page)["encoder"], changed(page)["decoder"]) == (channels, channels[::-1])
    build(form_settings(page).model, shape, torch.Generator())


def test_images_with_an_odd_side_take_no_conv_network_and_a_sentence_says_why():
    page = opened(set={"name": uploaded((27, 28)), "validation": 4})
    page.selectbox(key="set-network").set_value("conv").run()
    assert "needs sides divisible by 2, these images are 27x28" in words(page)
    assert page.selectbox(key="set-network").value == "mlp"


def test_widths_that_do_not_fit_are_refused_where_they_are_typed_and_before_a_run_is_entered(queue, digits_file):
    page = opened(set={"name": "strokes", "network": "conv", "encoder": [16, 32], "decoder": [32, 16]})
    page.text_input(key="set-encoder").set_value("8-16-32").run()
    assert "needs sides divisible by 8, these images are 28x28" in words(page)
    assert changed(page)["encoder"] == [16, 32]
    page = opened(set=SMALL | {"name": digits_file, "network": "conv", "encoder": [8, 16, 32]})
    page.button(key="train").click().run()
    assert "needs sides divisible by 8, these images are 28x28" in words(page)
    page.button(key="several-go").click().run()
    assert "needs sides divisible by 8, these images are 28x28" in words(page)
    assert (queue, trained().list()) == ([], [])


def form_settings(page: AppTest):
    return preset("quick", "strokes").with_fields(
        **{k: tuple(v) if isinstance(v, list) else v for k, v in changed(page).items()}
    )


def test_the_click_submits_these_settings_once_and_whoever_clicks_again_attaches(queue, digits_file):
    page = opened(set=SMALL | {"name": digits_file, "seed": 5})
    page.button(key="train").click().run()
    page.button(key="train").click().run()
    assert len(queue) == 1
    assert queue[0]["settings"]["train"]["seed"] == 5
    assert queue[0]["settings"]["data"]["fingerprint"] == load_dataset(digits_file).fingerprint
    assert given(page)["status"] == "queued"


def test_a_fourth_training_of_one_visitor_has_to_wait(queue, digits_file):
    page = opened(set=SMALL | {"name": digits_file, "seed": 0})
    for seed in range(1, 4):
        page.button(key="train").click().run()
        page.number_input(key="set-seed").set_value(seed).run()
    page.button(key="train").click().run()
    assert "3 of your trainings run or wait already" in words(page)
    assert len(queue) == 1


def test_a_finished_run_is_shown_with_its_own_settings_and_numbers(digits_file):
    dataset = load_dataset(digits_file)
    entry = train_run(preset("quick", digits_file).with_fields(**SMALL, beta=2.0), dataset, trained())
    page = opened(run=entry.key)
    data = given(page)
    assert (data["status"], data["step"], data["steps"]) == ("done", 40, 40)
    assert page.number_input(key="set-beta").value == 2
    rows = entry.history()
    assert data["curves"]["reconstruction"] == [row["reconstruction"] for row in rows]
    assert data["curves"]["kls"][-1] == rows[-1]["kl_per_dimension"]
    assert f"{entry.metrics['elbo']:.1f}".replace("-", "−") in words(page)
    assert data["snapshots"] == entry.snapshots()


def test_a_hundred_thousand_steps_become_a_few_hundred_points():
    rows = [{"step": 20 * k, "reconstruction": -1.0, "kl": 1.0, "kl_per_dimension": [1.0]} for k in range(5000)]
    rows[1234]["validation"] = -2.0
    columns = snapshots.curves(rows)
    assert len(columns["step"]) <= snapshots.POINTS + 1
    assert columns["step"][0] == 0
    assert columns["step"][-1] == rows[-1]["step"]
    assert -2.0 in columns["validation"]


def test_in_a_hall_the_presenter_trains_and_the_others_look(monkeypatch, queue):
    monkeypatch.setenv("VAE_LAB_PRESENTER", "open sesame")
    page = opened()
    assert "the presenter trains" in words(page)
    assert not [b for b in page.button if b.key == "train"]
    assert opened(presenter="wrong").query_params.get("presenter") is None
    page = opened(presenter="open sesame")
    assert page.button(key="train")
    assert "You present" in words(page)
    assert "presenter" not in page.query_params


def test_the_presenters_cookie_is_given_for_the_secret_alone_and_does_not_hold_it(monkeypatch):
    assert access.cookie(b"presenter=", https=False) is None, "without a secret nobody is the presenter"
    monkeypatch.setenv("VAE_LAB_PRESENTER", "open sesame")
    assert access.cookie(b"presenter=open", https=False) is None
    assert access.cookie(b"", https=False) is None
    cookie = access.cookie(b"model=mnist-2d&presenter=open%20sesame", https=True)
    assert {"HttpOnly", "SameSite=Lax", "Secure"} <= set(cookie.split("; "))
    assert "sesame" not in cookie
    monkeypatch.setenv("VAE_LAB_PRESENTER", "another")
    assert access.token() not in cookie, "another secret ends it"


def test_several_at_once_are_all_combinations_and_one_sentence_says_what_makes_no_sense(queue, digits_file):
    page = opened(set=SMALL | {"name": digits_file})
    page.text_input(key="several-beta").set_value("0.5, 1, x").run()
    assert "β: numbers with commas between them, not “0.5, 1, x”" in " ".join(text.value for text in page.text)
    page.text_input(key="several-beta").set_value("0.5, 1").run()
    page.text_input(key="several-dims").set_value("2, 3").run()
    button = page.button(key="several-go")
    assert button.label == "Train 4"
    button.click().run()
    entries = trained().list()
    assert len(page.query_params["sweep"][0].split(",")) == 4 or page.query_params["sweep"].count(",") == 3
    assert {(e.settings.train.beta, e.settings.model.latent_dim) for e in entries} == {
        (0.5, 2),
        (0.5, 3),
        (1, 2),
        (1, 3),
    }
    assert len(queue) == 1, "one at a time"
    first = queue[0]["settings"]
    shown = trained().get(given(page)["run"])
    assert (shown.settings.train.beta, shown.settings.model.latent_dim) == (
        first["train"]["beta"],
        first["model"]["latent_dim"],
    ), "the one that runs is on the stage, not the last of the queue"
    assert not page.session_state["several"], "the fields have gone from over the figures"
    cards = visiting.given(page, "sweep")["cards"]
    assert [card["title"] for card in cards] == ["β 0.5 · D 2", "β 0.5 · D 3", "β 1 · D 2", "β 1 · D 3"]
    assert [card["status"] for card in cards[1:]] == [f"number {n} in the queue" for n in (1, 2, 3)]


def test_it_waits_only_where_another_training_is_before_it(queue, digits_file):
    page = opened(set=SMALL | {"name": digits_file, "seed": 0})
    page.button(key="train").click().run()
    assert "Here it begins" in words(page)
    assert "Queued" not in words(page)
    page.number_input(key="set-seed").set_value(1).run()
    page.button(key="train").click().run()
    assert "Queued: starts when the current training ends" in words(page)
    assert "number 1 in the queue" in words(page)


def test_where_form_and_stage_differ_a_sentence_says_so_and_a_button_makes_them_agree(digits_file):
    entry = train_run(preset("quick", digits_file).with_fields(**SMALL, beta=2.0), load_dataset(digits_file), trained())
    page = opened(run=entry.key)
    assert "differs from the run shown" not in words(page)
    page.number_input(key="set-beta").set_value(3.0).run()
    assert "differs from the run shown: β 3 (there 2)." in words(page)
    page.button(key="take-settings").click().run()
    assert page.number_input(key="set-beta").value == 2
    assert "Change one, then press Train." in words(page)


def test_after_a_training_the_next_steps_are_on_the_stage(digits_file, queue):
    settings = preset("quick", digits_file).with_fields(**SMALL)
    points = train_run(settings.with_fields(stochastic=False), load_dataset(digits_file), trained())
    entry = train_run(settings, load_dataset(digits_file), trained())
    keys = [button.key for button in opened(run=entry.key).button]
    assert {"next-explore", "next-elbo"} <= set(keys)
    assert "next-compare" not in keys, "no bundled model has these images"
    assert "next-elbo" not in [button.key for button in opened(run=points.key).button], "an autoencoder has no ELBO"
    page = opened(set=SMALL | {"name": digits_file, "seed": 5})
    page.button(key="train").click().run()
    assert "next-explore" not in [button.key for button in page.button], "not while it trains"


def test_a_training_that_ended_too_early_offers_twice_the_steps(digits_file, queue, monkeypatch):
    entry = train_run(preset("quick", digits_file).with_fields(**SMALL), load_dataset(digits_file), trained())
    monkeypatch.setattr(more_steps, "rise", lambda rows: None)
    assert "more steps would help" not in words(opened(run=entry.key))
    monkeypatch.setattr(more_steps, "rise", lambda rows: more_steps.Rise(15.0, 0.4, 540))
    page = opened(run=entry.key)
    said = "Over the last 540 steps the held-out ELBO still rose by 15.0 ± 0.4 nats: more steps would help."
    assert said in words(page).replace("\u00a0", " ")
    page.button(key="next-longer").click().run()
    assert [RunSettings.from_dict(asked["settings"]).train.steps for asked in queue] == [80]
    assert changed(page)["steps"] == 80, "the form has what is being trained"


def test_while_it_trains_the_heading_waits_for_the_picture_so_that_it_is_no_step_ahead(
    cache, digits_file, queue, monkeypatch
):
    done = []
    monkeypatch.setattr(live, "pictures", lambda *given: done.append("picture"))
    monkeypatch.setattr(live, "head", lambda *given: done.append("heading"))
    opened(run=publish(cache, "one").key)
    assert done == ["heading", "picture"]
    page = opened(set=SMALL | {"name": digits_file})
    done.clear()
    page.button(key="train").click().run()
    assert done == ["picture", "heading"]


def test_before_the_click_a_recorded_training_is_there_and_is_what_it_says():
    told = given(opened())["recorded"]
    film = recorded.film()
    numbers = json.loads(recorded.NUMBERS.read_text("utf-8"))
    made = RunSettings.from_dict(numbers["settings"])
    assert made == preset("quick", "strokes").with_fields(fingerprint=load_dataset("strokes").fingerprint)
    assert told == film.told
    assert f"{abs(numbers['elbo']):.1f}" in told["caption"]
    assert (numbers["steps"][-1], told["curves"]["step"][-1]) == (made.train.steps, made.train.steps)
    head = header(film.blob)
    assert head["steps"] == numbers["steps"]
    each = recorded.SIDE**2 * 784 + 8 * head["codes"] + recorded.SIDE * 784
    data = film.blob[len(film.blob) - each * len(head["steps"]) - recorded.SIDE * 784 - head["codes"] :]
    first, last = (
        np.frombuffer(data, np.uint8, recorded.SIDE**2 * 784, k * each).reshape(-1, 784).astype(float)
        for k in (0, len(head["steps"]) - 1)
    )
    assert first.std(0).mean() < last.std(0).mean() / 3, "at first all tiles are alike, at last they are digits"
    assert sum(file.stat().st_size for file in recorded.FOLDER.iterdir()) < 120_000


def test_without_the_recording_the_page_is_there(monkeypatch, tmp_path):
    monkeypatch.setattr(recorded, "NUMBERS", tmp_path / "nothing.json")
    recorded._film.clear()
    page = opened()
    assert given(page)["recorded"] is None
    assert page.button(key="train")
    recorded._film.clear()


def test_the_film_is_named_after_its_model_and_draws_the_bound_in_its_colour(digits_file):
    entry = train_run(preset("quick", digits_file).with_fields(**SMALL, beta=0.5), load_dataset(digits_file), trained())
    assert model_labels.saved_as(entry).endswith(f"d2-beta0.5-{entry.key[:6]}")
    data = snapshots.animation(entry, load_dataset(digits_file), tuple(entry.snapshots()), (0, 1))
    film = Image.open(io.BytesIO(data))
    assert film.n_frames == len(entry.snapshots())

    def drawn(k):
        film.seek(k)
        under = np.asarray(film.convert("RGB"))[-film_export.CURVE :, 200:]
        return (under == ImageColor.getrgb(film_export.ELBO)).all(-1).sum()

    assert drawn(film.n_frames - 1) > 4 * max(drawn(1), 1), "the curve climbs with the film"
    assert film_export.caption(film_export.Still(1000, -119.74, None, None)) == "step 1,000   −119.7 nats"
