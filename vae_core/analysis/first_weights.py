"""What a good start buys: the same short training of MNIST from Xavier's weights, from tiny and from large ones.

Glorot & Bengio (2010) choose the spread of the first weights so that neither the activations nor their gradients shrink
or grow from layer to layer. Weights of N(0, 0.01²) shrink them in a network of several layers, weights of N(0, 1) grow
them until tanh is stuck at its ends. The trainings differ in nothing else: the preset "bad-start" but for its first
weights. They stand in assets/first-weights.json; `python -m vae_core first-weights` prints them, and with --write
trains those that the file lacks (MNIST; a minute each).
"""

import json
from collections.abc import Iterable
from statistics import fmean
from typing import Any, NamedTuple

from vae_core.analysis.measurements import ASSETS
from vae_core.settings import RunSettings, preset

MEASURED = ASSETS / "first-weights.json"
GOOD, TINY, LARGE = "xavier", "normal", "large"
STARTS = {GOOD: "Xavier", TINY: "N(0, 0.01²)", LARGE: "N(0, 1)"}
SEEDS = (0, 1)
KEPT = ("elbo", "reconstruction", "kl", "active_units")  # of a report of the test images
NOTES = (
    "Nats per image of the test set; dead: hidden units of encoder and decoder that are the same for all its images."
)


class Trial(NamedTuple):
    start: str
    seed: int
    report: dict[str, Any]  # the names in KEPT
    dead: dict[str, list[int]]  # of "encoder" and "decoder": dead hidden units, and all


def plan(fingerprint: str = "") -> list[RunSettings]:
    base = preset("bad-start", "mnist").with_fields(fingerprint=fingerprint)
    return [base.with_fields(initialisation=start, seed=seed) for start in STARTS for seed in SEEDS]


def called(settings: RunSettings) -> str:
    return f"{settings.model.initialisation}, seed {settings.train.seed}"


def trials() -> list[Trial]:
    """What was measured; without the file, nothing."""
    try:
        rows = json.loads(MEASURED.read_text("utf-8"))["trials"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    made = [(s.model.initialisation, s.train.seed, rows.get(called(s))) for s in plan()]
    return [Trial(start, seed, row["report"], row["dead"]) for start, seed, row in made if row]


def write(made: Iterable[Trial], fingerprint: str) -> None:
    rows = {f"{t.start}, seed {t.seed}": {"report": t.report, "dead": t.dead} for t in made}
    MEASURED.write_text(json.dumps({"fingerprint": fingerprint, "trials": rows}, indent=1) + "\n", "utf-8")


def cost(start: str, made: list[Trial] | None = None) -> float | None:
    """The nats of test ELBO that a start costs beside Xavier's weights, a mean over the seeds. None: not measured."""
    made = trials() if made is None else made
    mine, good = ([t.report["elbo"] for t in made if t.start == name] for name in (start, GOOD))
    return fmean(good) - fmean(mine) if mine and good else None


def table(made: list[Trial]) -> str:
    """The trials as text."""
    form = "{:<14}{:>5}{:>10}{:>12}{:>10}{:>8}  {}"
    lines = [form.format("first weights", "seed", "ELBO", "reconstr.", "KL", "active", "dead")]
    for t in made:
        numbers = [f"{t.report[name]:.2f}" for name in KEPT[:3]]
        dead = ", ".join(f"{name} {count} of {units}" for name, (count, units) in t.dead.items())
        lines.append(form.format(STARTS[t.start], t.seed, *numbers, t.report["active_units"], dead))
    for start in (TINY, LARGE):
        if (nats := cost(start, made)) is not None:
            lines.append(f"{STARTS[start]} ends {nats:.1f} nats below Xavier's weights.")
    return "\n".join([*lines, NOTES])
