"""What a room is asked before each scene, and the answer: both computed from the numbers of the models on the screen.

A question is a choice of two to four answers, a tap on the plane of codes at some distance, or a curve over β. A family
that is trained anew is asked anew: nothing here knows what came out.
"""

import hashlib
import math
from collections.abc import Sequence
from functools import cache
from statistics import fmean, median, stdev
from typing import Any, NamedTuple

import numpy as np

from vae_core.sealed_files import canonical

FINEST = 999  # a vote is in whole thousandths of a side, or of the highest value
HALF = (0.25, 0.75)  # quantiles: half of the codes are as far out
CLOSE = 0.1  # of the highest value: a curve that is on average as close is right
SAME = 0.1  # of a sum: two parts that differ by less are the same
LEVEL = 0.05  # nats that make no difference
GAUSSIANS = (1.2, 0.5, 0.0, 1.0)  # mean and deviation of q, then of p, with which the scene of one KL begins
APART = 6.5  # widths between the two humps: BEYOND in lecture/humps.js
TRIED = 8  # the beta of the remedies
FREE = "If codes cost nothing, how far from the centre does a typical code lie?"
START = f"One run has β = {TRIED} from the start, one warms up from β = 0 to {TRIED}. Which ends with the lower loss?"
UNTANGLE = "Does a larger β put each factor of an image, such as its hue, on an axis of its own?"
OPEN = {"beta": FREE, "remedies": START, "factors": UNTANGLE}  # asked even where no answer is known


class Question(NamedTuple):
    scene: str
    ask: str
    kind: str  # choice, tap or curve; "": the room only talks about it
    choices: tuple[str, ...]
    right: Any  # of a choice its place; of a tap the least and the largest distance; of a curve its values
    did: str  # what those did who were right: "71 % of you ..."
    told: str  # the answer in a sentence
    axes: dict[str, Any]  # of a tap {edge}, of a curve {x, top}

    @property
    def round(self) -> str:
        """Its name: of the scene and of everything that a voter sees."""
        seen = canonical([self.kind, self.ask, self.choices, self.axes])
        return f"{self.scene}-{hashlib.sha256(seen).hexdigest()[:8]}"

    def shown(self) -> dict[str, Any]:
        """What may be known before the answer."""
        return {key: getattr(self, key) for key in ("scene", "ask", "kind", "choices", "axes", "round")}

    def answer(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in ("right", "did", "told")} | {"close": CLOSE}

    def takes(self, vote: Any) -> bool:
        """Whether this is a vote at all."""
        if self.kind == "choice":
            return type(vote) is int and 0 <= vote < len(self.choices)
        length = {"tap": 2, "curve": len(self.axes.get("x", ()))}.get(self.kind)
        return type(vote) is list and len(vote) == length and all(type(v) is int and 0 <= v <= FINEST for v in vote)

    def is_right(self, vote: Any) -> bool:
        if self.kind == "choice":
            return vote == self.right
        if self.kind == "tap":
            near, far = self.right
            return near <= math.hypot(*(self.axes["edge"] * (2 * v / FINEST - 1) for v in vote)) <= far
        off = fmean(abs(v * self.axes["top"] / FINEST - value) for v, value in zip(vote, self.right, strict=True))
        return off <= CLOSE * self.axes["top"]

    def tally(self, votes: list[Any]) -> dict[str, Any]:
        """How many voted, how many of them are right, and what is drawn of them."""
        counted = {"count": len(votes), "right": sum(map(self.is_right, votes))}
        if self.kind == "choice":
            return counted | {"bars": [votes.count(k) for k in range(len(self.choices))]}
        if self.kind == "tap":
            return counted | {"taps": votes}
        return counted | {"curves": votes, "middle": [median(values) for values in zip(*votes, strict=True)]}


def read(kept: dict[str, Any]) -> Question:
    """A question that was kept as JSON; ValueError where it is none of this version."""
    if kept["kind"] == "tap" and not all(type(value) is float for value in kept["right"]):
        raise ValueError("a tap is right at distances")
    return Question(*(tuple(kept[key]) if key == "choices" else kept[key] for key in Question._fields))


