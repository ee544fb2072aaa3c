"""The runs on the Train page: what the table says, what can be done with a row, and images of one's own."""

import csv
import io
import json
import pickle
import re
import zipfile
from functools import partial

import numpy as np
import pytest
from safetensors.numpy import save
from streamlit.testing.v1 import AppTest

from dashboard.shared import background, embedding, model_labels, test_images, train_link, training_queue
from dashboard.train import settings_form
from dashboard.train.live import snapshots
from dashboard.train.report import report
from dashboard.train.run_table import actions, rows, run_chart
from tests.pages import visiting
from tests.pages.visiting import Idle, given, settled
from tests.small_models import own_digits, publish, unfinished
from vae_core.data import uploads
from vae_core.exchange.archive import packed, received
from vae_core.jobs.queue import Jobs
from vae_core.jobs.trainer import train_run
from vae_core.runs.store import Runs, trained
from vae_core.runs.training_run import Command, send
from vae_core.settings import RunSettings, preset

table = partial(given, name="run_table")
ONE, TWO, SIX = "1" * 24, "2" * 24, "6" * 24


@pytest.fixture(autouse=True)
def _queue(nothing_bundled, monkeypatch):
    """These tests look at what is there."""
    monkeypatch.delenv("VAE_LAB_PRESENTER", raising=False)
    made = Jobs(trained(), Idle())
    monkeypatch.setattr(training_queue, "jobs", lambda: made)


@pytest.fixture
def digits_file(tmp_path):
    return own_digits(tmp_path)


def opened(**address: str) -> AppTest:
    return settled(visiting.opened("train/train.py", **address))


def again(page: AppTest) -> AppTest:
    return settled(visiting.again(page))


def select(page: AppTest, *keys: str) -> AppTest:
    page.session_state["runs"] = {"selected": list(keys)}
    return again(page)


def buttons(page: AppTest) -> dict:
    return {button.key: button for button in page.button}


def press(page: AppTest, key: str) -> AppTest:
    buttons(page)[key].click()
    return again(page)


def texts(page: AppTest) -> str:
    return " ".join([*(e.value for e in page.text), *(e.proto.body for e in page.get("html"))])


def test_every_run_is_a_row_with_what_it_changes_and_what_it_reached(cache):
    publish(cache, ONE, name="strokes")
    publish(
        cache, TWO, name="strokes", encoder=(512, 256, 128), decoder=(128, 256, 512), beta=4.0, latent_dim=10, seed=2
    )
    unfinished(cache, SIX)
    rows = {row["key"]: row for row in table(opened())["rows"]}
    assert rows[TWO]["changes"] == "D 10 · β 4 · seed 2"
    assert rows[ONE]["changes"] == "encoder 8 · decoder 24-40"
    assert (rows[ONE]["elbo"], rows[ONE]["error"], rows[ONE]["kl"]) == ("−147.2", "± 0.3", "7.2")
    assert (rows[ONE]["status"], rows[ONE]["origin"], rows[ONE]["data"]) == ("done", "quick", "Strokes")
    assert (rows[SIX]["status"], rows[SIX]["elbo"]) == ("interrupted at step 640", "")


def test_the_numbers_of_a_row_are_those_of_the_run(digits, cache):
    small = RunSettings().with_fields(name="strokes", encoder=(16,), decoder=(16,), steps=40, batch=50, validation=100)
    kinds = {"vae": {}, "points": {"stochastic": False}}
    made = {kind: train_run(small.with_fields(**fields), digits, trained()) for kind, fields in kinds.items()}
    rows = {row["key"]: row for row in table(opened())["rows"]}
    vae, points = (rows[made[kind].key] for kind in kinds)
    report = made["vae"].metrics
    assert vae["elbo"] == f"{report['elbo']:.1f}".replace("-", "−")
    assert vae["kl"] == f"{report['kl']:.1f}"
    assert vae["active"] == f"{report['active_units']} of 2"
    assert points["elbo"] == f"{made['points'].metrics['reconstruction']:.1f}".replace("-", "−")
    assert (points["error"], points["kl"], points["active"]) == ("reconstruction", "", "")


