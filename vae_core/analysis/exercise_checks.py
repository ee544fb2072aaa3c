"""What an exercise may ask for: a registry of checks, each a function of models and of what was handed in.

No answer is written down anywhere: what is right is computed from the models that an exercise names. Handed in are the
address of a view, some numbers, or trained runs. A new check: its function here, and a row in CHECKS.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import numpy as np

from vae_core.analysis import beta_family, coverage, posterior_collapse
from vae_core.analysis.aggregate_posterior import in_holes
from vae_core.runs.store import Entry, find
from vae_core.settings import RunSettings

if TYPE_CHECKING:
    from torch import Tensor

    from vae_core.model.vae import VAE

LONGEST = 1000  # characters of an answer
FURTHEST, WIDEST = 50.0, 10.0  # means and deviations beyond which the ELBO page shows nothing
SEEDS = 10**6
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


class AnswerError(ValueError):
    """Why an answer cannot be looked at, in one sentence for whoever gave it."""


class Verdict(NamedTuple):
    holds: bool
    said: str  # the number that was computed, and what was asked for


class View(NamedTuple):
    """The address of a page: what a link holds."""

    page: str
    query: dict[str, str]


class TrainedRun(NamedTuple):
    """What is known of a run that was handed in."""

    settings: RunSettings
    step: int  # that it came to
    metrics: dict[str, Any]  # training/evaluate.py's Report of the test images


class Parameter(NamedTuple):
    """A number between two others, or one of some names; a name of a model or data set where `names` is empty."""

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Check:
    takes: str  # "view", "numbers" or "run"
    ask: str  # what to hand in, for people
    parameters: dict[str, Parameter]
    judge: Callable[..., Verdict]


def written(value: float, digits: int = 2) -> str:
    """With a true minus."""
    return f"{value:.{digits}f}".replace("-", "−")


def percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f}\u00a0%"


# -- what is handed in -------------------------------------------------------------------------------------------------


def read_answer(check: Check, text: str) -> View | list[float]:
    """A view or numbers as they were typed; AnswerError says what is wrong with them."""
    text = text.strip()
    if len(text) > LONGEST or not text.isprintable():
        raise AnswerError(f"An answer is one line of at most {LONGEST:,} characters.")
    return view(text) if check.takes == "view" else numbers(text)


def view(text: str) -> View:
    """ "http://here:8501/elbo?i=4" or "elbo?i=4" -> the page and its state; the first page has no name of its own."""
    try:
        parts = urlsplit(text)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        parts, query = None, {}
    if parts is None or not query or not all(map(str.isprintable, [*query, *query.values()])):
        raise AnswerError("This is no link with a view in it: copy the whole address, from the browser’s address bar.")
    return View(parts.path.rstrip("/").rpartition("/")[2] or "explore", query)


def numbers(text: str) -> list[float]:
    """ "12, 5; 13, 5" -> [12, 5, 13, 5]."""
    parts = [part for part in re.split(r"[\s,;]+", text.replace("−", "-")) if part]
    if not parts or not all(NUMBER.fullmatch(part) and math.isfinite(float(part)) for part in parts):
        raise AnswerError("Write numbers here, with a point for decimals and a space between two of them.")
    return [float(part) for part in parts]


def model_named(name: str) -> Entry:
    entry = find(name)
    if entry is None or not entry.ready:
        raise AnswerError(f"The model {name[:40]} of this exercise is not on this machine.")
    if entry.settings.model.conditional or not entry.settings.model.stochastic:
        raise AnswerError(f"{name[:40]} has no q(z|x) without a class: this exercise needs another model.")
    return entry


def of_model(seen: View, model: str) -> None:
    if (here := seen.query.get("model", "mnist-2d")) != model:
        raise AnswerError(f"This is a view of {here[:40]}: choose the model {model}.")


def listed(seen: View, key: str, count: int, what: str) -> list[float]:
    """So many numbers as the address has them, with commas between."""
    try:
        values = [float(part) for part in seen.query[key].split(",")]
        if len(values) != count or not all(math.isfinite(v) and abs(v) <= FURTHEST for v in values):
            raise ValueError
    except (KeyError, ValueError):
        raise AnswerError(f"This link has no {what} of {count} numbers: move it first, then take the link.") from None
    return values


def point(seen: View, entry: Entry) -> list[float]:
    return listed(seen, "z", entry.settings.model.latent_dim, "point z")


def observed(entry: Entry, vae: "VAE", name: str) -> "Tensor":
    """x (1, X) as the pages number them: `prior6` is drawn by the model from seed 6, `6` is test image 6."""
    kind, digits = ("prior", name[5:]) if name.startswith("prior") else ("test", name)
    if not (digits.isascii() and digits.isdecimal() and int(digits[:9]) < SEEDS):
        raise AnswerError(f"{name[:40]} is no image: write a test image’s number, or prior and a number.")
    if kind == "prior":
        from vae_core.inference.prior_draw import prior_draw

        return prior_draw(vae, int(digits), entry.settings.model.row.binary).x
    from vae_core.data.datasets import load_dataset

    data = entry.settings.data
    dataset = load_dataset(entry.source, split=data.split, download=False)
    if int(digits) >= len(dataset.test):
        raise AnswerError(f"There is no test image {digits}: {data.name} has {len(dataset.test):,}.")
    return dataset.observed("test", [int(digits)], 0, data.pixels)


# -- views -------------------------------------------------------------------------------------------------------------


def farther_out(seen: View, model: str, low: float, high: float) -> Verdict:
    """The share of the prior that lies farther out than z: exp(-r^2 / 2) in a plane, as Explore says it."""
    import torch

    of_model(seen, model)
    z = point(seen, model_named(model))
    half_square = torch.tensor(sum(v * v for v in z) / 2, dtype=torch.float64)
    share = torch.special.gammaincc(torch.tensor(len(z) / 2, dtype=torch.float64), half_square).item()
    return Verdict(
        low <= share <= high,
        f"{percent(share, 1)} of the prior lies farther out: {percent(low)} to {percent(high)} is asked for",
    )


def hole(seen: View, model: str, within: float) -> Verdict:
    """Whether the training codes leave z empty, though it lies `within` the middle of the prior."""
    of_model(seen, model)
    entry = model_named(model)
    z, codes = point(seen, entry), entry.training_codes() or entry.codes()
    if codes is None:
        raise AnswerError(f"The codes of {model} are not kept: this exercise needs another model.")
    radius, empty = math.hypot(*z), bool(in_holes(codes, np.array([z]))[0])
    found = "in a hole: q(z) is" if empty else "no hole: q(z) is not"
    said = f"{found} below a twentieth of p(z), {radius:.2f} from the middle: at most {within:g} is asked for"
    return Verdict(empty and radius <= within, said)


def undecided(seen: View, model: str, nats: float) -> Verdict:
    """How unsure the decoder is of its pixels at z: the entropy of p(x|z), whose pixels are independent."""
    import torch

    of_model(seen, model)
    entry = model_named(model)
    if not entry.settings.model.row.binary:
        raise AnswerError(f"The pixels of {model} are densities: this exercise needs a Bernoulli decoder.")
    with torch.no_grad():
        entropy = entry.load().vae.observed(torch.tensor([point(seen, entry)])).entropy().sum().item()
    return Verdict(entropy >= nats, f"the entropy of these pixels is {entropy:.1f} nats: at least {nats:g}")


def gap_by_hand(seen: View, model: str, image: str, nats: float) -> Verdict:
    """KL(q || p(z|x)) of the q in the address, which the hand has put there: summed over the plane."""
    of_model(seen, model)
    if (here := seen.query.get("i", "0")) != image or seen.query.get("seed", "0") != "0":
        raise AnswerError(f"This is a view of the image {here[:20]}: choose {image}, as it was at the start.")
    if seen.query.get("step", "0") != "0":
        raise AnswerError("Gradient steps moved this q: go back to the encoder’s, and drag q by hand.")
    entry = model_named(model)
    dims = entry.settings.model.latent_dim
    q = listed(seen, "q", 2 * dims, "q")
    if not all(1e-4 < sigma < WIDEST for sigma in q[dims:]):
        raise AnswerError("The deviations of this q are not ones that the page can show: drag q again.")
    found = gap(entry, image, q)
    return Verdict(found < nats, f"gap {found:.3f} nats: under {nats:g} is asked for")


def gap(entry: Entry, image: str, q: list[float]) -> float:
    """KL(q || p(z|x)) in nats of a Gaussian q, its means before its deviations, for a model of D <= 2."""
    import torch

    from vae_core.inference.bound_decomposition import tightness
    from vae_core.inference.latent_grid import LatentGrid, summable
    from vae_core.model.gaussians import DiagonalGaussian

    vae = entry.load().vae
    if not summable(vae):
        raise AnswerError(f"The gap of {entry.key} cannot be summed: this exercise needs one or two dimensions.")
    mean, sigma = torch.tensor([q], dtype=torch.float64).chunk(2, -1)
    x = observed(entry, vae, image)
    log_px = LatentGrid(vae).log_px(x)
    return tightness(vae, DiagonalGaussian(mean, 2 * sigma.log()), x, log_px, tolerance=1e-3).gap.item()


# -- numbers -----------------------------------------------------------------------------------------------------------


def so_many(given: list[float], count: int) -> list[float]:
    if len(given) != count:
        raise AnswerError(f"{count} numbers are asked for, these are {len(given)}.")
    return given


def costliest_pixels(given: list[float], model: str, image: str, count: int) -> Verdict:
    """Row and column, from 1 on, of the pixels whose E_q log p(x_i|z) is lowest under the encoder’s q."""
    from vae_core.inference.bound_decomposition import per_pixel

    entry = model_named(model)
    vae, (height, width) = entry.load().vae, entry.shape[:2]
    if vae.latent_dim > 2 or len(entry.shape) > 2:
        raise AnswerError(f"The pixels of {model} cannot be summed: this exercise needs grey images and D of 1 or 2.")
    places = list(zip(*[iter(so_many(given, 2 * count))] * 2, strict=True))
    if not all(1 <= row <= height and 1 <= column <= width and row % 1 == column % 1 == 0 for row, column in places):
        raise AnswerError(f"Rows are 1 to {height} and columns 1 to {width}: write row and column of each pixel.")
    x = observed(entry, vae, image)
    cost = -per_pixel(vae, vae.posterior(x), x)[0].reshape(height, width)
    chosen = [cost[int(row) - 1, int(column) - 1].item() for row, column in places]
    least = cost.flatten().topk(count).values[-1].item()
    holds = len(set(places)) == count and min(chosen) >= least
    costs = " and ".join(f"{value:.2f}" for value in chosen)
    return Verdict(holds, f"these cost {costs} nats; the {count} costliest cost at least {least:.2f} each")


def member(beta: float) -> Entry:
    """The model of the family with this beta."""
    known = beta_family.members()
    found = [entry for entry in known if math.isclose(entry.settings.train.beta, beta, abs_tol=1e-9)]
    if not found:
        there = ", ".join(f"{entry.settings.train.beta:g}" for entry in known)
        raise AnswerError(f"There is no model of β = {beta:g}: there are β = {there}." if known else "No family here.")
    return found[0]


def living_dimensions(given: list[float], count: int) -> Verdict:
    """How many dimensions of the family's model with that beta still carry something."""
    (beta,) = so_many(given, 1)
    found = member(beta).metrics["active_units"]
    return Verdict(found == count, f"{found} living at β = {beta:g}: exactly {count} is asked for")


