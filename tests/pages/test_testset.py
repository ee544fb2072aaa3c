"""The bound over the test set: every row is what the single image's own page says; it grows, and the disk keeps it."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from dashboard.elbo.test_set import bounds, table
from dashboard.shared import background, image_bound, model_view, test_images, url_state
from tests.small_models import publish
from tests.waiting import LIMIT, until

pytestmark = pytest.mark.usefixtures("nothing_bundled")
COUNT = 40


@pytest.fixture(name="digits")
def _few(digits):
    return replace(digits, test=digits.test[:COUNT], test_labels=digits.test_labels[:COUNT])


def made_of(cache, dims: int) -> model_view.Model:
    return model_view.model(publish(cache, f"of-{dims}", latent_dim=dims, activation="tanh"))


@pytest.fixture(params=[2, 10, 1], ids=["two", "ten", "one"])
def model(request, cache, digits, monkeypatch):
    made = made_of(cache, request.param)
    monkeypatch.setattr(test_images, "material", lambda model: test_images.Material(digits, ""))
    for cached in (bounds._filling, bounds.own_grid, bounds.breathing, table._packed):
        cached.clear()
    return made


def filled(model, digits) -> bounds.TestSetBounds:
    found = bounds.TestSetBounds(model, digits)
    while found.next_batch():
        pass
    return found


def test_every_row_is_what_the_image_itself_gives(model, digits):
    found = filled(model, digits)
    known = table.numbers(found.columns, found.rows)
    assert found.count == len(digits.test)
    for i in (0, 17, found.count - 1):
        s = image_bound.bound_inputs(model, digits.observed("test", i, 0, "dynamic")[0].numpy())
        one = image_bound.bound(s, image_bound.encoder(s))
        assert known["kl"][i] == pytest.approx(one.kl, abs=1e-3)
        if model.dims <= 2:
            assert known["log_px"][i] == pytest.approx(image_bound.exact(s).log_px, abs=2e-3)
            assert known["gap"][i] == pytest.approx(one.gap, abs=2e-3)
            assert known["reconstruction"][i] == pytest.approx(one.reconstruction, abs=2e-3)
    if model.dims <= 2:
        assert known["elbo"] + known["gap"] == pytest.approx(known["log_px"], abs=2e-3)
    assert ("gap" in known) == ("log_px" in known) == (model.dims <= 2), "what nobody knows is no column"


def test_sampled_rows_are_right_within_their_error(cache, digits):
    model = made_of(cache, 10)
    found, vae = filled(model, digits), model_view.network(model)
    x = digits.observed("test", range(20), 0, "dynamic")
    noise = torch.randn(4000, 1, model.dims, generator=torch.Generator().manual_seed(9))
    with torch.no_grad():
        q = vae.posterior(x)
        log_px = vae.observed(q.mean + q.stddev * noise).log_prob(x).sum(-1).double()
    error = log_px.std(0) / bounds.DRAWS**0.5
    away = (torch.from_numpy(found.rows[0, :20].copy()) - log_px.mean(0)) / error
    assert away.abs().max() < 5
    assert away.square().mean() < 3


def test_a_piece_is_as_long_as_others_can_wait(model, digits):
    found = bounds.TestSetBounds(model, digits)
    found.next_batch()
    found.pace = bounds.TURN  # seconds an image
    found.next_batch()
    assert found.count == bounds.FIRST + bounds.LEAST


def test_it_grows_from_a_few_to_all_and_a_second_visit_finds_it(model, digits, monkeypatch):
    monkeypatch.setattr(bounds, "TURN", 1e9)
    found = bounds.TestSetBounds(model, digits)
    assert found.count == 0
    assert found.next_batch()
    assert found.count == bounds.FIRST
    assert found.left > 0
    found.next_batch()
    assert found.count == 2 * bounds.FIRST
    while found.next_batch():
        pass
    again = bounds.TestSetBounds(model, digits)
    assert again.complete
    assert again.rows.tobytes() == found.rows.tobytes()


def test_a_damaged_file_is_computed_again(cache, digits):
    found = filled(model := made_of(cache, 10), digits)
    whole = found.path.read_bytes()
    for damaged in (whole[:-1], whole[:-4] + b"abcd", b"", b"[]\n", b"{}\n", b"\xff"):
        found.path.write_bytes(damaged)
        assert bounds.TestSetBounds(model, digits).count == 0


def test_another_model_or_other_images_have_another_file(cache, digits):
    model = made_of(cache, 10)
    name = bounds.TestSetBounds(model, digits).name()
    other = model_view.model(publish(cache, "other", latent_dim=model.dims, activation="tanh"))
    assert bounds.TestSetBounds(other, digits).name() != name
    assert bounds.TestSetBounds(model, replace(digits, fingerprint="0" * 64)).name() != name


def test_only_the_latest_files_are_kept(cache, digits, monkeypatch):
    model = made_of(cache, 10)
    monkeypatch.setattr(bounds, "FILES", 2)
    folder = bounds.TestSetBounds(model, digits).path.parent
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(4):
        (folder / f"old-{k}.rows").write_bytes(b"")
    assert filled(model, digits).path in (kept := list(folder.glob("*.rows")))
    assert len(kept) == 2


def test_a_full_disk_keeps_nothing_and_says_nothing(cache, digits, monkeypatch):
    monkeypatch.setattr(bounds, "publish", lambda path, content: False)
    assert filled(made_of(cache, 10), digits).complete


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_the_first_rows_are_the_extremes_of_all_images():
    values = np.array([3.0, np.nan, 1.0, 2.0, 3.0])
    assert table.first(values, True).tolist() == [0, 4, 3, 2, 1]
    assert table.first(values, False).tolist() == [2, 3, 0, 4, 1]
    many = np.random.default_rng(0).normal(size=1000)
    assert table.first(many, True).tolist() == sorted(range(1000), key=lambda k: -many[k])[: table.ROWS]


def test_the_percentile_counts_the_less_likely():
    log_px = np.array([-5.0, -4.0, -3.0, -2.0, np.nan])
    assert table.percentile(log_px, -3.5) == 0.5
    assert table.percentile(log_px, -9) == 0


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("-kl", bounds.EXACT, ("kl", False)),
        ("elbo", bounds.SAMPLED, ("elbo", True)),
        ("gap", bounds.SAMPLED, ("elbo", False)),
        ("<b>", bounds.EXACT, ("gap", True)),
        (None, bounds.EXACT, ("gap", True)),
    ],
)
def test_the_order_stands_in_the_address_and_nonsense_is_the_usual_one(monkeypatch, text, columns, expected):
    monkeypatch.setattr(url_state, "asked", lambda key: text)
    assert table.order(columns) == expected


# -- work of minutes ---------------------------------------------------------------------------------------------------


def test_long_work_goes_on_while_somebody_looks_and_then_stops(monkeypatch):
    monkeypatch.setattr(background, "ATTENTION", 0.2)
    done = []
    background.request("a", lambda: done.append(time.sleep(0.01)) or True)
    until(lambda: "a" not in background._pieces, "the work to stop")
    count = len(done)
    assert 1 <= count <= 40
    time.sleep(0.1)
    assert len(done) == count


def test_two_long_works_take_turns(monkeypatch):
    monkeypatch.setattr(background, "ATTENTION", 1.0)
    turns = []

    def piece(name):
        time.sleep(0.005)
        turns.append(name)
        return turns.count(name) < 5

    background.request("a", lambda: piece("a"))
    background.request("b", lambda: piece("b"))
    until(lambda: len(turns) == 10, "ten turns")
    assert turns[2:8].count("a") == 3


def test_long_work_stands_still_while_a_page_is_drawn():
    seen = threading.Event()

    def work():
        background.yield_to_pages()
        seen.set()

    with background.pause_long_work():
        threading.Thread(target=work, daemon=True).start()
        assert not seen.wait(0.1)
    assert seen.wait(LIMIT)


def test_a_failure_in_long_work_is_the_pages_to_raise(monkeypatch):
    def broken():
        raise ArithmeticError("no number")

    background.request("broken", broken)
    until(lambda: "broken" in background._failed, "the failure")
    monkeypatch.setattr(background.st, "session_state", {})
    with pytest.raises(ArithmeticError, match="no number"):
        background.run_in_pieces("broken", broken, lambda: False, soon=True)