def test_a_chart_has_a_dot_for_each_finished_run_at_its_setting_and_its_number(cache):
    keys = {beta: f"{n}" * 24 for n, beta in enumerate((1.0, 4.0, 40.0), 1)}
    for beta, key in keys.items():
        publish(cache, key, name="strokes", beta=beta, latent_dim=2 if beta < 40 else 3)
    unfinished(cache, SIX)
    runs = [trained().get(key) for key in keys.values()]
    assert run_chart.varying(runs) == ["beta", "latent_dim"]
    drawn = run_chart.figure(runs, "beta", "KL", "latent_dim")
    dots = {}
    for trace in drawn.data:
        dots |= {dot[0]: (x, y) for x, y, dot in zip(trace.x, trace.y, trace.customdata, strict=True)}
    assert dots == {key: (beta, trained().get(key).metrics["kl"]) for beta, key in keys.items()}
    assert [trace.name for trace in drawn.data] == ["D 2", "D 3"]
    assert drawn.layout.xaxis.type == "log", "1 to 40"
    head, *written = run_chart.numbers(runs, ["beta", "latent_dim"], "beta").splitlines()
    assert head.startswith("key,name,beta,latent_dim,elbo,reconstruction,kl")
    assert [line.split(",")[2] for line in written] == ["1.0", "4.0", "40.0"]
    assert "Runs as a chart" in [expander.label for expander in opened().expander]


@pytest.mark.parametrize("name", settings_form.SHOWN)
def test_a_preset_as_it_is_has_no_changes(name):
    assert rows.changes(preset(name, "strokes")) == (name, [])
    assert rows.changes(preset(name, "frey")) == (name, [])


def test_one_row_can_be_shown_and_its_settings_taken_over(cache):
    publish(cache, ONE, name="strokes", beta=4.0)
    page = select(opened(), ONE)
    page = press(page, "run-show")
    assert page.query_params["run"] in (ONE, [ONE])
    page = press(page, "run-again")
    chosen = page.query_params["set"]
    assert json.loads(chosen if isinstance(chosen, str) else chosen[0])["beta"] == 4.0
    assert "Change one, then press Train" in texts(page)
    assert table(page)["toForm"] == 1, "the table leads to the form"


STRANGE = [
    "<b onmouseover=alert(1)>bold</b>",
    "**bold** [x](javascript:alert(1)) :red[x] $x$",
    "\u202egnirts",
    "🎉 ünïcode",
    "x" * 300,
    "two\nlines\0and a null",
]


@pytest.mark.parametrize("text", STRANGE)
def test_a_name_is_text_wherever_it_is_shown(cache, text):
    publish(cache, ONE, name="strokes")
    page = select(opened(run=ONE), ONE)
    page.text_input(f"run-name-{ONE}").set_value(text)
    page = again(page)
    (row,) = table(page)["rows"]
    assert row["name"] == model_labels.name(trained().get(ONE))
    assert len(row["name"]) <= 80
    assert not set(row["name"]) & {"\u202e", "\n", "\0"}
    assert " ".join(text.replace("\u202e", " ").replace("\0", " ").split())[:80] == row["name"]
    assert "<b onmouseover" not in texts(page).replace("Delete <b", "")
    assert "\u202e" not in texts(page)


def test_markdown_in_a_name_means_nothing_on_a_button(cache):
    publish(cache, ONE, name="strokes").called("**b** [x](y) :red[z]")
    label = model_labels.in_markdown(", ".join(model_labels.trained(trained().get(ONE))))
    assert label.startswith(r"\*\*b\*\* \[x\]\(y\) \:red\[z\]")


def test_a_pin_is_kept(cache):
    publish(cache, ONE, name="strokes")
    page = press(select(opened(), ONE), "run-pin")
    assert table(page)["rows"][0]["pinned"] is True
    assert trained().get(ONE).pinned
    assert not trained().get(press(page, "run-pin").session_state["runs"]["selected"][0]).pinned


