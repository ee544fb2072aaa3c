"""One image's bound, taken apart: computed once per image and q, exactly where the model has at most two dimensions.

Everything in nats. An image is asked for by its pixels, so that all sessions share what is known of it.
"""

import base64
import hashlib
import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dashboard.shared import formatting, model_view
from dashboard.shared.caching import cached
from vae_core.inference.bound_decomposition import per_pixel, tightness
from vae_core.inference.elbo import terms
from vae_core.inference.expectations import SPACINGS, Rule, drawn, gauss_hermite, lattice
from vae_core.inference.full_covariance import best_full
from vae_core.inference.importance_sampling import importance
from vae_core.inference.latent_grid import LatentGrid
from vae_core.inference.variational_refinement import refine
from vae_core.model.gaussians import DiagonalGaussian, kl_standard_normal, log_standard_normal
from vae_core.model.vae import VAE, in_float64

torch.set_num_threads(1)  # two threads beside a training are many times slower than one
DROP = 8.0  # nats below its peak, to which the posterior is drawn
CELLS = 32  # of that drawing, along each side
DRAWS, CLIMBED = 250, 32  # of noise to measure and to climb by, and as many mirrored, where no rule serves
SAMPLES = 1000  # importance samples, where nothing is summed
STEPS = 40
STATIONS = (0, 1, 5, 10, 20, STEPS)  # the steps with a row of their own
ELSEWHERE = 0.3  # nats: a climb that ends with a larger gap is tried again from the posterior's own place

Numbers = tuple[float, ...]  # q's means, then its deviations


class Exact(NamedTuple):
    """log p(x) and where p(z|x) lies; where nothing is summed, the importance bound, in expectation below it."""

    log_px: float
    exact: bool
    error: str  # how far it can be trusted, in a few words
    log_joint: np.ndarray | None  # (CELLS, CELLS) or (CELLS^2,): log p(x, z) over `box`, row 0 the smallest z2
    box: list[tuple[float, float]]  # per dimension
    mode: list[float] | None  # where it is largest
    off: float = 0.0  # nats: the change at the last halving; of an importance bound its standard error


class Bound(NamedTuple):
    """The bound of one q."""

    reconstruction: float
    kl_mu: list[float]  # (D,)  what each mean costs
    kl_sigma: list[float]  # (D,)  what each deviation costs
    gap: float  # KL(q || p(z|x)), summed over the plane; else the distance to the importance bound
    error: float  # nats, of reconstruction and ELBO: of the sum, or the draws' standard error
    gap_error: float
    pixels: np.ndarray  # (X,)  E_q log p(x_i|z), whose sum is the reconstruction
    image: np.ndarray  # (X,)  the decoder's mean at q's mean

    @property
    def kl(self) -> float:
        return sum(self.kl_mu) + sum(self.kl_sigma)

    @property
    def elbo(self) -> float:
        return self.reconstruction - self.kl


class Refinement(NamedTuple):
    """How q improves from a start, and the best q of all."""

    path: list[Numbers]
    rows: list[dict[str, float]]  # at the stations: gap, elbo, and their sum log_px, each computed for itself
    best: Numbers
    summit: dict[str, float]  # the same numbers for the best q

    def at(self, step: str) -> Numbers:
        return self.best if step == "best" else self.path[int(step)]


class Tilted(NamedTuple):
    """The best Gaussian with a covariance, D = 2."""

    mean: list[float]  # (2,)
    cholesky: list[list[float]]  # (2, 2), a lower triangle
    gap: float  # nats, summed over the plane
    gap_error: float


class BoundInputs(NamedTuple):
    """A model, an image and a name for both that is the same in every session."""

    model: model_view.Model
    x: np.ndarray  # (X,) float32
    key: str

    @property
    def pixels(self) -> Tensor:
        return torch.from_numpy(self.x)[None]


def bound_inputs(model: model_view.Model, x: np.ndarray) -> BoundInputs:
    seal = hashlib.sha256(x.tobytes()).hexdigest()
    of_class = "" if model.given is None else f" class {model.given}"
    return BoundInputs(model, x, f"{model.entry.key} {model.entry.created}{of_class} {seal}")


@cached(max_entries=512)
def encoder(s: BoundInputs) -> Numbers:
    """q(z|x) as the encoder guesses it. Kept: the first product of a page's new thread costs milliseconds."""
    with torch.no_grad():
        return numbers(model_view.network(s.model).posterior(s.pixels))


def gaussian(*qs: Numbers) -> DiagonalGaussian:
    mean, sigma = torch.tensor(qs, dtype=torch.float32).chunk(2, -1)
    return DiagonalGaussian(mean, 2 * sigma.log())


def numbers(q: DiagonalGaussian) -> Numbers:
    return tuple(round(value, 5) for value in torch.cat([q.mean[0], q.stddev[0]]).tolist())


