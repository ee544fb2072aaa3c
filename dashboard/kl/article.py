"""What the KL regularizer does, told along the lecture above."""

from pathlib import Path
from statistics import fmean

from dashboard.kl.lecture import factors, lecture
from dashboard.shared.article import article
from dashboard.shared.section import section
from vae_core.runs.store import Entry


@section("The article below")
def draw(entries: list[Entry]) -> None:
    """With the family's own numbers: where the first dimension dies, and the share of the prior with hardly a code."""
    rows = lecture.rows(entries)
    by_beta = {row["beta"]: row for row in rows}
    half = next((row for row in rows if 0 < row["active_units"] < len(row["mean_sigma"])), None)
    if half is None or not {0, 1, 64} <= by_beta.keys():
        return
    free, one = (f"{100 * by_beta[beta]['holes']:.1f} %" for beta in (0, 1))
    facts = {"models": str(len(rows)), "free": free, "one": one, "half": f"{half['beta']:g}", "factors": untangling()}
    article.draw("kl", Path(__file__).with_suffix(".html"), **facts)


def untangling() -> str:
    """What the models of shapes say of a larger beta; "" where none were tried."""
    plain = sorted((one for one in factors.tried() if not one["total_correlation"]), key=lambda one: one["beta"])
    if len(plain) < 2:
        return ""
    means = (f"{fmean(one['mig']):.2f} at β = {one['beta']:g}" for one in (plain[0], plain[-1]))
    return UNTANGLING.format(*means, len(plain[-1]["mig"]))


UNTANGLING = (
    "<h2>One factor each?</h2><p>β is famous for another promise: a dimension for each factor by which images differ. "
    'On figures whose factors are known, the mean <a data-set="scene=factors">mutual information gap</a> over '
    "trainings goes from {0} to {1}. Single trainings lie far apart ({2} seeds each), and a model whose codes are "
    "turned has the same bound and another gap.</p>"
)