def test_two_rows_lie_over_each_other_and_can_be_taken_apart(cache):
    for key in (ONE, TWO, SIX):
        publish(cache, key, name="strokes")
    page = press(select(opened(run=ONE), ONE, TWO), "runs-overlay")
    over = page.query_params["over"]
    assert over in (TWO, [TWO])
    assert len(overlaid_curves(page)) == 1
    page = press(page, "runs-alone")
    assert "over" not in page.query_params


def overlaid_curves(page: AppTest) -> list:
    return given(page, "live")["others"]


def test_more_than_four_rows_are_too_many(cache):
    keys = [str(k) * 24 for k in range(5)]
    for key in keys:
        publish(cache, key, name="strokes")
    page = select(opened(), *keys)
    assert "Up to 4" in texts(page)
    assert not {"runs-overlay", "run-show"} & buttons(page).keys()
    offered = " ".join(str(e.proto) for e in page.get("download_button"))
    assert "Report" in offered
    assert "Export together" in offered, "a report takes as many as a sweep has"


def test_a_report_has_what_differs_with_numbers_curves_and_manifolds_and_loads_nothing(digits, cache):
    small = RunSettings().with_fields(name="strokes", encoder=(16,), decoder=(16,), steps=60, batch=50, validation=100)
    runs = [train_run(small.with_fields(beta=beta), digits, trained()) for beta in (0.5, 4.0)]
    runs[0].called("=HYPERLINK(<b>)")
    runs = [trained().get(run.key) for run in runs]
    page = report.page(runs)
    assert report.differences(runs)[0] == ["beta"]
    for run in runs:
        assert f"{run.metrics['elbo']:.1f}".replace("-", "−") in page
    assert page.count("data:image/png;base64,") == 2
    assert page.count("<svg viewBox") == 3, "the bound, the reconstruction and the KL"
    assert page.count('<svg class="bars"') == 2, "the KL of each dimension"
    assert report.page(runs[::-1]) == page, "in the order of beta"
    assert "<dt>encoder</dt><dd>16</dd>" in page, "what they share is a table"
    assert re.search(r'text-anchor="end">60<', page), "the last step is not cut"
    assert "=HYPERLINK(&lt;b&gt;)" in page
    text = re.sub(r"base64,[\w+/=]+", "base64,", page)
    assert not re.findall(r"""(?:https?:)?//[a-z]|src=["'](?!data:)|href=|<script|@import|url\((?!"data:)""", text)
    lines = report.table_csv(runs).splitlines()
    found = next(csv.DictReader(lines))
    assert found["run"] == "'=HYPERLINK(<b>)", "no spreadsheet computes it"
    assert (float(found["beta"]), float(found["elbo"])) == (0.5, runs[0].metrics["elbo"])
    with zipfile.ZipFile(io.BytesIO(report.archive(runs, ["a", "b"]))) as made:
        assert set(made.namelist()) == {"a.zip", "b.zip", "report.html", "runs.csv"}
        again = received(made.read("b.zip"), Runs(cache / "elsewhere"))
    assert again.settings == runs[1].settings


def test_a_deleted_run_is_gone_and_links_to_it_say_so(cache):
    publish(cache, ONE, name="strokes")
    publish(cache, TWO, name="strokes")
    page = press(select(opened(run=ONE, over=TWO), ONE), "run-delete")
    assert [row["key"] for row in table(page)["rows"]] == [TWO]
    assert "is deleted" in texts(page)
    assert "run" not in page.query_params
    link = opened(run=ONE, over=f"{ONE},{TWO}")
    assert "may have been deleted" in texts(link)


def test_what_is_running_cannot_be_deleted(cache):
    settings = preset("quick", "strokes").with_fields(fingerprint="a" * 64)
    entry = training_queue.jobs().submit(settings)
    page = select(opened(), entry.key)
    assert table(page)["rows"][0]["live"]
    actions.delete(entry.key)  # a click from a page that is older than the training
    assert trained().get(entry.key) is not None


