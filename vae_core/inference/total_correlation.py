"""The total correlation of the aggregate posterior as training can afford it: over the images of a batch.

    TC = KL(q(z) || prod_j q(z_j)), which is 0 where the dimensions of z are independent over all images

Chen, Li, Grosse & Duvenaud (2018) estimate log q(z) by minibatch-weighted sampling, the log of 1/(N B) sum_b q(z|x_b).
N and B only add a constant there; with 1/B in its place the gradient is the same, and the value is an estimate of the
total correlation of these B images' own mixture. L samples, B images, D dimensions; nats.
"""

import math

from torch import Tensor

from vae_core.model.gaussians import DiagonalGaussian


def total_correlation(q: DiagonalGaussian, noise: Tensor) -> Tensor:
    """log q(z) - sum_j log q(z_j) at z = mean + sigma noise (L, B, D), q(z) the mixture of all B images: (B,).

    The mean over the images estimates TC; that of a single image is 0.
    """
    z = q.mean + q.stddev * noise
    each = DiagonalGaussian(q.mean[:, None], q.logvar[:, None]).log_prob(z[:, None])  # (L, B of q, B of z, D)
    joint, marginals = each.sum(-1).logsumexp(1), each.logsumexp(1).sum(-1)
    images, dims = q.mean.shape
    return (joint - marginals + (dims - 1) * math.log(images)).mean(0)