def best_of_family(given: list[float], quantity: str) -> Verdict:
    """The beta at which a quantity of the test set is largest (ELBO, reconstruction) or smallest (KL)."""
    (beta,) = so_many(given, 1)
    key, sign = QUANTITIES[quantity]
    values = [sign * entry.metrics[key] for entry in beta_family.members()]
    found = sign * member(beta).metrics[key]
    best = written(sign * max(values))
    said = f"{quantity} {written(found)} nats at β = {beta:g}: the best of {len(values)} is {best}"
    return Verdict(sign * found == max(values), said)


def few_holes(given: list[float], share: float) -> Verdict:
    """The smallest beta of the family whose holes take less than a share of the prior."""
    (beta,) = so_many(given, 1)
    found = coverage.of(member(beta)).share
    smaller = [e for e in beta_family.members() if e.settings.train.beta < beta and coverage.of(e).share < share]
    said = f"holes take {percent(found, 1)} at β = {beta:g}: less than {percent(share)} is asked for"
    if found < share and smaller:
        return Verdict(False, f"{said}, and a smaller β does it too")
    return Verdict(found < share, said)


def bounds_apart(given: list[float], better: str, worse: str, within: float) -> Verdict:
    """By how many nats per image the test ELBO of one model is above another's."""
    (answer,) = so_many(given, 1)
    apart = model_named(better).metrics["elbo"] - model_named(worse).metrics["elbo"]
    if abs(answer - apart) > within:
        return Verdict(False, f"{written(answer)} nats is more than {within:g} off the difference of the test bounds")
    return Verdict(True, f"{written(apart)} nats apart: within {within:g} of {written(answer)}")