def test_the_queue_says_its_places(cache):
    made = preset("quick", "strokes").with_fields(fingerprint="a" * 64)
    keys = [training_queue.jobs().submit(made.with_fields(seed=seed)).key for seed in range(3)]
    rows = {row["key"]: row["status"] for row in table(opened())["rows"]}
    assert [rows[key] for key in keys[1:]] == ["number 1 in the queue", "number 2 in the queue"]


def test_in_a_hall_viewers_show_and_compare_but_change_nothing(cache, monkeypatch):
    monkeypatch.setenv("VAE_LAB_PRESENTER", "secret")
    publish(cache, ONE, name="strokes")
    page = select(opened(), ONE)
    assert {"run-show", "run-explore"} <= buttons(page).keys()
    assert not {"run-again", "run-pin", "run-delete"} & buttons(page).keys()
    assert not [field for field in page.text_input if field.key.startswith("run-name")]
    assert [e for e in page.get("download_button") if "Export" in str(e.proto)]
    assert not page.file_uploader
    actions.delete(ONE)
    actions.pin(ONE, True)
    assert trained().get(ONE) is not None
    assert not trained().get(ONE).pinned


def test_why_a_training_diverged_stands_beside_the_table(cache):
    settings = preset("quick", "strokes").with_fields(steps=30)
    with Runs(cache / "runs").draft(settings, folder=ONE, shape=(28, 28)) as draft:
        draft.status("diverged", 3, "The KL term stopped being a number at step 4.")
    page = select(opened(), ONE)
    assert "The KL term stopped being a number" in texts(page)
    assert table(page)["rows"][0]["status"] == "diverged at step 3"


def test_an_archive_is_taken_in_and_anything_else_is_refused(digits, tmp_path):
    small = RunSettings().with_fields(name="strokes", encoder=(16,), decoder=(16,), steps=40, batch=50, validation=100)
    data = packed(train_run(small, digits, Runs(tmp_path / "elsewhere")))
    page = opened()
    page.file_uploader("run-file-0").set_value(("run.zip", b"hello", "application/zip"))
    page = again(page)
    assert "no zip archive" in texts(page)
    page.file_uploader("run-file-1").set_value(("run.zip", data, "application/zip"))
    page = again(page)
    (row,) = table(page)["rows"]
    assert (row["origin"], row["status"]) == ("imported", "done")
    assert "has been imported" in texts(page)
    with zipfile.ZipFile(io.BytesIO(packed(trained().get(row["key"])))) as opened_again:
        assert "model.safetensors" in opened_again.namelist()


def weights_of_toy() -> dict[str, np.ndarray]:
    """Of a VAE as courses write it, for the 20 pixels of the data set toy."""
    rng = np.random.default_rng(0)
    widths = {"encoder.0": (9, 20), "encoder.2": (4, 9), "decoder.0": (9, 2), "decoder.2": (40, 9)}
    return {f"{name}.weight": 0.1 * rng.normal(size=shape).astype(np.float32) for name, shape in widths.items()}


