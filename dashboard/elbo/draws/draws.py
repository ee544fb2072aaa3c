"""What lies under the bound of one image: its single draws, more of them, and the derivation line by line."""

import math
from typing import Any

import torch

from dashboard.shared import formatting, image_bound, model_picker, model_view
from dashboard.shared.caching import cached
from dashboard.shared.image_bound import BoundInputs, Numbers
from vae_core.inference.derivation import derivation, effective_samples, staircase
from vae_core.inference.gradient_estimators import values
from vae_core.inference.importance_sampling import Importance, importance
from vae_core.inference.quadrature import CENTRE, SIDE
from vae_core.model.gaussians import log_standard_normal

DRAWS = 1000  # of the estimators A and B
WEIGHTS = 4000  # importance weights, of which groups of K are made
FEWEST = 20  # of them that have to count before a mean over them is shown
POINTS = 2 * CENTRE * SIDE[2]  # along each side of the plane, where a sum over it begins
COUNTS = [1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000]
PROPOSALS = {"posterior": "q", "mixture": "½ q + ½ prior", "prior": "prior"}


@cached(max_entries=128)
def below(s: BoundInputs, q: Numbers) -> dict[str, Any]:
    found, known = image_bound.bound(s, q), image_bound.exact(s)
    weights = {proposal: weighted(s, q, proposal) for proposal in PROPOSALS}
    return {
        "draws": estimates(s, q),
        "stairs": [stairs(weights[proposal], name) for proposal, name in PROPOSALS.items()],
        "lines": lines(s, q) if known.exact else [],
        "points": formatting.power(float(POINTS) ** s.model.dims),
        "twin": None if known.exact else twin(s.model),
        "elbo": found.elbo,
        "logPx": known.log_px,
        "exact": known.exact,
        "priorDraws": tries(posterior_kl(s)) if known.exact else None,
        "priorGuess": None if known.exact else guessed(weights["mixture"]),
    }


def twin(model: model_view.Model) -> str:
    """A model with a plane to sum over, of the same images where there is one."""
    plane = [entry for entry in model_picker.bundled_models() if entry.ready and entry.settings.model.latent_dim == 2]
    plane = [entry for entry in plane if entry.settings.model.stochastic and entry.settings.train.beta == 1]
    same = [entry.key for entry in plane if entry.settings.data.same_images(model.entry.settings.data)]
    return min([key for key in same if key == model_picker.FIRST] or same or [model_picker.FIRST])


@cached(max_entries=128)
def posterior_kl(s: BoundInputs) -> float:
    """KL(p(z|x) || p(z)), over the squares that hold p(z|x): a bad q's own KL says nothing."""
    found = image_bound.grid(s.model).masses(s.pixels[0])
    kept = found.mass > 0
    z, mass = found.z[kept], found.mass[kept]
    log_density = mass.log() - z.shape[1] * math.log(found.side)
    return (mass * (log_density - log_standard_normal(z))).sum().item()


def guessed(found: Importance) -> dict[str, float | None]:
    """The same for D > 2, by weighted draws, and how many of those count; no number where they are too few."""
    effective = found.effective_samples.item()
    n = tries(max(0.0, found.posterior_kl.item())) if effective >= FEWEST else None
    return {"tries": n, "draws": len(found.log_weights), "effective": effective}


def tries(kl: float) -> float:
    """e^KL to two digits: within the squares the KL is known to some .02 nats, which is two in a hundred of e^KL."""
    return float(f"{math.exp(min(kl, 700.0)):.1e}")


def estimates(s: BoundInputs, q: Numbers) -> dict[str, str]:
    """Single-sample values of A and B from the same noise."""
    guess, dims = image_bound.gaussian(q), s.model.dims
    noise = torch.randn(DRAWS, dims, generator=torch.Generator().manual_seed(0))
    one = type(guess)(guess.mean[0], guess.logvar[0])
    found = values(model_view.network(s.model), s.pixels[0], one, noise)
    return {"a": image_bound.packed(found.a.numpy()), "b": image_bound.packed(found.b.numpy())}


def weighted(s: BoundInputs, q: Numbers, proposal: str) -> Importance:
    """Weighted draws from one proposal; q is in the encoder's place."""
    guess = None if proposal == "prior" else image_bound.gaussian(q)
    rng = torch.Generator().manual_seed(0)
    return importance(model_view.network(s.model), s.pixels, WEIGHTS, rng, proposal, guess)


def stairs(found: Importance, name: str) -> dict[str, Any]:
    """The importance bound for growing K, from one proposal."""
    steps = staircase(found.log_weights[:, 0], COUNTS)
    return {
        "name": name,
        "k": COUNTS,
        "bound": [stair.bound for stair in steps],
        "error": [0.0 if math.isnan(stair.error) else stair.error for stair in steps],
        "effective": effective_samples(found.log_weights[:1000, 0]),
    }


def lines(s: BoundInputs, q: Numbers) -> list[dict[str, Any]]:
    found, known = image_bound.bound(s, q), image_bound.exact(s)
    rule = image_bound.measuring(s.model.dims, s.model.summed)
    made = derivation(model_view.network(s.model), s.pixels, image_bound.gaussian(q), rule, known.log_px, found.gap)
    return [{"terms": line.terms, "reason": line.reason, "value": line.value} for line in made]
