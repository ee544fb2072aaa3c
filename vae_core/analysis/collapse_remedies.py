"""What brings a high beta down to the trade-off curve: the family's recipe from random weights, and with a remedy.

The collapsed solution is a saddle as long as beta is below the data's eigenvalues, and random weights begin near it: at
a high beta they come from there, slowly, and end above the family's trade-off curve. Tried against it: warm-up (beta
grows from 0; Bowman et al. 2016), free bits (a dimension is charged from lambda nats on; Kingma et al. 2016), a start
from the weights of a training at beta = 1, which the family's members have, and for comparison twice the steps, which
is what such a member has seen. The trials stand in assets/remedies.json; `python -m vae_core remedies` prints them, and
with --write trains those of the plan that the file lacks. Three seeds of beta = 0.5, 1 and 2 say beside it how
sure the best bound is.
"""

import json
import math
from collections.abc import Iterable
from itertools import groupby
from statistics import fmean, stdev
from typing import Any, NamedTuple

from vae_core.analysis.beta_family import Member
from vae_core.analysis.measurements import ASSETS
from vae_core.runs.bundled_recipes import FAMILY, START
from vae_core.runs.store import Entry
from vae_core.settings import RunSettings, preset

MEASURED = ASSETS / "remedies.json"
PLAIN = "plain"
METHODS: dict[str, dict[str, Any]] = {
    PLAIN: {},
    "warm-up": {"warmup": FAMILY["steps"] // 2},
    "free bits 0.5": {"free_bits": 0.5},
    "free bits 1": {"free_bits": 1.0},
    "start at beta 1": {"start_from": START},
    "twice the steps": {"steps": 2 * FAMILY["steps"]},
}
FEW = (PLAIN, "warm-up", "free bits 0.5")
TRIED = {8.0: tuple(METHODS), 4.0: FEW[:2], 16.0: FEW, 40.0: FEW}  # the first beta is shown first
BOUND = (0.5, 1.0, 2.0)  # where the bound is best, and how sure that is
SEEDS = (0, 1, 2)
POINTS = 40  # of a history
KEPT = ("reconstruction", "kl", "elbo", "elbo_se", "kl_per_dimension", "active_units")  # of a report


class Trial(NamedTuple):
    method: str
    settings: RunSettings
    report: dict[str, Any]  # on the test set, nats per image: the names in KEPT
    history: dict[str, list]  # reconstruction and KL per dimension: means over equal stretches of the training

    @property
    def beta(self) -> float:
        return self.settings.train.beta

    @property
    def seed(self) -> int:
        return self.settings.train.seed

    @property
    def path(self) -> list[tuple[float, float]]:
        """Rate and distortion along the history."""
        pairs = zip(self.history["kl_per_dimension"], self.history["reconstruction"], strict=True)
        return [(round(sum(kls), 3), -reconstruction) for kls, reconstruction in pairs]

    @property
    def objective(self) -> float:
        """What the family minimises, and with free bits the training does not: beta KL - reconstruction."""
        return self.beta * self.report["kl"] - self.report["reconstruction"]


class Summary(NamedTuple):
    """Several seeds of one method at one beta."""

    beta: float
    method: str
    seeds: int
    reconstruction: float
    kl: float
    elbo: float
    objective: float
    spread: float  # standard deviation of the objective over the seeds; NaN of one
    above: float  # the objective's distance from that of the family's member, which may lie below 0


def plan(fingerprint: str = "") -> list[tuple[str, RunSettings]]:
    """Each trial's method and settings; those of beta in BOUND begin from random weights, all as long."""
    base = preset("good", "mnist").with_fields(**FAMILY, fingerprint=fingerprint)
    tried = [
        (method, base.with_fields(beta=beta, **METHODS[method], seed=seed))
        for beta, methods in TRIED.items()
        for method in methods
        for seed in SEEDS
    ]
    return tried + [(PLAIN, base.with_fields(beta=beta, seed=seed)) for beta in BOUND for seed in SEEDS]


def trials() -> list[Trial]:
    """What was measured; without the file, nothing."""
    try:
        kept = json.loads(MEASURED.read_text("utf-8"))
        rows = kept["trials"]
        made = plan(kept["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    found = [(m, s, rows.get(called(m, s))) for m, s in made]
    return [Trial(m, s, row["report"], row["history"]) for m, s, row in found if row]


def called(method: str, settings: RunSettings) -> str:
    """What a trial is found by: a key would change with the schema of settings, a measurement stays."""
    return f"{method}, beta {settings.train.beta:g}, seed {settings.train.seed}"


def trial(method: str, entry: Entry) -> Trial:
    """A finished run as it is kept: its report, and its history as means of equal stretches of steps."""
    report = {name: rounded(entry.metrics[name]) for name in KEPT}
    steps = entry.settings.train.steps
    rows = [row for row in entry.history() if row["step"]]
    parts = [list(part) for _, part in groupby(rows, lambda row: (row["step"] - 1) * POINTS // steps)]
    per_dimension = [list(zip(*(row["kl_per_dimension"] for row in part), strict=True)) for part in parts]
    history = {
        "reconstruction": [round(fmean(row["reconstruction"] for row in part), 2) for part in parts],
        "kl_per_dimension": [[round(fmean(values), 3) for values in dims] for dims in per_dimension],
    }
    return Trial(method, entry.settings, report, history)


def rounded(value: Any) -> Any:
    """Six digits are more than the standard errors bear."""
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def write(made: Iterable[Trial], fingerprint: str) -> None:
    """One line per trial under its name, readable without this module: first what it changed of the family's recipe."""
    usual = preset("good", "mnist").with_fields(**FAMILY).to_dict()["train"]
    rows = {}
    for t in made:
        changed = {name: value for name, value in t.settings.to_dict()["train"].items() if value != usual[name]}
        rows[called(t.method, t.settings)] = {"changed": changed, "report": t.report, "history": t.history}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in rows.items())
    MEASURED.write_text(f'{{"fingerprint": "{fingerprint}",\n "trials": {{\n{lines}\n}}}}\n', "utf-8")


def summaries(made: list[Trial], members: Iterable[Member]) -> list[Summary]:
    """One row per method and beta, beside the family's member of that beta."""
    usual = {m.beta: m.objective for m in members}
    groups: dict[tuple[float, str], list[Trial]] = {}
    for t in made:
        if t.beta in TRIED:
            groups.setdefault((t.beta, t.method), []).append(t)
    rows = []
    for (beta, method), group in groups.items():
        means = (fmean(t.report[name] for t in group) for name in ("reconstruction", "kl", "elbo"))
        objective = [t.objective for t in group]
        spread = stdev(objective) if len(group) > 1 else math.nan
        rows.append(Summary(beta, method, len(group), *means, fmean(objective), spread, fmean(objective) - usual[beta]))
    return rows


def bounds(made: list[Trial]) -> dict[float, list[float]]:
    """The test ELBO at each beta in BOUND, one per seed."""
    found = {beta: [t.report["elbo"] for t in made if (t.beta, t.method) == (beta, PLAIN)] for beta in BOUND}
    return {beta: values for beta, values in found.items() if values}


def table(made: list[Trial], members: list[Member]) -> str:
    """Trials and bounds as text, nats per image on the test set."""
    heads = ("beta", "method", "seeds", "reconstr.", "KL", "-ELBO", "minimised", "spread", "above the family")
    form = "{:>5}  {:<16}{:>5}{:>11}{:>7}{:>9}{:>11}{:>8}{:>18}"
    lines = [form.format(*heads)]
    for s in summaries(made, members):
        values = (s.reconstruction, s.kl, -s.elbo, s.objective, s.spread, s.above)
        lines.append(form.format(f"{s.beta:g}", s.method, s.seeds, *(f"{value:.2f}" for value in values)))
    lines.append("-ELBO of each seed where the bound is best:")
    for beta, values in bounds(made).items():
        each = " ".join(f"{-value:.2f}" for value in values)
        lines.append(f"{beta:>5g}  {each}  mean {-fmean(values):.2f} of {len(values)} seeds")
    return "\n".join(lines)