@cached(max_entries=4)
def float64_network(model: model_view.Model) -> VAE:
    """The network that sums over q decode with, copied once."""
    return in_float64(model_view.network(model))


@cached(max_entries=2)  # 128 MB each
def grid(model: model_view.Model) -> LatentGrid:
    return LatentGrid(model_view.network(model))


@lru_cache
def climbing(dims: int, summed: bool) -> Rule:
    """E_q to climb by: a product rule for one or two dimensions, else draws in mirrored pairs."""
    return gauss_hermite(dims, 7) if summed else mirrored(dims, CLIMBED, seed=0)


@lru_cache
def measuring(dims: int, summed: bool) -> Rule:
    """E_q to measure by: a fine lattice, or where nothing is summed draws that no q was fitted to."""
    return lattice(dims, SPACINGS[dims][-2]) if summed else mirrored(dims, DRAWS, seed=1)


def mirrored(dims: int, pairs: int, seed: int) -> Rule:
    noise = torch.randn(pairs, 1, dims, generator=torch.Generator().manual_seed(seed))
    return drawn(torch.cat([noise, -noise]))


@cached(max_entries=128)
def exact(s: BoundInputs) -> Exact:
    dims, vae = s.model.dims, model_view.network(s.model)
    if not s.model.summed:
        top = gaussian(track(s, encoder(s))[-1])  # a far better proposal than the encoder's
        found = importance(vae, s.pixels, SAMPLES, torch.Generator().manual_seed(0), q=top)
        effective = found.effective_samples.item()
        error = f"{SAMPLES:,} draws, half from the best q and half from the prior; {effective:.0f} effective"
        off = math.sqrt(max(0.0, 1 / effective - 1 / SAMPLES))  # of a logarithm of a mean, to first order
        return Exact(found.log_px.item(), False, error, None, [], None, off)
    place = grid(s.model).place(s.pixels[0])
    change, tail = place.certificate.change.item(), place.certificate.tail.item()
    outside = "below 10⁻³⁰" if tail < -69 else formatting.power(math.exp(tail))
    error = f"exact to {formatting.power(max(change, 1e-9))} nats, tail {outside}"
    near = place.z[place.log_joint > place.log_joint.max() - DROP]
    low, high = near.amin(0) - place.side, near.amax(0) + place.side
    cells = CELLS if dims == 2 else CELLS**2 // 4
    lines = [(torch.arange(cells) + 0.5) / cells * (b - a) + a for a, b in zip(low, high, strict=True)]
    z = torch.stack(torch.meshgrid(lines, indexing="xy"), -1).reshape(-1, dims).float()  # row 0: the smallest z2
    with torch.no_grad():
        log_joint = vae.observed(z).log_prob(s.pixels).sum(-1) + log_standard_normal(z)
    mode = z[log_joint.argmax()].tolist()
    box = list(zip(low.tolist(), high.tolist(), strict=True))
    return Exact(place.log_px.item(), True, error, log_joint.numpy(), box, mode, change)


@cached(max_entries=256)
def decoded(s: BoundInputs, z: Numbers) -> np.ndarray:
    """The decoder's mean at one place (D,): (X,)."""
    with torch.no_grad():
        return model_view.network(s.model).mean(torch.tensor([z]))[0].numpy()


@cached(max_entries=512)
def reconstructed(s: BoundInputs, q: Numbers) -> tuple[Tensor, float]:
    """E_q log p(x_i|z) of each pixel, (X,) float64, the same numbers on every page; and the error of their sum: how
    far two rules disagree, or where nothing is summed the standard error of a mean over mirrored pairs of draws."""
    guess = gaussian(q)
    if s.model.summed:
        return per_pixel(float64_network(s.model), guess, s.pixels)
    vae, rule = model_view.network(s.model), measuring(s.model.dims, s.model.summed)
    with torch.no_grad():
        log_px = terms(vae, s.pixels, rule.noise, guess).log_px[:, 0].double()  # (2 DRAWS, X)
    pairs = log_px.sum(-1).reshape(2, -1).mean(0)
    return log_px.mean(0), pairs.std().item() / math.sqrt(len(pairs))


def code_costs(q: Numbers) -> tuple[Tensor, Tensor]:
    """KL(q || p(z)) as what each mean and what each deviation costs, (D,) float64 each."""
    guess = gaussian(q)
    mean, logvar = guess.mean[0].double(), guess.logvar[0].double()
    zero = torch.zeros_like(mean)
    return kl_standard_normal(mean, zero), kl_standard_normal(zero, logvar)


