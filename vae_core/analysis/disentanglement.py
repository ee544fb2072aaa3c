"""What puts factors on axes, measured: the same model of `shapes` at two betas, and with a price on total correlation
alone (Chen et al. 2018), five seeds each.

The mutual information gap (MIG) of a single model says little: what one seed disentangles, another one does not
(Locatello et al. 2019), so that the spread over the seeds belongs to the number. Beside it stands the MIG of the same
codes turned at random, which a model with the same p(x) has. The trials stand in assets/disentanglement.json;
`python -m vae_core disentanglement` prints them, and with --write trains those that the file lacks. The bundled models
are the first seeds.
"""

import json
from statistics import fmean, stdev
from typing import NamedTuple

import numpy as np

from vae_core.analysis.factor_information import factor_information, turned
from vae_core.analysis.measurements import ASSETS
from vae_core.runs.bundled_recipes import DISENTANGLED, ENTANGLED, RECIPES, SQUEEZED
from vae_core.runs.store import Entry
from vae_core.settings import RunSettings

MEASURED = ASSETS / "disentanglement.json"
MODELS = (ENTANGLED, SQUEEZED, DISENTANGLED)  # the bundled ones
TRIED = tuple(RECIPES[name] for name in MODELS)
SEEDS = range(5)  # of the plan; `Summary.seeds` says how many were trained
TURNS = 5  # rotations


class Trial(NamedTuple):
    beta: float
    total_correlation: float  # its weight
    seed: int
    elbo: float  # on the test set, nats per image, as all but the gaps
    kl: float
    gaps: dict[str, float]  # of each factor, in [0, 1]
    best: dict[str, int]  # the dimension that says most of each factor
    turned: float  # MIG of the same codes turned at random, the mean over TURNS rotations

    @property
    def mig(self) -> float:
        return fmean(self.gaps.values())


class Summary(NamedTuple):
    """All seeds of one objective: means, and the standard deviation of MIG over them."""

    beta: float
    total_correlation: float
    seeds: int
    mig: float
    spread: float
    turned: float
    elbo: float
    kl: float
    gaps: dict[str, float]


def plan(fingerprint: str = "") -> list[RunSettings]:
    return [tried.with_fields(seed=seed, fingerprint=fingerprint) for tried in TRIED for seed in SEEDS]


def called(settings: RunSettings) -> str:
    train = settings.train
    return f"beta {train.beta:g}, total correlation {train.total_correlation:g}, seed {train.seed}"


def trial(entry: Entry, names: tuple[str, ...], factors: np.ndarray) -> Trial:
    """Measures a finished run on the codes of the test images, whose factors (N, F) these are."""
    codes, settings = entry.codes(), entry.settings
    found = factor_information(codes.mean, codes.logvar, factors)
    others = [turned(codes.mean, codes.logvar, factors, seed).gap for seed in range(TURNS)]
    gaps = {name: round(float(gap), 4) for name, gap in zip(names, found.gaps, strict=True)}
    best = {name: int(d) for name, d in zip(names, found.information.argmax(0), strict=True)}
    report = (round(entry.metrics[name], 3) for name in ("elbo", "kl"))
    train = settings.train
    chosen = train.beta, train.total_correlation, train.seed
    return Trial(*chosen, *report, gaps, best, round(fmean(others), 4))


def measured(fingerprint: str = "") -> dict[str, Trial]:
    """What was measured, by the trials' names, on images with this fingerprint; without the file, nothing."""
    try:
        kept = json.loads(MEASURED.read_text("utf-8"))
        found = {name: Trial(**row) for name, row in kept["trials"].items()}
        return found if fingerprint in ("", kept["fingerprint"]) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def trials() -> list[Trial]:
    """What was measured of the plan, in its order."""
    found = measured()
    return [found[name] for name in map(called, plan()) if name in found]


def write(made: dict[str, Trial], fingerprint: str) -> None:
    """A line per trial, in the order of the plan."""
    names = [name for name in map(called, plan()) if name in made]
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(made[name]._asdict())}" for name in names)
    MEASURED.write_text(f'{{"fingerprint": "{fingerprint}",\n "trials": {{\n{lines}\n}}}}\n', "utf-8")


def summaries(made: list[Trial]) -> list[Summary]:
    """One for each objective."""
    rows = []
    for prices in dict.fromkeys((t.beta, t.total_correlation) for t in made):
        group = [t for t in made if (t.beta, t.total_correlation) == prices]
        spread = stdev(t.mig for t in group) if len(group) > 1 else 0.0
        means = (fmean(getattr(t, name) for t in group) for name in ("turned", "elbo", "kl"))
        gaps = {name: fmean(t.gaps[name] for t in group) for name in group[0].gaps}
        rows.append(Summary(*prices, len(group), fmean(t.mig for t in group), spread, *means, gaps))
    return rows


def table(made: list[Trial]) -> str:
    """The trials as text: a line each, then the means."""
    if not made:
        return "Nothing is measured yet: --write trains and measures."
    names = list(made[0].gaps)
    form = "{:>5}{:>5}{:>6}{:>10}{:>8}{:>14}{:>8}  " + "".join(f"{{:>{max(9, len(name) + 2)}}}" for name in names)
    lines = [form.format("beta", "TC", "seed", "ELBO", "KL", "MIG", "turned", *names)]
    for t in made:
        gaps = (f"{gap:.2f} z{t.best[name] + 1}" for name, gap in t.gaps.items())
        numbers = f"{t.elbo:.1f}", f"{t.kl:.2f}", f"{t.mig:.3f}", f"{t.turned:.3f}"
        lines.append(form.format(f"{t.beta:g}", f"{t.total_correlation:g}", t.seed, *numbers, *gaps))
    for s in summaries(made):
        mig = f"{s.mig:.3f}" + (f" ± {s.spread:.3f}" if s.seeds > 1 else "")
        numbers = f"{s.elbo:.1f}", f"{s.kl:.2f}", mig, f"{s.turned:.3f}"
        lines.append(
            form.format(
                f"{s.beta:g}", f"{s.total_correlation:g}", "mean", *numbers, *(f"{gap:.2f}" for gap in s.gaps.values())
            )
        )
    lines.append("TC: weight of total correlation; of each factor its gap and its best dimension; turned: MIG after a")
    lines.append("rotation; ELBO and KL in nats per image of the test set")
    return "\n".join(lines)