def dies_at(given: list[float], dimension: int, within: float) -> Verdict:
    """The beta above which a direction of MNIST's pixels no longer pays: an eigenvalue of their correlation matrix."""
    (answer,) = so_many(given, 1)
    value = posterior_collapse.mnist().correlation[dimension - 1]
    off = abs(answer / value - 1)
    return Verdict(off <= within, f"{percent(off, 1)} off the eigenvalue: at most {percent(within)} is asked for")


def predicted_living(given: list[float], beta: float, latent_dim: int) -> Verdict:
    """How many dimensions the eigenvalues of MNIST's pixels let live at a beta."""
    (answer,) = so_many(given, 1)
    found = posterior_collapse.predicted_active(posterior_collapse.mnist().correlation, beta, latent_dim)
    above = sum(value > beta for value in posterior_collapse.mnist().correlation)
    return Verdict(
        answer == found, f"{above} eigenvalues are above β = {beta:g}, and there are {latent_dim} dimensions"
    )


def beta_of_loss(
    given: list[float], error: str, over_pixels: str, weight: float, pixels: int, latent_dim: int
) -> Verdict:
    """The beta that a loss as people write it has, its KL summed over the dimensions."""
    (answer,) = so_many(given, 1)
    loss = posterior_collapse.Loss(error, over_pixels, "sum", weight)
    beta = posterior_collapse.effective_beta(loss, pixels, latent_dim)
    holds = math.isclose(answer, beta, rel_tol=0.01)
    return Verdict(holds, f"{answer:g} is {'the' if holds else 'not the'} β of this loss, to one percent")


