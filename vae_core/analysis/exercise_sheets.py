"""Sheets of exercises: data, of our own in assets/exercises, or a lecturer's. What they ask is in exercise_checks.py.

    {"title": ..., "about": ..., "tasks": [
      {"text": ..., "start": {"page": "elbo", "query": {"model": "strokes-2d"}}, "check": "gap-by-hand",
       "parameters": {...}}]}

Nothing in a sheet is executed, and every text of it is one that a page can show.
"""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vae_core.analysis.exercise_checks import CHECKS, Check, Parameter, Verdict, View, read_answer
from vae_core.paths import assets_folder

BYTES, TASKS, WORDS, NAME = 2**16, 30, 600, 100  # at most: of a sheet; characters of a text, and of a name
PAGE = re.compile(r"[a-z]{1,20}")


class SheetError(ValueError):
    """What is wrong with a sheet, in one sentence for whoever wrote it."""


class Task(NamedTuple):
    text: str
    start: View  # where one begins
    check: str
    parameters: dict[str, Any]

    @property
    def of(self) -> Check:
        return CHECKS[self.check]

    def judge(self, handed: Any) -> Verdict:
        """`handed` is a TrainedRun, or the text of an answer; AnswerError where that cannot be read."""
        answer = read_answer(self.of, handed) if isinstance(handed, str) else handed
        return self.of.judge(answer, **self.parameters)


class Sheet(NamedTuple):
    title: str
    about: str
    tasks: list[Task]


def read(path: Path) -> Sheet:
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise SheetError(f"The sheet {path} cannot be read ({error.strerror}).") from error


@cache
def bundled() -> dict[str, Sheet]:
    """Those that come with the product, by the names of their files."""
    return {path.stem.partition("-")[2]: read(path) for path in sorted((assets_folder() / "exercises").glob("*.json"))}


def parse(data: bytes) -> Sheet:
    if len(data) > BYTES:
        raise SheetError(f"This sheet has {len(data) / 1000:,.0f} kB: at most {BYTES / 1000:.0f} are read.")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise SheetError("This file is no JSON: take a sheet of assets/exercises as a pattern.") from None
    fields(found, {"title", "about", "tasks"}, "The sheet")
    tasks = found["tasks"]
    if not isinstance(tasks, list) or not 1 <= len(tasks) <= TASKS:
        raise SheetError(f"The sheet needs 1 to {TASKS} tasks.")
    title, about = text(found["title"], NAME, "The title"), text(found["about"], WORDS, "The sheet’s “about”")
    return Sheet(title, about, [task(one, f"Task {number}") for number, one in enumerate(tasks, 1)])


def task(found: Any, place: str) -> Task:
    fields(found, {"text", "start", "check", "parameters"}, place)
    name = found["check"]
    if not isinstance(name, str) or name not in CHECKS:
        raise SheetError(f"{place} asks for a check {shown(name)} that is not here; there are {', '.join(CHECKS)}.")
    wanted, given = CHECKS[name].parameters, found["parameters"]
    fields(given, set(wanted), f"{place}, parameters of {name},")
    chosen = {key: parameter(given[key], one, f"{place}, {key},") for key, one in wanted.items()}
    return Task(text(found["text"], WORDS, f"{place}, text,"), start(found["start"], place), name, chosen)


def start(found: Any, place: str) -> View:
    fields(found, {"page", "query"}, f"{place}, start,")
    page, query = found["page"], found["query"]
    if not isinstance(page, str) or not PAGE.fullmatch(page):
        raise SheetError(f"{place} starts at {shown(page)}: write a page’s name as in its address, such as elbo.")
    if not isinstance(query, dict):
        raise SheetError(f"{place}, start, needs a query of names and texts; {{}} is none.")
    return View(page, {text(k, NAME, place): text(v, WORDS, f"{place}, query {shown(k)},") for k, v in query.items()})


def parameter(found: Any, wanted: Parameter, place: str) -> Any:
    if wanted.names is not None:
        name = text(found, NAME, place)
        if wanted.names and name not in wanted.names:
            raise SheetError(f"{place} is {shown(name)}: it has to be {' or '.join(wanted.names)}.")
        return name
    number = isinstance(found, int | float) and not isinstance(found, bool) and abs(found) < 1e300
    if not number or not wanted.low <= found <= wanted.high or (wanted.whole and found != int(found)):
        kind = "a whole number" if wanted.whole else "a number"
        raise SheetError(f"{place} is {shown(found)}: it has to be {kind} from {wanted.low:g} to {wanted.high:g}.")
    return int(found) if wanted.whole else float(found)


def fields(found: Any, wanted: set[str], place: str) -> None:
    """Exactly those, no more and no fewer."""
    if not isinstance(found, dict):
        raise SheetError(f"{place} is no object with fields: {', '.join(sorted(wanted))} are needed.")
    if missing := sorted(wanted - found.keys()):
        raise SheetError(f"{place} has no {' and no '.join(missing)}.")
    if strange := sorted(found.keys() - wanted):
        raise SheetError(f"{place} has a field {shown(strange[0])} that nobody reads; remove it.")


def text(found: Any, longest: int, place: str) -> str:
    """A text for people: no markup, no control characters, not too long."""
    if not isinstance(found, str) or not found.strip():
        raise SheetError(f"{place} is no text.")
    if len(found) > longest:
        raise SheetError(f"{place} has {len(found):,} characters: at most {longest} are shown.")
    if set(found) & set("<>") or any(unicodedata.category(letter).startswith("C") for letter in found):
        raise SheetError(f"{place} holds markup or control characters: write plain words, without < and >.")
    return found


def shown(found: Any) -> str:
    """A value that is wrong, in a sentence: short, and without what no terminal or page should get."""
    return "“" + "".join(c if c.isprintable() else "?" for c in str(found)[:40]) + "”"
