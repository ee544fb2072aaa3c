"""What the KL regularizer does, told along the lecture above."""

from pathlib import Path

from dashboard.kl.lecture import lecture
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
    facts = {"models": str(len(rows)), "free": free, "one": one, "half": f"{half['beta']:g}"}
    article.draw("kl", Path(__file__).with_suffix(".html"), **facts)
