"""Own data of every size, trained by the Train page and by the command line, then opened everywhere: nothing breaks.

`python -m pytest tests/pages/test_own_data_matrix.py -m "long or not long" -s` runs all of it and prints a table.
"""

import json
import re
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from dashboard.shared import background, training_queue
from tests.inline_executor import Inline
from tests.pages.visiting import again, given, opened, settled, words
from vae_core.__main__ import main
from vae_core.cli import commands
from vae_core.data.uploads import keep
from vae_core.exchange import archive
from vae_core.jobs.queue import Jobs
from vae_core.runs.store import Runs, trained

SIZES = (2, 3, 7, 10, 11, 14, 30, 45, 46, 60, 223, 224)
LABELS = ("none", "digits", "5, 7, 9", "words", "26 letters", "one alone")
STEPS = 120  # a snapshot after 100 is what the exact sums of a training begin with
SMALL = {"steps": STEPS, "encoder": [8], "decoder": [8], "batch": 20}
PAGES = (
    "explore", "manifold", "primer", "algorithm", "likelihood", "elbo", "gradients", "compare", "train", "kl", "paper",
    "toy", "glossary", "about",
)  # fmt: skip
BROKEN = re.compile(r"\bnan\b|\bNaN\b|\bInfinity\b|could not be shown")


class Case(NamedTuple):
    count: int
    validation: int
    dims: int
    labels: str

    @property
    def train(self) -> int:
        return self.count - self.test

    @property
    def test(self) -> int:
        return max(1, round(self.count / 7))

    def __str__(self) -> str:
        return f"{self.count} images, validation {self.validation}, D {self.dims}, labels: {self.labels}"


def cases() -> list[Case]:
    """Every size with every number of held-out images in every dimension; the kinds of labels take turns."""
    kinds, found = cycle(LABELS), []
    for count in SIZES:
        train = count - max(1, round(count / 7))
        for validation in sorted({0, 1, 10, train - 1}):
            if validation < train:
                found += [Case(count, validation, dims, next(kinds)) for dims in (1, 2, 3)]
    return found


FEW = [
    Case(2, 0, 2, "words"),
    Case(10, 8, 3, "one alone"),
    Case(224, 1, 2, "none"),
]


def at_once(key, piece, news, soon) -> None:
    """Long work, done while the page waits."""
    while piece():
        pass


def pictures(folder: Path, case: Case) -> Path:
    """A file of small strokes, no two alike, and their labels."""
    from vae_core.data.strokes import strokes

    drawn, numbers = strokes(case.count, np.random.default_rng(case.count)), np.arange(case.count)
    images = drawn.images.reshape(-1, 28, 28)[:, ::2, ::2].copy()
    images[numbers, 0, 0] = numbers % 256
    labels = {
        "digits": numbers % 10,
        "5, 7, 9": np.array([5, 7, 9])[numbers % 3],
        "words": np.array(["ähre", "<b>", "zebra"])[numbers % 3],
        "26 letters": np.array(list("abcdefghijklmnopqrstuvwxyz"))[numbers % 26],
        "one alone": (numbers == 0).astype(int),
    }
    file = folder / "my set.npz"
    np.savez(file, images=images, **({} if case.labels == "none" else {"labels": labels[case.labels]}))
    return file


@pytest.fixture(autouse=True)
def _here(nothing_bundled, monkeypatch):
    queue = Jobs(trained(), Inline())

    @contextmanager
    def in_this_process(options):
        yield Inline(), 1

    monkeypatch.delenv("VAE_LAB_PRESENTER", raising=False)
    monkeypatch.setattr(training_queue, "jobs", lambda: queue)
    monkeypatch.setattr(commands, "executor", in_this_process)
    monkeypatch.setattr(background, "run_in_pieces", at_once)
    monkeypatch.setattr(background, "LONGEST", 0)  # at once means within the page: it would wait for its own end
    monkeypatch.setattr(archive, "_onnx", lambda entry: ("", {}))  # ten seconds, whatever the data


def sound(page, *, where: str) -> None:
    """Nothing on the page says that it broke, or is no number."""
    background.finish()
    texts = [words(page), *(text.value for text in page.text), *(e.proto.json for e in page.get("bidi_component"))]
    for text in texts:
        found = BROKEN.search(text)
        assert not found, f"{where}: … {text[max(0, found.start() - 120) : found.end() + 80]} …"


def visit(name: str, case: Case, /, **address: str):
    page = opened(f"{name}/{name}.py", **address)
    page = settled(settled(page))
    sound(page, where=f"{name}, {case}")
    return page


