"""What students hand in for a sheet of exercises, verified: seals, bounds, and on demand the training itself.

A student is one exported run (a zip or a folder that `export` wrote), or a folder with some of them and with
answers.txt: a line for each task, as `2: elbo?model=strokes-2d&q=...`. A seal is no signature, and somebody who forges
a report can seal it again: so the bound is taken anew from the weights, and `retrain` shows whether the settings give
these weights. Nothing that comes in is executed or kept.
"""

import math
import re
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vae_core.analysis.exercise_checks import LONGEST, AnswerError, TrainedRun, Verdict
from vae_core.analysis.exercise_sheets import Sheet, Task
from vae_core.data.checksums import temporary_folder
from vae_core.data.datasets import Dataset, DatasetError, load_dataset
from vae_core.exchange import archive, import_run
from vae_core.jobs.trainer import train_run
from vae_core.runs.store import Entry, Runs
from vae_core.sealed_files import SealError
from vae_core.training.evaluate import scores, summary

ANSWERS = "answers.txt"
LINE = re.compile(r"\s*(\d{1,2})\s*[:.)]\s*(.*)")
LARGEST = 2**18  # bytes of answers.txt
AGREES = 0.01  # nats: between a bound taken anew and the one that was handed in, on other processors too


class Marked(NamedTuple):
    """A task: whether it holds; None where nothing was handed in."""

    holds: bool | None
    said: str


@dataclass(frozen=True)
class HandedRun:
    """A run as it came, and what was found; `broken` says which seal or number is not what it claims."""

    file: str
    entry: Entry | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    broken: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Student:
    name: str
    runs: list[HandedRun]
    answers: dict[int, str]  # by the task's number

    @property
    def broken(self) -> bool:
        return any(run.broken for run in self.runs)


class Marking:
    """Marks students against one sheet; data sets are read once, and equal runs are trained again once."""

    def __init__(self, sheet: Sheet, folder: Path, data: str | None = None, retrain: bool = False) -> None:
        self.sheet, self.folder, self.data, self.retrain = sheet, folder, data, retrain
        self._datasets: dict[tuple[str, str], Dataset] = {}

    def student(self, path: Path, number: int) -> Student:
        """What lies at `path`, each run verified; ValueError where there is nothing, or an answer nobody can read."""
        if not path.exists():
            raise ValueError(f"There is no {path}: name exported runs, or a folder for each student.")
        inside = sorted(path.iterdir()) if path.is_dir() and not exported(path) else [path]
        runs = Runs(self.folder / str(number))  # of this student alone: another may have the same
        handed = [self.run(one, runs) for one in inside if one.suffix.lower() == ".zip" or exported(one)]
        answers = read_answers(path / ANSWERS) if (path / ANSWERS).is_file() else {}
        return Student(printable(path.stem if path.is_file() else path.resolve().name), handed, answers)

    def run(self, path: Path, runs: Runs) -> HandedRun:
        """One run: its seals, its bound taken anew, and its training done again where that is wanted."""
        handed = HandedRun(printable(path.name))
        try:
            entry = import_run.receive(path, runs) if path.is_dir() else archive.read(path, runs)
            entry.verify()
            handed = replace(handed, entry=entry, metrics=entry.metrics)
        except (SealError, OSError) as error:
            return replace(handed, broken=printable(str(error), 300))
        try:
            dataset = self.dataset(entry)
        except SealError as error:
            return replace(handed, broken=str(error))
        except (DatasetError, OSError, ValueError) as error:
            return replace(handed, remarks=(f"its bound is the archive’s own, for {str(error).splitlines()[0]}",))
        handed = evaluated(handed, dataset)
        return self.trained_again(handed, dataset) if self.retrain and not handed.broken else handed

    def dataset(self, entry: Entry) -> Dataset:
        """The images that a run was trained on, the very ones."""
        data = entry.settings.data
        if not entry.source:
            raise ValueError(f"the images of {printable(data.name)} are not on this machine")
        key = entry.source, data.split
        if key not in self._datasets:
            self._datasets[key] = load_dataset(entry.source, self.data, data.split, download=False)
        if self._datasets[key].fingerprint != data.fingerprint:
            raise SealError(f"it was trained on other images than the {printable(data.name)} found here")
        return self._datasets[key]

    def trained_again(self, handed: HandedRun, dataset: Dataset) -> HandedRun:
        """The same settings from the start: they give the same weights bit for bit, with as many threads."""
        entry, asked = handed.entry, [task.parameters.get("steps", 0) for task in self.sheet.tasks]
        if entry.status != "done" or entry.settings.train.steps > max(asked):
            said = f"not trained again: {entry.status} at step {entry.step:,}, {max(asked):,} are asked for"
            return replace(handed, remarks=(*handed.remarks, said))
        try:
            again = train_run(entry.settings, dataset, Runs(self.folder / "again")).weights()
        except ValueError as error:  # what it started from is not here, or the like
            return replace(handed, remarks=(*handed.remarks, printable(f"not trained again: {error}", 300)))
        except ArithmeticError as error:
            return replace(handed, broken=f"trained again it fails: {error}")
        mine = entry.weights()
        same = mine.keys() == again.keys()
        far = max((float(np.abs(mine[k] - again[k]).max(initial=0)) for k in mine), default=0.0) if same else math.inf
        if far > 0:
            said = f"trained again its weights differ by up to {far:.2g}: others, or another number of threads"
            return replace(handed, broken=said)
        return replace(handed, remarks=(*handed.remarks, "trained again: the same weights bit for bit"))

    def marks(self, student: Student) -> list[Marked]:
        return [mark(task, student, number) for number, task in enumerate(self.sheet.tasks, 1)]