@cached(max_entries=512)
def bound(s: BoundInputs, q: Numbers) -> Bound:
    known, guess, (pixels, error) = exact(s), gaussian(q), reconstructed(s, q)
    image = decoded(s, q[: s.model.dims])
    kl_mu, kl_sigma = code_costs(q)
    reconstruction = pixels.sum().item()
    if known.exact:
        evidence = torch.tensor([known.log_px], dtype=torch.float64)
        found = tightness(float64_network(s.model), guess, s.pixels, evidence)
        gap, off = found.gap.item(), found.error.item() + known.off
    else:
        gap, off = known.log_px - reconstruction + (kl_mu + kl_sigma).sum().item(), math.hypot(error, known.off)
    costs = kl_mu.tolist(), kl_sigma.tolist()
    return Bound(reconstruction, *costs, gap, error, off, pixels.float().numpy(), image)


def finite(known: Exact, found: Bound) -> bool:
    return all(map(math.isfinite, (known.log_px, found.elbo, found.gap))) and bool(np.isfinite(found.pixels).all())


@cached(max_entries=256)
def track(s: BoundInputs, start: Numbers) -> list[Numbers]:
    """q at every step of its climb."""
    rule = climbing(s.model.dims, s.model.summed)
    path = refine(model_view.network(s.model), s.pixels, gaussian(start), rule, STEPS)
    return [numbers(path.at(t)) for t in range(STEPS + 1)]


@cached(max_entries=256)
def refinement(s: BoundInputs, start: Numbers) -> Refinement:
    path = track(s, start)
    rows = [measured(s, path[t]) for t in STATIONS]
    ends = [*zip((path[t] for t in STATIONS), rows, strict=True), *elsewhere(s, start, rows[-1])]
    top, summit = max(ends, key=lambda end: end[1]["elbo"])  # where E_q is drawn a later step may be a worse one
    return Refinement(path, rows, top, summit)


@cached(max_entries=256)
def tilted(s: BoundInputs, start: Numbers) -> Tilted | None:
    """What a covariance adds to a diagonal q, from which it begins; None: the plane is not exact, or there is none."""
    known = exact(s)
    if s.model.dims != 2 or not known.exact:
        return None
    q = best_full(model_view.network(s.model), s.pixels, gaussian(start), climbing(2, True)).q
    found = tightness(float64_network(s.model), q, s.pixels, torch.tensor([known.log_px], dtype=torch.float64))
    return Tilted(q.mean[0].tolist(), q.cholesky[0].tolist(), found.gap.item(), found.error.item() + known.off)


@cached(max_entries=256)
def intended(s: BoundInputs) -> Numbers | None:
    """The best q for the objective that the encoder was trained on, where beta prices the KL; None: that is the ELBO,
    or an objective without a best q of its own."""
    train = s.model.entry.settings.train
    if train.beta in (0, 1) or train.free_bits or train.total_correlation:
        return None
    vae, rule = model_view.network(s.model), climbing(s.model.dims, s.model.summed)
    starts = [encoder(s), refinement(s, encoder(s)).best]
    ends = [refine(vae, s.pixels, gaussian(start), rule, STEPS, beta=train.beta) for start in starts]
    return numbers(max(ends, key=lambda path: path.elbo[-1].item()).at(-1))


def elsewhere(s: BoundInputs, start: Numbers, end: dict[str, float]) -> list[tuple[Numbers, dict[str, float]]]:
    """Where other climbs lead, if there is something to gain: from the encoder's guess, and from the mode."""
    known, guess = exact(s), encoder(s)
    if start != guess:
        other = refinement(s, guess)
        return [(other.best, other.summit)]
    if known.mode and end["gap"] > ELSEWHERE:
        found = track(s, (*known.mode, *guess[s.model.dims :]))[-1]
        return [(found, measured(s, found))]
    return []


@cached(max_entries=256)
def valley(s: BoundInputs, a: Numbers, b: Numbers) -> float:
    """By how many nats log p(x, z) falls on the straight way from one q's mean to the other's: 0 on one hill."""
    ends = torch.tensor([a, b])[:, : s.model.dims]
    z = torch.lerp(ends[0], ends[1], torch.linspace(0, 1, 33)[:, None])
    with torch.no_grad():
        height = model_view.network(s.model).observed(z).log_prob(s.pixels).sum(-1) + log_standard_normal(z)
    return (torch.minimum(height[0], height[-1]) - height.min()).item()


def measured(s: BoundInputs, q: Numbers) -> dict[str, float]:
    """A row: the gap from the plane, the bound by its own rule, their sum, and the errors of the first two."""
    found, known = bound(s, q), exact(s)
    total = found.gap + found.elbo if known.exact else known.log_px
    return {"gap": found.gap, "elbo": found.elbo, "log_px": total, "error": found.error, "gap_error": found.gap_error}


def per_place(nats: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Nats (X,) -> of its pixels (H W,): in colour, those of red, green and blue together."""
    return nats.reshape(shape[0] * shape[1], -1).sum(1)


def packed(values: np.ndarray) -> str:
    """Numbers for the browser, as float32."""
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()