# -- runs --------------------------------------------------------------------------------------------------------------


def suits(run: TrainedRun, data: str, latent_dim: int, steps: int) -> str:
    """Why a run is none of this exercise; "" if it is one."""
    model = run.settings.model
    if run.settings.data.name != data:
        return f"it was trained on {run.settings.data.name}, not on {data}"
    if not model.stochastic or model.conditional:
        return "it is no VAE of the images alone"
    if model.latent_dim != latent_dim:
        return f"it has {model.latent_dim} dimensions: {latent_dim} are asked for"
    return f"it took {run.step:,} steps: at most {steps:,}" if run.step > steps else ""


def bound_above(run: TrainedRun, data: str, latent_dim: int, steps: int, nats: float) -> Verdict:
    """The test ELBO of a run of one's own."""
    if why := suits(run, data, latent_dim, steps):
        return Verdict(False, why)
    elbo, asked = run.metrics["elbo"], f"{nats:g}".replace("-", "−")
    said = f"test ELBO {written(elbo)} nats in {run.step:,} steps: above {asked} is asked for"
    return Verdict(elbo > nats, said)


def run_living(run: TrainedRun, data: str, latent_dim: int, steps: int, count: int) -> Verdict:
    """How many dimensions of a run of one's own carry something, once it took all of its steps: early, few do yet."""
    if why := suits(run, data, latent_dim, steps):
        return Verdict(False, why)
    if run.step < steps:
        return Verdict(False, f"it took {run.step:,} steps: all {steps:,} are asked for")
    beta, living = run.settings.train.beta, run.metrics["active_units"]
    return Verdict(living == count, f"{living} of {latent_dim} living at β = {beta:g}: exactly {count} is asked for")


# -- the registry ------------------------------------------------------------------------------------------------------

QUANTITIES = {"ELBO": ("elbo", 1), "reconstruction": ("reconstruction", 1), "KL": ("kl", -1)}
A_VIEW, A_NUMBER, A_RUN = "the link to your view", "a number", "a run that you trained"
NAME = Parameter(names=())
SHARE, NATS = Parameter(0, 1), Parameter(-1e6, 1e6)
COUNT, DIMS, STEPS = Parameter(0, 64, True), Parameter(1, 64, True), Parameter(1, 10**7, True)
OF_RUN = {"data": NAME, "latent_dim": DIMS, "steps": STEPS}

CHECKS: dict[str, Check] = {
    "farther-out": Check("view", A_VIEW, {"model": NAME, "low": SHARE, "high": SHARE}, farther_out),
    "hole": Check("view", A_VIEW, {"model": NAME, "within": Parameter(0, FURTHEST)}, hole),
    "undecided": Check("view", A_VIEW, {"model": NAME, "nats": NATS}, undecided),
    "gap-by-hand": Check("view", A_VIEW, {"model": NAME, "image": NAME, "nats": NATS}, gap_by_hand),
    "costliest-pixels": Check(
        "numbers", "row and column of each", {"model": NAME, "image": NAME, "count": Parameter(1, 9, True)},
        costliest_pixels,
    ),
    "living-dimensions": Check("numbers", "a β", {"count": COUNT}, living_dimensions),
    "best-of-family": Check("numbers", "a β", {"quantity": Parameter(names=tuple(QUANTITIES))}, best_of_family),
    "few-holes": Check("numbers", "a β", {"share": SHARE}, few_holes),
    "bounds-apart": Check("numbers", "nats per image", {"better": NAME, "worse": NAME, "within": NATS}, bounds_apart),
    "dies-at": Check("numbers", "a β", {"dimension": Parameter(1, 32, True), "within": SHARE}, dies_at),
    "predicted-living": Check("numbers", A_NUMBER, {"beta": Parameter(0, 1e6), "latent_dim": DIMS}, predicted_living),
    "beta-of-loss": Check(
        "numbers", "a β",
        {
            "error": Parameter(names=("bce", "mse")), "over_pixels": Parameter(names=("sum", "mean")),
            "weight": Parameter(0, 1e6), "pixels": Parameter(1, 10**6, True), "latent_dim": DIMS,
        },
        beta_of_loss,
    ),
    "bound-above": Check("run", A_RUN, OF_RUN | {"nats": NATS}, bound_above),
    "run-living": Check("run", A_RUN, OF_RUN | {"count": COUNT}, run_living),
}  # fmt: skip
