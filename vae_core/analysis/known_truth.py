"""What a fit learns of a world whose truth is known, from N of its images.

For every model, E log p(x) over the truth's images is -entropy - KL(p* || p): the best value is minus the entropy, not
log 1 = 0, and only p* has it. On the images that a model was fitted to, its mean log p(x) may be higher.
assets/math.md#linear-gaussian-models
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.model.linear_gaussian import LinearGaussian, fit, principal_angles


class Learned(NamedTuple):
    """A fit to the first N images; nats per image."""

    count: int  # N
    theta: LinearGaussian  # z turned until W is nearest to the truth's
    own: float  # mean log p(x) of the N images
    truth_on_own: float  # the truth's mean log p(x) of the same N images, never above `own`
    new: float  # E log p(x) over new images of the truth, in closed form; never above minus the entropy
    angles: list[float]  # degrees between the planes that both W span, rising


def learn(truth: LinearGaussian, x: Tensor) -> Learned:
    """The likeliest theta for images x (N, X), float64, and how near it is to the truth they came from.

    As many latent dimensions as the truth has. N <= D + 1 images leave no variance beyond D axes: a ValueError.
    """
    theta = towards(truth, fit(x, truth.W.shape[1]))
    means = (model.log_px(x).mean().item() for model in (theta, truth))
    return Learned(len(x), theta, *means, -truth.entropy - truth.kl(theta), principal_angles(theta.W, truth.W).tolist())


def learning_curve(truth: LinearGaussian, x: Tensor, counts: list[int]) -> Iterator[Learned]:
    """Fits to the first N of the images x, for each N of `counts`."""
    for count in counts:
        yield learn(truth, x[:count])


def towards(truth: LinearGaussian, theta: LinearGaussian) -> LinearGaussian:
    """The same p(x), with z turned and mirrored until W is nearest to the truth's: no data can tell these apart.

    The orthogonal Procrustes problem: with the singular vectors W' W* = U S V' the rotation is U V'.
    """
    U, _, Vh = torch.linalg.svd(theta.W.mT @ truth.W)
    return theta._replace(W=theta.W @ U @ Vh)