def temporary() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(dir=temporary_folder())


def exported(path: Path) -> bool:
    return (path / "manifest.json").is_file()


def evaluated(handed: HandedRun, dataset: Dataset) -> HandedRun:
    """With the bound of its weights, which has to be the one that was handed in."""
    settings, told, samples = handed.entry.settings, handed.metrics, 16 if handed.entry.status == "done" else 2
    x = dataset.observed("test", range(len(dataset.test)), pixels=settings.data.pixels)
    vae = handed.entry.load().vae
    found = summary(scores(vae, x, samples, labels=dataset.test_labels), samples, vae.stochastic)
    name = "elbo" if vae.stochastic else "reconstruction"
    now, then = getattr(found, name), told[name]
    if then is None or not abs(now - then) <= AGREES:
        then = "no number" if then is None else f"{then:.2f}"
        return replace(handed, broken=f"it says a test bound of {then}, its weights have {now:.2f} nats")
    return replace(handed, metrics=found.to_dict(), remarks=(f"test bound {now:.2f} nats, taken anew",))


def mark(task: Task, student: Student, number: int) -> Marked:
    """The best of what a student handed in for a task; a run with a broken seal is none."""
    if task.of.takes == "run":
        whole = [run for run in student.runs if run.entry is not None and not run.broken]
        handed = [TrainedRun(run.entry.settings, run.entry.step, run.metrics) for run in whole]
    else:
        handed = [student.answers[number]] if number in student.answers else []
    verdicts = [verdict(task, one) for one in handed]
    best = max(verdicts, key=lambda found: found.holds, default=None)
    return Marked(None, f"{task.of.ask} is asked for") if best is None else Marked(*best)


def verdict(task: Task, handed: TrainedRun | str) -> Verdict:
    try:
        return task.judge(handed)
    except (AnswerError, SealError, DatasetError) as error:
        return Verdict(False, str(error))


def copies(students: list[Student]) -> dict[tuple[str, str], str]:
    """Runs that another student has as well, by student and file: in words. Equal settings give equal weights; the
    second at which a training was published, and how long it took, are equal in a copy only."""
    said = {}
    for student in students:
        for run in student.runs:
            others = [o for o in students if o is not student and any(same_weights(run, r) for r in o.runs)]
            if not others:
                continue
            once = any(same_training(run, r) for o in others for r in o.runs)
            kind = "the very training of" if once else "the same settings and weights, trained by themselves, as"
            said[student.name, run.file] = f"{kind} {', '.join(o.name for o in others)}"
    return said


def same_weights(a: HandedRun, b: HandedRun) -> bool:
    return a.entry is not None and b.entry is not None and weights_seal(a.entry) == weights_seal(b.entry)


def same_training(a: HandedRun, b: HandedRun) -> bool:
    def when(entry: Entry) -> tuple:
        return entry.created, entry.manifest["seconds"]

    return same_weights(a, b) and when(a.entry) == when(b.entry)


def weights_seal(entry: Entry) -> str:
    return entry.manifest["files"]["model.safetensors"]["sha256"]


def read_answers(path: Path) -> dict[int, str]:
    """The lines of answers.txt by their task's number; others are left out, as a student may write more."""
    data = path.read_bytes()
    if len(data) > LARGEST:
        raise ValueError(f"{printable(str(path))} has {len(data) / 1000:,.0f} kB: a line for each task is enough.")
    lines = data.decode("utf-8-sig", "replace").splitlines()
    found = [match for line in lines if (match := LINE.fullmatch(line)) and match[2].strip()]
    return {int(match[1]): match[2].strip()[: LONGEST + 1] for match in found}


def printable(text: str, most: int = 60) -> str:
    """A text from outside, such as a file's name, in one line of a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:most]