def test_weights_of_other_code_are_asked_about_scored_and_taken_in():
    page = opened()
    page.file_uploader("run-file-0").set_value(("theirs.safetensors", save(weights_of_toy()), "application/zip"))
    page = again(page)
    assert "encoder.N and decoder.N" in texts(page)
    assert "20-9-2-9-40" in texts(page)
    assert page.selectbox("weights-images").options == ["Toy world, 4x5"]
    assert page.selectbox("weights-likelihood").options == ["Gaussian, a variance per pixel"]
    page.selectbox("weights-activation").set_value("tanh")
    page = again(page)
    buttons(page)["weights-taken"].click()
    page = again(page)
    (row,) = table(page)["rows"]
    assert row["status"] == "done"
    assert "theirs has been imported" in texts(page)
    page.file_uploader("run-file-1").set_value(("again.safetensors", save(weights_of_toy()), "application/zip"))
    page = again(page)
    page.selectbox("weights-activation").set_value("tanh")
    page = again(page)
    buttons(page)["weights-taken"].click()
    page = again(page)
    assert "This model is here already, as theirs." in texts(page)
    assert trained().get(row["key"]).settings.model.activation == "tanh"
    assert "weights-images" not in {box.key for box in page.selectbox}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w.pop("decoder.2.weight"), "it has no hidden layer"),
        (
            lambda w: w.update({"decoder.2.weight": np.zeros((40, 7), np.float32)}),
            "takes 7 numbers and the layer before",
        ),
        (lambda w: w.update({"encoder.0.weight": np.full((9, 20), np.nan, np.float32)}), "not finite"),
        (lambda w: w.update({"decoder.2.weight": np.zeros((50, 9), np.float32)}), "no p(x|z) that is known here"),
    ],
)
def test_weights_that_do_not_fit_are_refused_in_one_sentence(change, said):
    weights, page = weights_of_toy(), opened()
    change(weights)
    page.file_uploader("run-file-0").set_value(("theirs.safetensors", save(weights), "application/zip"))
    page = again(page)
    assert said in texts(page)
    page.file_uploader("run-file-1").set_value(("evil.pt", pickle.dumps(print), "application/zip"))
    page = again(page)
    assert "evil.pt holds a whole model, or other objects than weights" in texts(page)
    assert not trained().list()


def test_own_images_are_offered_chosen_and_trained_on(digits_file):
    page = opened()
    page.file_uploader("own-file-0").set_value(("my digits.npz", digits_file.read_bytes(), "application/zip"))
    page = again(page)
    (kept,) = uploads.kept()
    assert page.selectbox("set-name").value == kept.name
    assert "my digits" in page.selectbox("set-name").options
    assert "my digits: 700 images of 28x28, 10 classes" in texts(page)
    settings = preset("quick", kept.name).with_fields(**train_link.fitting(kept.name))
    assert settings.data.validation == 50
    fresh = opened()
    assert "my digits" in fresh.selectbox("set-name").options, "after a restart"
    buttons(page)["train"].click()
    page = again(page)
    (entry,) = trained().list()
    assert entry.settings.data.name == kept.name
    from vae_core.data.datasets import load_dataset

    send(entry.folder, Command())
    done = train_run(
        entry.settings.with_fields(steps=20, encoder=(8,), decoder=(8,)), load_dataset(kept.name), trained()
    )
    assert done.status == "done"
    assert model_labels.data(done) == "my digits", "one name everywhere"
    assert done.name.startswith("my digits D=2")
    rows = {row["key"]: row for row in table(opened())["rows"]}
    assert rows[done.key]["changes"] == "steps 20 · encoder 8 · decoder 8", "what was fitted to the file is no change"


def test_held_out_images_that_leave_nothing_are_refused_before_a_run_is_entered(digits_file):
    with digits_file.open("rb") as file:
        kept = uploads.keep("mine.npz", file)
    page = opened(preset="quick", set=json.dumps({"name": kept.name, "validation": 600}))
    buttons(page)["train"].click()
    page = visiting.again(page)
    assert "validation 600 leaves nothing to train on: mine.npz has 600 training images. Try" in texts(page)
    assert trained().list() == []
    page = press(opened(preset="quick", set=json.dumps({"name": kept.name})), "train")
    (entry,) = trained().list()
    assert entry.settings.data.validation == 50, "without a word, a twelfth"


def test_images_that_cannot_be_used_get_one_sentence(tmp_path):
    buffer = io.BytesIO()
    np.savez(buffer, images=np.full((5, 6, 5), 7, np.uint8))
    page = opened()
    page.file_uploader("own-file-0").set_value(("flat.npz", buffer.getvalue(), "application/zip"))
    page = again(page)
    assert "All 5 images of flat.npz are alike" in texts(page)
    assert uploads.kept() == []


def test_a_link_to_own_images_that_are_not_here_says_so():
    name = "own/" + "0" * 24 + "/theirs.npz"
    page = visiting.opened("train/train.py", preset="quick", set=json.dumps({"name": name}))
    assert "There is no data set" in texts(page)