def everywhere(key: str, other: str, case: Case) -> None:
    """Each page with this model, and what of it opens by a click."""
    pins = {name: ",".join([value, "0", "0"][: case.dims]) for name, value in (("a", "0.1"), ("b", "1"))}
    page = visit("explore", case, model=key, back="holes" if case.dims > 1 else "codes", i="0", **pins)
    for panel in ("cover-open", "learned-open"):
        page.session_state[panel] = True
        page = settled(settled(again(page)))
        sound(page, where=f"explore, {panel}, {case}")
    visit("manifold", case, model=key, over="classes" if case.labels != "none" else "codes", n="5")
    elbo = opened("elbo/elbo.py", model=key, i="0")
    elbo = settled(elbo)
    elbo.session_state["set seen"] = True
    sound(settled(settled(elbo)), where=f"elbo, {case}")
    table = given(elbo, "table")
    assert table["count"] == case.test, f"a row of each test image, {case}"
    visit("gradients", case, model=key, i="0")
    primer = given(visit("primer", case, model=key, scene="4", i="0"), "scenes")
    assert sum(primer["classes"]["counts"]) > 0
    if case.dims == 1:
        assert primer["bayes"]["low"] < primer["bayes"]["mean"] < primer["bayes"]["high"]
    walk = given(visit("algorithm", case, model=key), "walk")
    assert walk["N"] == max(1, case.train - case.validation)
    pixels = given(visit("likelihood", case, model=key), "pixel")
    assert (pixels["count"], bool(pixels["observed"])) == (case.test, True)
    duel = given(visit("compare", case, models=f"{key},{other}", i="0"), "paired_bounds")["found"]
    assert duel["count"] == case.test
    assert (duel["error"] is None) == (case.test == 1)
    shown = given(visit("train", case, run=key), "live")
    assert shown["status"] == "done", f"{case}"
    if case.dims <= 2:
        sums = shown["gaps"][-1]
        assert sums["images"] == min(16, case.validation or case.train)
        assert (sums["error"] is None) == (sums["images"] == 1)
        assert sums["elbo"] + sums["gap"] == pytest.approx(sums["log_px"], abs=0.02)
    for name in ("kl", "paper", "toy", "glossary", "about"):
        visit(name, case)


def by_the_page(file: Path, case: Case, beta: float = 1.0) -> str:
    """Uploaded, chosen and trained on the Train page; the run's key."""
    with file.open("rb") as source:
        name = keep(file.name, source).name
    chosen = SMALL | {"name": name, "latent_dim": case.dims, "validation": case.validation, "beta": beta}
    before = {entry.key for entry in trained().list()}
    page = settled(opened("train/train.py", preset="quick", set=json.dumps(chosen)))
    (button,) = [button for button in page.button if button.key == "train"]
    button.click()
    page = settled(again(page))
    sound(page, where=f"train, {case}")
    (key,) = {entry.key for entry in trained().list()} - before
    return key


def check_run(key: str, case: Case) -> None:
    entry = trained().get(key)
    assert entry.status == "done", f"{case}: {entry.status}, {entry.why}"
    json.dumps(entry.manifest, allow_nan=False)
    assert entry.metrics["images"] == case.test == len(entry.codes().mean)
    assert (entry.metrics["elbo_se"] is None) == (case.test == 1)
    assert entry.settings.data.validation == case.validation
    assert (entry.codes().labels is None) == (case.labels == "none")


def command(capsys, *arguments: object) -> str:
    """A command that has to succeed, and what it prints, which has numbers only."""
    assert main([str(argument) for argument in arguments]) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert not BROKEN.search(out), out
    return out


def went_through(case: Case, folder: Path, capsys) -> str:
    """All that is done with own data; a row of the table."""
    file = pictures(folder, case)
    first, other = by_the_page(file, case), by_the_page(file, case, beta=2.0)
    check_run(first, case)
    check_run(other, case)
    small = [f"--{name}={'-'.join(map(str, v)) if isinstance(v, list) else v}" for name, v in SMALL.items()]
    asked = ["--dataset", file, "--latent-dim", case.dims, "--validation", case.validation, *small]
    told = command(capsys, "train", *asked, "--beta", 2)
    second = told.split()[0]
    check_run(second, case)
    command(capsys, "evaluate", second, "--samples", 1, "--log-px", 1 if case.dims > 2 else 3)
    assert f"{trained().get(second).metrics['elbo']:.2f}" in command(capsys, "evaluate", second, "--log-px", 0)
    swept = command(capsys, "sweep", *asked, "--beta", "2,3")
    assert "2 runs: 1 from the cache, 1 trained now" in swept
    command(capsys, "list")

    everywhere(first, other, case)
    for name in PAGES:
        visit(name, case, **{"train": {"run": second}, "compare": {"models": second}}.get(name, {"model": second}))
    for key in (first, second):
        command(capsys, "export", key, "--to", folder / key)
        rows = (folder / key / "codes.csv").read_text("utf-8").splitlines()
        assert len(rows) == 1 + case.test, "a code of each test image"
        elsewhere = Runs(folder / f"elsewhere {key}")
        received = archive.received(archive.packed(trained().get(key)), elsewhere)
        assert received.metrics == trained().get(key).metrics
        assert np.array_equal(received.codes().mean, trained().get(key).codes().mean)
        trained().remove(key)
        command(capsys, "import", folder / key)
        check_run(key, case)
    elbo = trained().get(first).metrics["elbo"]
    return f"{case.count:>4} {case.test:>3} {case.validation:>4} {case.dims}  {case.labels:11} {elbo:>8.1f}"


@pytest.mark.parametrize("case", FEW, ids=str)
def test_own_images_train_show_and_come_back(case, tmp_path, capsys):
    print(went_through(case, tmp_path, capsys))


@pytest.mark.long
@pytest.mark.parametrize("case", cases(), ids=str)
def test_own_images_of_every_kind(case, tmp_path, capsys):
    row = went_through(case, tmp_path, capsys)
    with capsys.disabled():
        print(f"\n{row}", end="")
