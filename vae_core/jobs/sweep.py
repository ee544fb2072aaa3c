"""Many settings, each with some seeds, on any executor: local workers, a ProcessPoolExecutor or a dask cluster.

Each training is `jobs.work`: the same settings give the same key and, with the same number of threads, the same weights
wherever they are trained. What is in the cache is not trained again, and what was stopped goes on.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Executor, as_completed, wait
from dataclasses import fields
from itertools import product
from typing import Any, NamedTuple

from vae_core.jobs.task import outcome, request, work
from vae_core.runs.store import Runs
from vae_core.runs.training_run import Command, in_training, send
from vae_core.settings import RunSettings

Outcome = dict[str, Any]
COLUMNS = ("reconstruction", "kl", "active_units")


class Swept(NamedTuple):
    outcomes: list[Outcome | None]  # as jobs.outcome has them, in the order of the plan; None: not begun
    trained: int  # how many were not in the cache
    overhead: float | None  # seconds per training beside those of training itself, start of processes included
    stopped: bool = False


def plan(base: RunSettings, values: dict[str, list[Any]], seeds: int = 1) -> list[RunSettings]:
    """Every combination of the values, each with `seeds` seeds from the first one on."""
    combinations = product(*([(name, value) for value in chosen] for name, chosen in values.items()))
    settings = [base.with_fields(**dict(combination)) for combination in combinations]
    return [s.with_fields(seed=s.train.seed + n) for s in settings for n in range(seeds)]


def carry_out(
    settings: list[RunSettings], runs: Runs, executor: Executor, slots: int = 1, data: str | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> Swept:  # fmt: skip
    """Trains what is not in the cache, `slots` at a time. Ctrl-C stops the trainings, which can go on later."""
    found = {s.key(): outcome(entry) for s in settings if (entry := runs.get(s.key())) and entry.status == "done"}
    began, stopped = time.perf_counter(), False
    missing = {s.key(): s for s in settings if s.key() not in found}
    futures = {executor.submit(work, request(s, runs, data=data)): key for key, s in missing.items()}
    try:
        for future in as_completed(futures):
            found[futures[future]] = made = _result(future, futures[future])
            tell(f"{len(found)}/{len(settings)}  {made['key']}  {made['status']}")
    except KeyboardInterrupt:
        stopped = True
        tell("Stopping; what was learned is kept, and the same command goes on from there.")
        _stop(futures, runs)
        begun = {key: entry for key in futures.values() if key not in found and (entry := runs.get(key))}
        found |= {key: outcome(entry) for key, entry in begun.items()}
    elapsed, trained = time.perf_counter() - began, [found[key] for key in missing if key in found]
    spent = sum(made["seconds"] for made in trained)
    overhead = (elapsed * min(slots, len(trained)) - spent) / len(trained) if trained else None
    return Swept([found.get(s.key()) for s in settings], len(trained), overhead, stopped)


def _result(future, key: str) -> Outcome:
    try:
        return json.loads(future.result())
    except (CancelledError, Exception) as error:
        nothing = {"report": None, "seconds": 0.0, "sha256": "", "step": 0}
        return {"key": key, "status": "failed", "why": str(error) or type(error).__name__, **nothing}


def _stop(futures: dict[Any, str], runs: Runs) -> None:
    """Those that wait are taken back; those that run get the order, again until they have heard it."""
    for future in futures:
        future.cancel()  # of a cluster also says so of what is running there: the lock of a run tells the truth
    busy = True
    while busy:
        busy = [key for future, key in futures.items() if not future.done() or in_training(runs.folder / key)]
        for key in busy:
            if in_training(runs.folder / key):
                send(runs.folder / key, Command(stop=True))
        wait([future for future in futures if not future.done()], timeout=0.3)
        time.sleep(0.1)


def varying(settings: Iterable[RunSettings]) -> dict[str, list[Any]]:
    """The fields that are not the same everywhere, with a value for each of the settings."""
    settings, found = list(settings), {}
    for part in ("data", "model", "train"):
        for field in fields(getattr(settings[0], part)):
            values = [getattr(getattr(s, part), field.name) for s in settings]
            if len(set(values)) > 1:
                found[field.name] = values
    return found


def table(settings: list[RunSettings], outcomes: list[Outcome | None]) -> str:
    """One line a combination: test ELBO with its standard error over images and the spread over seeds, and its parts.

    Nats per image; means over seeds, the spread is their standard deviation.
    """
    vary = varying(settings)
    vary.pop("seed", None)
    groups: dict[tuple, list[dict]] = {}
    for place, made in enumerate(outcomes):
        if made and made["report"]:
            groups.setdefault(tuple(_shown(values[place]) for values in vary.values()), []).append(made["report"])
    head = [*vary, "seeds", "ELBO", "SE", "spread", "reconstruction", "KL", "active"]
    rows = [[*where, str(len(reports)), *_numbers(reports)] for where, reports in groups.items()]
    return _aligned([head, *rows])


def listing(settings: list[RunSettings], outcomes: list[Outcome | None]) -> str:
    """One line a run: what is different about it, its key, bound, the hash of its weights, seconds of training."""
    vary = varying(settings)
    rows = [[*vary, "key", "ELBO", "weights", "seconds", "status"]]
    for place, made in enumerate(outcomes):
        where = [_shown(values[place]) for values in vary.values()]
        if made is None:
            rows.append([*where, settings[place].key(), "", "", "", "not begun"])
            continue
        elbo = (made["report"] or {}).get("elbo")
        told = made["status"] + (f": {made['why']}" if made["why"] else "")
        shown = "" if elbo is None else f"{elbo:.2f}"
        rows.append([*where, made["key"], shown, made["sha256"][:12], f"{made['seconds']:.1f}", told])
    return _aligned(rows)


def _numbers(reports: list[dict]) -> list[str]:
    def mean(name: str, digits: int) -> str:
        values = [r[name] for r in reports]
        return "" if None in values else f"{statistics.fmean(values):.{digits}f}"

    spread = ""
    if len(reports) > 1 and reports[0]["elbo"] is not None:
        spread = f"{statistics.stdev(r['elbo'] for r in reports):.2f}"
    return [mean("elbo", 2), mean("elbo_se", 2), spread, mean("reconstruction", 2), mean("kl", 2), mean(COLUMNS[2], 1)]


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
