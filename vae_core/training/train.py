"""The training loop, as an iterator: the caller decides how long to train, how often to draw, and when to stop.

All randomness is a function of (seed, purpose, step), so a seeded run is the same whatever else runs, and a checkpoint
needs no generator's state: weights, optimizer moments and the step are all it holds.
Measured: one tensor of uint8 images, index_select and fused Adam run at three times the speed of a DataLoader loop.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from vae_core.data.datasets import Dataset, mean_image, observe
from vae_core.inference.elbo import Elbo, terms
from vae_core.inference.total_correlation import total_correlation
from vae_core.model.likelihoods import OUTPUT_OF_MEAN
from vae_core.model.optimizers import SGD, Adagrad, AdamW
from vae_core.model.vae import VAE, build
from vae_core.settings import RunSettings, TrainSettings
from vae_core.training import monte_carlo_em, wake_sleep
from vae_core.training.monte_carlo_em import Chains

EVERY = 20  # steps between two reports
WEIGHTS, BATCHES, NOISE, CHAINS = range(4)  # the purposes that randomness is drawn for


class Progress(NamedTuple):
    """The state of a training; its terms are means over the images since the last report, in nats per image."""

    step: int
    steps: int
    epoch: int
    images_seen: int
    reconstruction: float
    kl: float
    kl_per_dimension: list[float]
    beta: float
    gradient_norm: float  # of the last step, before any clipping
    seconds: float  # of training, without the caller's own
    vae: VAE  # as it is trained; of another device, a copy on the processor
    optimizer: Optimizer
    chains: Chains | None = None  # of Monte Carlo EM
    importance_weighted: float | None = None  # the bound of K > 1 samples, where that is what is climbed

    @property
    def elbo(self) -> float:
        return self.reconstruction - self.kl

    def checkpoint(self) -> dict[str, Tensor]:
        """Copies of everything that `train(..., checkpoint=)` needs to resume as if it had never stopped."""
        saved, trained = {"step": torch.tensor(self.step)}, self.optimizer.param_groups[0]["params"]
        for (name, _), parameter in zip(self.vae.named_parameters(), trained, strict=True):
            saved[f"vae.{name}"] = parameter.detach().cpu().clone()
            for key, value in self.optimizer.state[parameter].items():
                saved[f"optimizer.{key}.{name}"] = value.cpu().clone()
        for key, value in (self.chains.state() if self.chains else {}).items():
            saved[f"chains.{key}"] = value
        return saved


class Diverged(ArithmeticError):
    """The objective stopped being a number. `vae` has the weights before the bad step, all finite."""

    def __init__(self, message: str, vae: VAE, step: int) -> None:
        super().__init__(message)
        self.vae, self.step = vae, step


def train(
    settings: RunSettings, dataset: Dataset, *,
    start: dict[str, Tensor] | None = None, checkpoint: dict[str, Tensor] | None = None,
    due: Callable[[int], bool] = lambda step: False, device: torch.device | str = "cpu",
) -> Iterator[Progress]:  # fmt: skip
    """AEVB (Kingma & Welling 2014, algorithm 1) on the training images without the validation images, or what the
    paper compares it with: `algorithm` is aevb, wake-sleep or mcem (Monte Carlo EM).

    `start` are weights to begin with instead of random ones; `checkpoint` continues an interrupted run bit for bit.
    Progress comes every EVERY steps, and after each step for which `due(step)` says so.
    `device`: where networks and gradients are computed (devices.py); what is not aevb, on the processor only.
    Raises Diverged, with what to try, in the step in which the objective stops being finite.
    """
    chosen, place_of = settings.train, torch.device(device)
    if place_of.type != "cpu" and chosen.algorithm != "aevb":
        raise ValueError(f"{chosen.algorithm} trains on the processor only: use device=cpu or algorithm=aevb.")
    images, pixels = _training_images(settings, dataset)
    labels = dataset.labels("train", range(len(images))) if settings.model.conditional else None
    vae = initial(settings, dataset, start).to(place_of)
    optimizer = OPTIMIZERS[chosen.optimizer](vae.parameters(), chosen)
    chains = None
    if chosen.algorithm == "mcem":
        chains = Chains(len(images), settings.model.latent_dim, generator(chosen.seed, CHAINS, 0))
    first = _restore(vae, optimizer, chains, checkpoint) if checkpoint else 0
    batch = min(chosen.batch, len(images))
    per_epoch = len(images) // batch
    began, seen = time.perf_counter(), []

    for step in range(first, chosen.steps):
        epoch, place = divmod(step, per_epoch)
        if place == 0 or step == first:
            order = torch.randperm(len(images), generator=generator(chosen.seed, BATCHES, epoch))
        rng = generator(chosen.seed, NOISE, step)
        rows = order[place * batch : (place + 1) * batch]
        given = vae.given(labels[rows]) if settings.model.conditional else vae
        grey = images[rows]
        x = observe(grey, pixels, uniforms(grey.shape, rng)).to(place_of)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(chosen, step)
        z = chains.sample(given, x, rows, rng) if chains else None
        with torch.autocast(place_of.type, torch.bfloat16, enabled=chosen.precision == "bfloat16"):
            objective, bound, kl = _objective(given, x, z, settings, step, rng)
        norm = _ascend(objective, bound, vae, optimizer, settings, len(images), step)
        for _ in range(1, monte_carlo_em.UPDATES if chains else 1):
            with torch.autocast(place_of.type, torch.bfloat16, enabled=chosen.precision == "bfloat16"):
                objective = monte_carlo_em.log_likelihood(given, x, z)
            _ascend(objective, bound, vae, optimizer, settings, len(images), step)

        seen.append((objective.detach(), bound.reconstruction.detach(), kl))
        if (step + 1) % EVERY == 0 or step + 1 == chosen.steps or due(step + 1):
            if norm is None:
                norm = nn.utils.get_total_norm([w.grad for w in vae.parameters() if w.grad is not None])
            climbed, reconstruction, kls = (torch.cat(column).mean(0).tolist() for column in zip(*seen, strict=True))
            reported = time.perf_counter()
            yield Progress(
                step + 1, chosen.steps, epoch, (step + 1) * batch, reconstruction, sum(kls), kls,
                bound.beta, norm.item(), reported - began, _on_the_processor(vae, place_of), optimizer, chains,
                climbed if chosen.importance_samples > 1 else None,
            )  # fmt: skip
            began += time.perf_counter() - reported  # the caller's time does not count
            seen.clear()


def initial(settings: RunSettings, dataset: Dataset, start: dict[str, Tensor] | None = None) -> VAE:
    """The model before its first step: random weights from the seed, or those of `start`.

    A conditional model of images without labels is a ValueError.
    """
    classes = dataset.labelled if settings.model.conditional else 0
    vae = build(settings.model, dataset.shape, generator(settings.train.seed, WEIGHTS, 0), classes)
    if settings.model.data_bias:
        _start_at_the_mean(vae, _training_images(settings, dataset)[0], settings.model.row.squash)
    if start:
        vae.load_state_dict(start)
    return vae


def generator(seed: int, purpose: int, step: int) -> torch.Generator:
    """A torch generator of its own for each (seed, purpose, step)."""
    state = np.random.SeedSequence((seed, purpose, step)).generate_state(1)
    return torch.Generator().manual_seed(int(state[0]))


def uniforms(shape: torch.Size, rng: torch.Generator) -> Tensor:
    """Multiples of 2^-16 in [0, 1): four to a draw, for a third of what `torch.rand` takes.

    A pixel of grey level k of 255 is then ink with a probability within 2^-16 of k / 255, and exactly at both ends.
    """
    count = math.prod(shape)
    words = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(2**63), None, generator=rng)
    return words.view(torch.int16)[:count].view(shape).float().mul_(2**-16).add_(0.5)


def learning_rate(chosen: TrainSettings, step: int) -> float:
    """one-cycle: a linear rise from a tenth over 10 % of the steps, then a cosine to 1 %; linear, cosine: to zero."""
    done = step / chosen.steps
    match chosen.schedule:
        case "one-cycle" if done < 0.1:
            share = 0.1 + 9 * done
        case "one-cycle":
            share = 0.01 + 0.99 * (1 + math.cos(math.pi * (done - 0.1) / 0.9)) / 2
        case "linear":
            share = 1 - done
        case "cosine":
            share = (1 + math.cos(math.pi * done)) / 2
        case _:
            share = 1.0
    return chosen.learning_rate * share


# fused: one kernel for all parameters. For Adam, weight_decay is decoupled (AdamW).
OPTIMIZERS = {
    "adam": lambda weights, c: AdamW(weights, c.learning_rate, weight_decay=c.weight_decay, fused=True),
    "adagrad": lambda weights, c: Adagrad(weights, c.learning_rate, weight_decay=c.weight_decay, fused=True),
    "sgd": lambda weights, c: SGD(weights, c.learning_rate, c.momentum, weight_decay=c.weight_decay, fused=True),
}


def gaussian_noise(samples: int, images: int, dims: int, rng: torch.Generator) -> Tensor:
    return torch.randn(samples, images, dims, generator=rng)  # (L, B, D)


def sigma_points(samples: int, images: int, dims: int, rng: torch.Generator) -> Tensor:
    """±sqrt(D) e_j: mean 0 and covariance I, so the mean of a quadratic function over them is its expectation."""
    corners = math.sqrt(dims) * torch.eye(dims)
    return torch.cat([corners, -corners])[:, None].expand(-1, images, -1)  # (2D, B, D)


NOISES = {"gaussian": gaussian_noise, "sigma-points": sigma_points}


def _objective(
    vae: VAE, x: Tensor, z: Tensor | None, settings: RunSettings, step: int, rng: torch.Generator
) -> tuple[Tensor, Elbo, Tensor]:
    """What the algorithm climbs (B,), and of the same batch the bound and its KL per dimension (B, D)."""
    chosen, dims = settings.train, settings.model.latent_dim
    if not vae.stochastic:  # an autoencoder is the bound without noise and without KL
        reconstruction = vae.observed(vae.code(x)).log_prob(x).sum(-1)
        no_kl = x.new_zeros(len(x), dims)
        return reconstruction, Elbo(reconstruction, no_kl.sum(-1), beta=0.0), no_kl
    noise = NOISES[chosen.noise](chosen.samples * chosen.importance_samples, len(x), dims, rng).to(x.device)
    match chosen.algorithm:
        case "wake-sleep":
            objective, t = wake_sleep.objective(vae, x, noise, rng)
        case "mcem":
            objective, t = monte_carlo_em.objective(vae, x, z, noise)
        case _ if chosen.importance_samples > 1:
            t = terms(vae, x, noise)
            objective = t.importance_weighted(chosen.importance_samples)
        case _:
            objective, t = None, terms(vae, x, noise, q := vae.posterior(x))
    beta = chosen.beta * min(1.0, (step + 1) / chosen.warmup) if chosen.warmup else chosen.beta
    bound = t.elbo(beta, chosen.closed_form, chosen.free_bits)
    objective = bound.objective if objective is None else objective
    if chosen.total_correlation:
        objective = objective - chosen.total_correlation * total_correlation(q, noise)
    return objective, bound, t.kl.detach()


def _ascend(
    objective: Tensor, bound: Elbo, vae: VAE, optimizer: Optimizer, settings: RunSettings, images: int, step: int
) -> Tensor | None:
    """One step of the weights up the mean objective of a batch; where gradients are clipped, their norm before that."""
    chosen = settings.train
    loss = -objective.mean()
    if chosen.weight_prior:  # -log N(theta; 0, I) / N: the paper's MAP estimate, per image
        loss = loss + sum(w.square().sum() for w in vae.decoder.parameters()) / (2 * images)
    if not math.isfinite(loss.item()):
        raise Diverged(_advice(bound, step), vae.cpu(), step)
    optimizer.zero_grad()
    loss.backward()
    parts = _together(vae, chosen) if chosen.clip else []
    norms = [nn.utils.clip_grad_norm_(weights, chosen.clip) for weights in parts]
    optimizer.step()
    return torch.stack(norms).square().sum().sqrt() if norms else None


def _together(vae: VAE, chosen: TrainSettings) -> list[list[Tensor]]:
    """The weights that climb one objective: all of them in AEVB; else each network has its own, and one clip each."""
    phi = list(vae.encoder.parameters())
    theta = [*vae.decoder.parameters(), *(w for name, w in vae.named_parameters() if name.startswith("likelihood."))]
    return [phi + theta] if chosen.algorithm == "aevb" else [phi, theta]


def _on_the_processor(vae: VAE, device: torch.device) -> VAE:
    """The model itself where it is trained on the processor; else a copy."""
    return vae if device == torch.device("cpu") else copy.deepcopy(vae).cpu()


def _training_images(settings: RunSettings, dataset: Dataset) -> tuple[Tensor, str]:
    """uint8 images (N, X) and the rule that turns them into pixels."""
    images, _ = dataset.training(settings.data.validation, settings.data.images)
    if settings.data.pixels == "static":  # binarised once, by the uniforms that evaluation uses
        return dataset.observed("train", range(len(images))).mul(255).byte(), "threshold"
    return images, settings.data.pixels


@torch.no_grad()
def _start_at_the_mean(vae: VAE, images: Tensor, squash: str) -> None:
    mean = mean_image(images) / 255
    *_, last = (layer for layer in vae.decoder.modules() if isinstance(layer, nn.Linear))
    last.bias[: len(mean)] = OUTPUT_OF_MEAN[squash](mean if squash == "identity" else mean.clamp(1e-3, 1 - 1e-3))


def _restore(vae: VAE, optimizer: Optimizer, chains: Chains | None, checkpoint: dict[str, Tensor]) -> int:
    """Restores a checkpoint's weights, moments and chains; returns the step to resume from."""
    parameters = dict(vae.named_parameters())
    for key, value in checkpoint.items():
        kind, _, rest = key.partition(".")
        if kind == "vae":
            parameters[rest].data.copy_(value)
        elif kind == "optimizer":
            moment, _, name = rest.partition(".")
            optimizer.state[parameters[name]][moment] = value.clone().to(parameters[name].device)
    if chains:
        chains.restore({key.removeprefix("chains."): t for key, t in checkpoint.items() if key.startswith("chains.")})
    return int(checkpoint["step"])


def _advice(bound: Elbo, step: int) -> str:
    bad = "reconstruction" if not bound.reconstruction.isfinite().all() else "KL"
    return (
        f"The {bad} term stopped being a number at step {step}; the weights before it are kept. "
        "Try a smaller learning rate, or clip gradients at 100."
    )