def test_removed_images_are_no_longer_offered(digits_file):
    with digits_file.open("rb") as file:
        kept = uploads.keep("mine.npz", file)
    page = opened()
    page = press(page, f"forget-{kept.name[4:28]}")
    assert "mine.npz" not in page.selectbox("set-name").options


def archive(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def test_a_card_says_what_the_chosen_images_are():
    images = np.random.default_rng(0).integers(0, 256, (60, 8, 8), np.uint8)
    images[1], images[2] = images[0], 7
    labels = np.array(["cat"] * 30 + ["dog"] * 30)
    arrays = {"x_train": images, "y_train": labels, "x_test": images[40:45], "y_test": labels[40:45]}
    page = opened()
    page.file_uploader("own-file-0").set_value(("notes.txt", b"hello", "text/plain"))
    page = again(page)
    assert "notes.txt is neither" in texts(page), "our own sentence for a kind that is not read"
    page.file_uploader("own-file-1").set_value(("pets.npz", archive(**arrays), "application/zip"))
    page = again(page)
    background.finish()
    page = again(page)
    said = texts(page)
    assert "notes.txt" not in said, "an old refusal does not stay"
    assert "60 training images (5 of them held out), 5 test images" in said
    assert "Classes: cat (30), dog (35)" in said
    assert "Not in both parts: cat" in said
    assert "6 images are the same as others" in said
    assert "1 image is of one grey level" in said
    (kept,) = uploads.kept()
    assert page.toggle(f"photograph-{kept.name[4:28]}").value is True
    page = press(page, "own-recommended")
    assert page.selectbox("set-likelihood").value == "gaussian"
    page.toggle(f"photograph-{kept.name[4:28]}").set_value(False)
    again(page)
    assert not uploads.kept()[0].photograph


def test_images_that_changed_or_went_are_not_shown(tmp_path):
    from vae_core.data.datasets import load_dataset

    path = tmp_path / "mnist.npz"
    arrays = np.random.default_rng(0).integers(0, 256, (60, 8, 8), np.uint8)
    path.write_bytes(archive(images=arrays))
    settings = preset("quick", "x").with_fields(steps=2, encoder=(8,), decoder=(8,), validation=5)
    data = load_dataset(path)
    entry = train_run(settings.with_fields(name=data.name), data, trained())
    assert (entry.source, entry.photograph) == (str(path), True)
    assert entry.settings.data.name == "mnist.npz"

    def seen():
        return test_images.of(entry.settings.data, entry.source, background.wait_for)

    assert seen().data.fingerprint == data.fingerprint
    path.write_bytes(archive(images=arrays[::-1]))
    assert f"The images in {path} have changed" in seen().missing
    path.unlink()
    assert f"The images were read from {path}, and are not there any more" in seen().missing
    assert seen().data is None
    assert snapshots.source_of(settings.with_fields(name="elsewhere.npz").data) == ""
    foreign = test_images.of(settings.with_fields(name="/etc/passwd").data, "", background.wait_for)
    assert "are not on this machine" in foreign.missing


def test_a_training_on_a_path_can_be_repeated_from_the_page(tmp_path):
    from vae_core.data.datasets import load_dataset

    path = tmp_path / "mine.npz"
    path.write_bytes(archive(images=np.random.default_rng(0).integers(0, 256, (60, 8, 8), np.uint8)))
    settings = preset("quick", "x").with_fields(steps=2, encoder=(8,), decoder=(8,), validation=5)
    data = load_dataset(path)
    train_run(settings.with_fields(name=data.name), data, trained())
    ready = snapshots.dataset(settings.with_fields(name=data.name), wait=True)
    assert ready.data.fingerprint == data.fingerprint
    assert training_queue.path_of(ready.data) == str(path)
    assert training_queue.path_of(load_dataset("strokes")) is None


def test_within_another_page_the_way_out_of_it_is_offered_where_files_are_taken(monkeypatch):
    assert "a tab of its own" not in texts(opened())
    monkeypatch.setattr(embedding, "embedded", lambda: True)
    assert texts(opened()).count("a tab of its own") == 2
