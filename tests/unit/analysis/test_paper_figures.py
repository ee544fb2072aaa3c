"""The curves of the paper's figures: their settings, that they grow from where they were left, and what is printed."""

import json

import pytest

from vae_core.__main__ import main
from vae_core.analysis import paper_figures as figures
from vae_core.analysis.paper_figures import Curve
from vae_core.inference import marginal_likelihood
from vae_core.training.train import Diverged

TWO, THREE = Curve(2, "mnist", 2, "wake-sleep", 500, goal=200), Curve(3, "mnist", 3, "mcem", 500, goal=200)


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A file of its own, few images, and goals that are reached at once."""
    monkeypatch.setattr(figures, "MEASURED", tmp_path / "paper.json")
    monkeypatch.setattr(figures, "GOALS", (100, 200, 400))
    monkeypatch.setattr(figures, "TRIAL", 100)
    monkeypatch.setattr(figures, "HIDDEN", {"mnist": 8})
    monkeypatch.setattr(figures, "BOUND_IMAGES", 20)
    monkeypatch.setattr(figures, "EVIDENCE_IMAGES", 5)
    for name in ("BURN_IN", "FITTED", "AVERAGED", "WEIGHED"):
        monkeypatch.setattr(marginal_likelihood, name, 6)
    monkeypatch.setattr(Curve, "settings", few(Curve.settings))
    return tmp_path / "paper.json"


def few(settings):
    return lambda curve, rate=0.02: settings(curve, rate).with_fields(validation=100, encoder=(8,), decoder=(8,))


def grown(curve, goals, digits):
    said = []
    for goal in goals:
        figures.grow(curve, goal, digits, said.append)
    return figures.kept()[curve.name] | {"seconds": None}, said


@pytest.mark.parametrize("curve", [TWO, THREE], ids=["figure 2", "figure 3"])
def test_a_curve_that_was_interrupted_has_the_rows_of_one_that_was_not(small, digits, cache, curve):
    at_once, said = grown(curve, [200], digits)
    assert said == [f"{curve.name}: to 200 images"]
    assert at_once["images_seen"] == [100, 200]
    assert at_once["weight_updates"] == ([1, 2] if curve is TWO else [5, 10])
    again, said = grown(curve, [200, 400], digits)
    assert (again, said) == (at_once, []), "it is done: its own goal is 200"
    small.unlink()
    assert grown(curve, [100, 200], digits)[0] == at_once, "from its checkpoint"
    small.unlink()
    grown(curve, [100], digits)
    for file in (cache / "paper").glob("*.safetensors"):
        file.unlink()
    assert grown(curve, [200], digits)[0] == at_once, "and without it, from the start"


def test_the_best_step_size_of_the_trial_is_kept_and_other_seeds_take_it(small, digits):
    row, _ = grown(TWO, [100], digits)
    assert row["train"][0] == max(row["tried"].values()) == row["tried"][f"{row['learning_rate']:g}"]
    assert len(row["tried"]) == 3
    other, _ = grown(TWO._replace(seed=1), [100], digits)
    assert list(other["tried"]) == [f"{row['learning_rate']:g}"]
    assert set(figures.kept()) == {TWO.name, TWO._replace(seed=1).name}


def test_a_curve_whose_step_sizes_all_diverge_says_so_and_is_left_alone(small, digits, monkeypatch):
    def diverging(*_, **__):
        raise Diverged("The KL term stopped being a number at step 0.", None, 0)
        yield

    monkeypatch.setattr("vae_core.training.train.train", diverging)
    row, said = grown(TWO, [200, 200], digits)
    assert row["tried"] == {"0.01": None, "0.02": None, "0.1": None}
    assert len(said) == 1
    assert "stopped being a number" in figures.table([figures.kept()[TWO.name]])


def test_seconds_are_those_of_the_fastest_of_some_short_trainings_that_take_turns(small, digits, monkeypatch):
    curves = [TWO, TWO._replace(seed=1), THREE]
    for curve in curves:
        grown(curve, [100, 200], digits)
    monkeypatch.setattr(figures, "TIMED", 2)
    monkeypatch.setattr(figures, "ROUNDS", 2)
    spent = [9, 3, 20, 7, 5, 16]  # of two seeds and another algorithm, then of all three again
    monkeypatch.setattr(figures.time, "process_time", iter([t for one in spent for t in (100, 100 + one)]).__next__)
    figures.timed([*curves, TWO._replace(data="frey"), THREE._replace(seed=1)], {"mnist": digits}, lambda said: None)
    kept = figures.kept()
    assert [kept[curve.name]["seconds"] for curve in curves] == [[1.5, 3.0], [1.5, 3.0], [8.0, 16.0]]
    assert all(kept[curve.name]["images_seen"] == [100, 200] for curve in curves)


def test_the_plan_is_that_of_the_paper():
    plan = figures.plan()
    assert len({curve.name for curve in plan}) == len(plan)
    two = {(c.data, c.latent_dim, c.algorithm) for c in plan if c.figure == 2 and not c.trial}
    dims = {"mnist": (3, 5, 10, 20, 200), "frey": (2, 5, 10, 20)}
    assert two == {(data, d, a) for data in dims for d in dims[data] for a in ("aevb", "wake-sleep")}
    three = {(c.images, c.algorithm, c.seed) for c in plan if c.figure == 3}
    assert three == {(n, a, s) for n in (1000, 50_000) for a in ("aevb", "wake-sleep", "mcem") for s in (0, 1)}
    for curve in plan:
        model, train = curve.settings().model, curve.settings().train
        assert model.encoder == model.decoder == ((100,) if curve.figure == 3 else (figures.HIDDEN[curve.data],))
        if not curve.trial:
            assert (train.optimizer, train.batch, train.samples, train.weight_prior) == ("adagrad", 100, 1, True)
            assert (model.initialisation, model.activation) == ("normal", "tanh")


def test_words_choose_curves_by_the_whole_word():
    assert [c.name for c in figures.plan() if c.has(["D=20", "mnist", "aevb"])] == [
        "figure 2, mnist, D=20, aevb, seed 0"
    ]
    assert not any(c.has(["D=1"]) for c in figures.plan())


def test_the_command_prints_what_is_kept(small, digits, capsys, monkeypatch):
    for curve in (TWO, THREE):
        grown(curve, [100], digits)
    monkeypatch.setattr(figures, "plan", lambda: [TWO, THREE])
    rows = list(figures.kept().values())
    text = figures.table(rows)
    assert "Figure 2, mnist: the bound, nats per image" in text
    assert "Figure 3, mnist: log p(x), by appendix D, nats per image" in text
    assert f"{rows[0]['test'][0]:.2f}" in text
    assert max(map(len, text.splitlines())) <= 80
    assert main(["paper"]) == 0
    assert f"{rows[0]['test'][0]:.2f}" in capsys.readouterr().out
    assert main(["paper", "no-such-word"]) == 2
    assert "No curve has all of 'no-such-word' in its name" in capsys.readouterr().err


def test_what_is_bundled_is_whole_and_small():
    assert figures.MEASURED.stat().st_size < 100_000
    kept = json.loads(figures.MEASURED.read_text("utf-8"))["curves"]
    assert set(kept) <= {curve.name for curve in figures.plan()}
    for row in kept.values():
        lengths = {
            len(values) for name, values in row.items() if name in ("images_seen", "seconds", "train", "test_se")
        }
        assert lengths == {len(row["images_seen"])}
        assert row["images_seen"] == sorted(row["images_seen"])
        if row["figure"] == 3:  # two estimators of log p(x)
            for part in ("train", "test"):
                for one, other in zip(row[part], row[f"{part}_importance"], strict=True):
                    assert abs(one - other) < 0.5