def questions(
    rows: list[dict[str, Any]],
    spectrum: dict[str, Any],
    trials: list[dict[str, Any]],
    free: np.ndarray,
    pixels: int,
    untangled: Sequence[dict[str, Any]] = (),
) -> dict[str, Question]:
    """By scene. `rows` are the family's numbers by their β, `free` (N, D) the codes of the lowest, `untangled`
    what was tried on shapes."""
    made = [
        how_few(rows, pixels), how_far_free_codes_lie(free), what_costs_more(rows), one_or_both(APART),
        how_kl_falls(rows), which_is_best(rows), which_kills(rows, spectrum), does_the_start_matter(trials),
        what_beta_it_is(pixels), does_beta_untangle(untangled), is_lower_better(rows),
    ]  # fmt: skip
    found = {question.scene: question for question in made if question is not None}
    return {scene: Question(scene, ask, "", (), None, "", "", {}) for scene, ask in OPEN.items()} | found


def chosen(scene: str, ask: str, choices: list[str], right: int, told: str) -> Question:
    return Question(scene, ask, "choice", tuple(choices), right, f"said “{choices[right]}”", told, {})


def how_few(rows: list[dict[str, Any]], pixels: int) -> Question:
    dims, side = len(rows[0]["mean_sigma"]), round(math.sqrt(pixels))
    counts = sorted({dims, side, pixels // 4, pixels})
    return chosen(
        "vae", "A machine draws handwritten digits. From how many numbers does it draw one?",
        [f"{count}" for count in counts], counts.index(dims),
        f"These models draw from {dims}; an image has {pixels} pixels.",
    )  # fmt: skip


def how_far_free_codes_lie(codes: np.ndarray) -> Question | None:
    """Right are the distances of the middle half of the codes, in any direction; the plane is as wide as the codes.

    The prior's distances in a plane have the quantiles √(−2 ln(1 − share)).
    """
    if codes.ndim != 2 or codes.shape[1] < 2:
        return None
    plane = codes[:, :2].astype(float)
    near, far = (float(value) for value in np.quantile(np.linalg.norm(plane, axis=1), HALF))
    first, last = (math.sqrt(-2 * math.log(1 - share)) for share in HALF)
    edge = max(4, math.ceil(np.quantile(np.abs(plane), 0.98)), math.ceil(far))
    return Question(
        "beta", FREE, "tap", (), [near, far], "tapped in the ring",
        f"Where they cost nothing, half of the codes lie in the ring, {near:.1f}σ to {far:.1f}σ from the centre; half "
        f"of the prior lies {first:.1f}σ to {last:.1f}σ from it.",
        {"edge": float(edge)},
    )  # fmt: skip


def what_costs_more(rows: list[dict[str, Any]], gaussian: tuple[float, float] = GAUSSIANS[:2]) -> Question:
    """Of the q with which the scene begins, and p = N(0, 1): ½ m² is what its position costs, the rest its width. Of
    the model's codes the same, as means over the test images."""
    mean, sigma = gaussian
    place, width = mean**2 / 2, (sigma**2 - 1) / 2 - math.log(sigma)
    model = at_one(rows)
    lies = sum(model["mean_square"]) / 2
    same = abs(place - width) < SAME * (place + width)
    return chosen(
        "cost",
        f"A code q lies {mean:g} off the centre of the prior p and is {sigma:g} times as wide: it costs "
        f"{place + width:.2f} nats. What costs more, its position or its width?",
        ["its position", "its width", "both the same"], 2 if same else int(width > place),
        f"Its position costs {place:.2f} nats, its width {width:.2f}. A code of the model at β = {model['beta']:g} "
        f"pays {lies:.1f} nats for its position and {model['kl'] - lies:.1f} for its width, on average.",
    )  # fmt: skip


@cache
def one_or_both(apart: float) -> Question:
    a = apart / 2
    (_, between), (side, one) = least_kl(a, 0.0), least_kl(a, a)
    right = int(not (one < between - 1e-9 and side > 1e-3))
    return chosen(
        "humps", f"p has two humps, {apart:g} widths apart. Where is the Gaussian q with the least KL(q‖p)?",
        ["on one hump", "between them"], right,
        f"On one hump KL(q‖p) is {one:.2f} nats; the best q between them has {between:.2f}." if abs(side) > 1e-3
        else f"From anywhere q moves to the middle: KL(q‖p) is {between:.2f} nats there.",
    )  # fmt: skip


def least_kl(a: float, m: float) -> tuple[float, float]:
    """Mean, and KL(q‖p) in nats, of the Gaussian with the least KL to (N(-a, 1) + N(a, 1)) / 2, from N(m, 1) on.

    -E ln cosh is concave in the mean and the width, so a step to where its tangent is best lowers the KL.
    """
    nodes = np.arange(-7, 7.025, 0.05)
    weights = np.exp(-(nodes**2) / 2) / math.sqrt(2 * math.pi) * 0.05
    s = 1.0
    for _ in range(5000):
        slope = np.tanh(a * (m + s * nodes)) * weights
        widen = a * float((slope * nodes).sum())
        before, m, s = (m, s), a * float(slope.sum()), (widen + math.hypot(widen, 2)) / 2
        if abs(before[0] - m) + abs(before[1] - s) < 1e-9:
            break
    far = np.abs(a * (m + s * nodes))
    log_cosh = float((weights * (far + np.log1p(np.exp(-2 * far)) - math.log(2))).sum())
    return m, (m * m + s * s + a * a) / 2 - math.log(s) - 0.5 - log_cosh


def how_kl_falls(rows: list[dict[str, Any]]) -> Question:
    values = [row["kl"] for row in rows]
    top = float(max(2, 2 * math.ceil(max(values) / 2)))
    return Question(
        "numbers", "How will the KL fall as β grows? Draw it.", "curve", (), [round(value, 3) for value in values],
        f"drew it within {CLOSE * top:.1f} nats of the models, on average",
        f"From {values[0]:.1f} nats at β = {rows[0]['beta']:g} to {values[-1]:.1f} at β = {rows[-1]['beta']:g}.",
        {"x": [f"{row['beta']:g}" for row in rows], "top": top},
    )  # fmt: skip


def which_is_best(rows: list[dict[str, Any]]) -> Question:
    best = max(range(len(rows)), key=lambda k: rows[k]["elbo"])
    shown = with_others(best, [0, (len(rows) - 1) // 3, 2 * (len(rows) - 1) // 3, len(rows) - 1])
    return chosen(
        "plane", "Which of these models is the best one, by its bound (ELBO)?",
        [f"β = {rows[k]['beta']:g}" for k in shown], shown.index(best),
        f"The highest bound (ELBO), {nats(rows[best]['elbo'])} nats, is at β = {rows[best]['beta']:g}.",
    )  # fmt: skip


def which_kills(rows: list[dict[str, Any]], spectrum: dict[str, Any]) -> Question:
    dims = len(rows[0]["mean_sigma"])
    dead = next((k for k, row in enumerate(rows) if row["active_units"] < dims), None)
    eigenvalue = spectrum["correlation"][dims - 1]
    foretold = f"Foretold from the data: {eigenvalue:.1f}, eigenvalue {dims} of their correlation."
    first = len(rows) - 1 if dead is None else dead
    shown = with_others(first, [k for k in (first - 4, first - 2, first + 2, first - 6) if 0 <= k < len(rows)][:3])
    choices = [f"β = {rows[k]['beta']:g}" for k in shown]
    if dead is None:
        choices[-1:] = ["none of them"]
    told = "No model of the series has a dead dimension."
    if dead is not None:
        told = f"β = {rows[dead]['beta']:g} is the first model of the series with a dead dimension."
    return chosen(
        "collapse", "Can you predict, before training, which β is the first to kill a dimension?", choices,
        shown.index(first), f"{told} {foretold}",
    )  # fmt: skip


def does_the_start_matter(trials: list[dict[str, Any]]) -> Question | None:
    """The means of the objective over seeds: apart where they differ by two standard deviations of either."""
    ends = {
        method: [t["objective"] for t in trials if t["beta"] == TRIED and t["method"] == method]
        for method in ("plain", "warm-up")
    }
    if not all(ends.values()):
        return None
    plain, warm = (fmean(values) for values in ends.values())
    spread = max(stdev(values) if len(values) > 1 else 0.0 for values in ends.values())
    seeds = " and ".join(map(str, dict.fromkeys(map(len, ends.values()))))
    right = 0 if abs(plain - warm) <= max(LEVEL, 2 * spread) else 1 if warm < plain else 2
    return chosen(
        "remedies", START,
        ["both end alike", "the one that warms up", f"the one at β = {TRIED} from the start"], right,
        f"From the start at β = {TRIED} the loss ends at {nats(plain)}, with warm-up at {nats(warm)} (means of "
        f"{seeds} seeds, standard deviation up to {spread:.1f}).",
    )  # fmt: skip


def what_beta_it_is(pixels: int) -> Question:
    return chosen(
        "really", "Your loss averages over the pixels and sums the KL. What is your β?",
        [f"1/{pixels}", "1", f"{pixels}"], 2 if pixels > 1 else 1,
        f"A mean over {pixels} pixels makes the error {pixels} times lighter, so the KL weighs {pixels} times as much.",
    )  # fmt: skip


def does_beta_untangle(tried: Sequence[dict[str, Any]]) -> Question | None:
    """The mutual information gap by seed, at the lowest and at the largest β."""
    plain = sorted((one for one in tried if not one["total_correlation"]), key=lambda one: one["beta"])
    if len(plain) < 2:
        return None
    first, large = plain[0], plain[-1]
    best = max(first["mig"])
    right = 0 if min(large["mig"]) > best else 1 if max(large["mig"]) > best else 2
    ranges = [f"from {min(one['mig']):.2f} to {max(one['mig']):.2f} at β = {one['beta']:g}" for one in (first, large)]
    return chosen(
        "factors", UNTANGLE, ["yes, in every training", "in some trainings, not in others", "no, in none"], right,
        f"The mutual information gap, at most 1, runs {' and '.join(ranges)}, over {len(large['mig'])} seeds each.",
    )  # fmt: skip


def is_lower_better(rows: list[dict[str, Any]]) -> Question:
    ordered = sorted(rows, key=lambda row: row["kl"])
    best = max(range(len(ordered)), key=lambda k: ordered[k]["elbo"])
    right = 0 if best == 0 else 1 if best == len(ordered) - 1 else 2
    model = ordered[best]
    return chosen(
        "closing", "What will you tell someone who was not here: is a lower KL a better model?",
        ["yes: the lower, the better", "no: the higher, the better", "neither: look at both terms"], right,
        f"The highest bound is at β = {model['beta']:g}, with a KL of {model['kl']:.1f} nats; the series has KLs from "
        f"{ordered[0]['kl']:.1f} to {ordered[-1]['kl']:.1f}.",
    )  # fmt: skip


def percent(share: float) -> str:
    return f"{100 * share:.0f}\u00a0%"  # which no line breaks


def nats(value: float) -> str:
    return f"{value:.1f}".replace("-", "\u2212")


def at_one(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return min(rows, key=lambda row: abs(row["beta"] - 1))


def with_others(right: int, others: list[int]) -> list[int]:
    """Four places at most, in order: `right`, and the others without the one next to it."""
    kept = list(dict.fromkeys(others))
    if right not in kept and len(kept) > 3:
        kept.remove(min(kept, key=lambda k: abs(k - right)))
    return sorted({right, *kept})
