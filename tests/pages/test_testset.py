"""The bound over the test set: every row is what the single image's own page says; it grows, and the disk keeps it."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from dashboard.elbo.test_set import bounds, stratified, table
from dashboard.shared import background, image_bound, model_view, test_images, url_state
from tests.small_models import publish
from tests.waiting import LIMIT, until

pytestmark = pytest.mark.usefixtures("nothing_bundled")
COUNT = 36


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
    assert sorted(found.order) == list(range(len(digits.test)))
    for i in (0, 17, found.count - 1):
        x = digits.observed("test", int(found.order[i]), 0, "dynamic")
        s = image_bound.bound_inputs(model, x[0].numpy())
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
    x = digits.observed("test", found.order[:20].tolist(), 0, "dynamic")
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


@pytest.mark.long
def test_it_grows_from_a_few_to_all_and_a_second_visit_finds_it(model, digits, monkeypatch):
    monkeypatch.setattr(bounds, "TURN", 1e9)
    found = bounds.TestSetBounds(model, digits)
    assert found.count == 0
    assert found.next_batch()
    assert found.count == bounds.FIRST
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
    head, _, data = whole.partition(b"\n")
    foreign = head.replace(b'"kl"', b'"xl"') + b"\n" + data
    many = head.replace(b'"count": 36', b'"count": 4000') + b"\n" + data
    assert head not in (foreign.partition(b"\n")[0], many.partition(b"\n")[0])
    for damaged in (foreign, many, whole[:-1], whole[:-4] + b"abcd", b"", b"[]\n", b"{}\n", b"\xff"):
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


def test_a_restart_finds_what_was_counted_before_all_of_it_was(cache, digits):
    found = bounds.TestSetBounds(made_of(cache, 10), digits)
    found.next_batch()
    again = bounds.TestSetBounds(found.model, digits)
    assert again.count == found.count == bounds.FIRST
    assert again.rows.tobytes() == found.rows.tobytes()


# -- few of them for all of them ---------------------------------------------------------------------------------------


def population(sizes=(6000, 3000, 990, 10)):
    """Values (N,) whose mean and spread differ from class to class, and their classes."""
    rng = np.random.default_rng(3)
    labels = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return rng.normal(-100 - 40 * labels, 5 + 10 * labels), labels


def test_every_class_has_its_share_among_the_first_images_however_many_they_are():
    _, labels = population()
    chosen = stratified.order(labels, len(labels))
    assert sorted(chosen) == list(range(len(labels)))
    assert (chosen == stratified.order(labels, len(labels))).all(), "the same on every machine"
    for n in (50, 500, 4321):
        shares = np.bincount(labels[chosen[:n]], minlength=4) / n
        assert shares == pytest.approx(np.bincount(labels) / len(labels), abs=1 / n)
    assert sorted(stratified.order(None, 100)) == list(range(100))


def test_the_mean_of_the_first_500_is_as_accurate_as_it_says(monkeypatch):
    """Over 300 orders: the mean is right on average, and its standard error is how much it varies over them."""
    values, labels = population((6000, 3000, 1000))
    found = []
    for seed in range(300):
        monkeypatch.setattr(stratified, "SEED", seed)
        some = stratified.order(labels, len(labels))[:500]
        found.append(stratified.estimate(values[some], labels[some], labels, len(labels)))
    means, errors = np.array(found).T
    assert means.mean() == pytest.approx(values.mean(), abs=4 * means.std() / 300**0.5)
    assert means.std() == pytest.approx(errors.mean(), rel=0.15)
    plain = values.std() / 500**0.5
    assert errors.mean() < 0.5 * plain, "the control: one sample without classes is less accurate"


def test_the_mean_of_all_images_is_exact_and_of_too_few_says_nothing():
    values, labels = population()
    assert stratified.estimate(values, labels, labels, len(values)) == pytest.approx((values.mean(), 0.0))
    one = stratified.estimate(values[:1], labels[:1], labels, len(values))
    assert np.isnan(one.error)
    few = stratified.estimate(values[:200], labels[:200], labels, len(values))  # the fourth class is not among them
    assert few.error == pytest.approx(values[:200].std(ddof=1) * (1 / 200 - 1 / len(values)) ** 0.5)
    assert stratified.estimate(np.full(3, np.nan), None, None, 3) == pytest.approx((np.nan, np.nan), nan_ok=True)
    assert stratified.estimate(np.array([1.0, np.nan, 3.0]), None, None, 3) == pytest.approx((2.0, 0.0))


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
