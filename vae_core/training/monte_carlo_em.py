"""Monte Carlo EM, with which Kingma & Welling (2014, section 5, appendix E) compare their algorithm.

E step: one transition of Hamiltonian Monte Carlo for each image of the batch, from the z that it had before. M step:
UPDATES steps of the decoder's weights up log p(x, z) with that z. Every training image has a chain of its own, which
moves once an epoch: of a large data set each chain is still far from its posterior when the weights have moved on.
The decoder learns from the chains alone. So that the model can be looked at like any other, an encoder learns beside
it, once a batch, to tell the chains' z: log q(z|x) rises in phi, and nothing else knows phi.
assets/math.md#monte-carlo-em. N training images, B of a batch, D latent dimensions; nats per image.
"""

import torch
from torch import Generator, Tensor

from vae_core.inference import hamiltonian
from vae_core.inference.elbo import Terms, terms
from vae_core.model.vae import VAE

UPDATES = 5  # of the weights per batch


class Chains:
    """A Markov chain for each of N training images, and the step size that all of them share."""

    def __init__(self, images: int, dims: int, rng: Generator) -> None:
        self.z = torch.randn(images, dims, generator=rng)  # (N, D)
        self.step_size = 0.2
        self.halved = 0  # how often, because an orbit diverged

    def sample(self, vae: VAE, x: Tensor, rows: Tensor, rng: Generator) -> Tensor:
        """The E step for images x (B, X), which are those of `rows`: z (B, D) after one transition."""
        t = hamiltonian.transition(lambda z: vae.log_joint(x, z), self.z[rows], self.step_size, rng)
        self.z[rows], self.step_size = t.z, hamiltonian.tuned(self.step_size, t)
        self.halved += bool(t.diverged.any())
        return t.z

    @property
    def remark(self) -> str:
        """One sentence about what went wrong on the way; "" if nothing did."""
        return hamiltonian.remark(self.halved)

    def state(self) -> dict[str, Tensor]:
        """Copies of what a checkpoint needs."""
        step_size = torch.tensor(self.step_size, dtype=torch.float64)
        return {"z": self.z.clone(), "step_size": step_size, "halved": torch.tensor(self.halved)}

    def restore(self, state: dict[str, Tensor]) -> None:
        self.z, self.step_size = state["z"].clone(), state["step_size"].item()
        self.halved = int(state.get("halved", 0))  # checkpoints of earlier versions do not say


def objective(vae: VAE, x: Tensor, z: Tensor, noise: Tensor) -> tuple[Tensor, Terms]:
    """The first update of both networks for x (B, X) and its z (B, D): (B,), and the terms of the encoder's bound."""
    q = vae.posterior(x)
    with torch.no_grad():
        t = terms(vae, x, noise, q)
    return log_likelihood(vae, x, z) + q.log_prob(z).sum(-1), t


def log_likelihood(vae: VAE, x: Tensor, z: Tensor) -> Tensor:
    """log p(x|z), what the M step climbs, for log p(z) has no weights: (B,)."""
    return vae.observed(z).log_prob(x).sum(-1)
