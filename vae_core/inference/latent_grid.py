"""log p(x), the evidence, by quadrature over the latent plane (D = 2) or line (D = 1).

The plane also gives the exact posterior p(z|x); the gap, KL(q || p(z|x)), is computed by `tightness` in
bound_decomposition.py. Nats per image.
B images, K samples, D latent dimensions, X pixels, N points of the plane.
"""

import math
import threading
from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Normal
from torch.nn.functional import softplus

from vae_core.inference.quadrature import CENTRE, SIDE, Root, Score, Sums, box, integrate, midpoints
from vae_core.model.continuous_bernoulli import ContinuousPixels
from vae_core.model.gaussians import LOG_2PI, log_standard_normal
from vae_core.model.vae import VAE, in_float64

ROOT_TILES = 32  # decoded, and kept, together
TOGETHER = 2**14  # images: the more, the more of them share a tile; MNIST's 10,000 take 0.3 GB
CACHED_BYTES = 128 * 2**20  # of decoded tiles kept by one LatentGrid
INNER, MOST_RINGS = 8.0, 5  # the box starts at |z_j| <= 8 and may double five times
SAFE_TAIL = -10.0  # nats
DEAREST = 6e6  # floating-point operations of a decoding; networks for 28x28 pixels take 1e6, convolutions in colour 1e7

PRODUCTS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


class Certificate(NamedTuple):
    """The accuracy of a sum over the plane, per image."""

    tail: Tensor  # (B,)  nats: log of the share of p(x) that may lie outside the box; -10 is 0.00005 of it
    change: Tensor  # (B,)  nats of log p(x) at the last halving: the most that leaving out every other point changes
    extent: Tensor  # (B,)  of the box |z_j| <= extent


class Masses(NamedTuple):
    """p(z|x) of one image, cut into N squares."""

    z: Tensor  # (N, D)  their centres, float64
    mass: Tensor  # (N,)  of each; the sum is 1
    side: float  # of a square
    log_px: float


class Place(NamedTuple):
    """Where p(z|x) of one image lies, and how large p(x) is."""

    log_px: Tensor  # ()  float64
    certificate: Certificate  # of () tensors
    z: Tensor  # (N, D)  centres of the squares that hold nearly all of it, float64
    log_joint: Tensor  # (N,)  log p(x, z) there
    side: float  # of a square, about two deviations of p(z|x)


def summable(vae: VAE) -> bool:
    """Whether log p(x) is summed: over one or two dimensions, by a decoder that is not too dear.

    A sum decodes some 20,000 points. With convolutions for 32x32 pixels in colour that takes many seconds, and for
    64x64 minutes and gigabytes: such a model has `importance`, as one of more dimensions has.
    """
    if vae.latent_dim > 2:
        return False
    z = torch.zeros(1, vae.latent_dim + getattr(vae, "classes", 0), dtype=next(vae.parameters(), torch.zeros(())).dtype)
    return operations(vae.decoder, z) <= DEAREST


@torch.no_grad()
def operations(network: nn.Module, z: Tensor) -> float:
    """Floating-point operations of the products for one input z (1, D): two for each weight, wherever it is used.

    What has other layers is counted by torch, which imports a computer algebra system for that: a second, and 140 MB.
    """
    layers = [*network.modules()] if isinstance(network, nn.Module) else []
    products = [layer for layer in layers if isinstance(layer, PRODUCTS)]
    if not products or any(list(rest.parameters(False)) for rest in layers if rest not in products):
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            network(z)
        return counter.get_total_flops()
    made = []

    def count(layer: nn.Module, inputs: tuple[Tensor], y: Tensor) -> None:
        channels = -1 if isinstance(layer, nn.Linear) else -3
        places = min(t.numel() // t.shape[channels] for t in (inputs[0], y))  # of the smaller picture, once each
        made.append(2 * layer.weight.numel() * places)

    hooks = [layer.register_forward_hook(count) for layer in products]
    try:
        network(z)
    finally:
        for hook in hooks:
            hook.remove()
    return sum(made)


class LatentGrid:
    """Sums over the whole latent plane (D = 2) or line (D = 1) of one model: assets/math.md#quadrature.

    A coarse pass finds the mass wherever it is (the encoder only adds one more place to look at), then the rule is
    halved around it until the last halving changes log p(x) by less than `tolerance` nats. The box |z_j| <= extent
    starts at 8 and grows for an image until its certified tail is below -10, unless an extent is given. Kinks of a ReLU
    decoder slow the halving down; where it was given up, the certificate's change says so.

    Coarse tiles are decoded once and kept, at most 128 MB: make a new grid when the model has changed. They have the
    precision of x and only show where the mass lies; what is summed is decoded in float64. A model of more
    dimensions is a ValueError: it has `importance`.
    """

    def __init__(self, vae: VAE, extent: float | None = None, tolerance: float = 1e-3) -> None:
        if vae.latent_dim > 2:
            raise ValueError(
                f"A quadrature needs 2 latent dimensions, this model has {vae.latent_dim}; "
                "use importance sampling instead."
            )
        if not 0 < (INNER if extent is None else extent) < math.inf or not 0 < tolerance < 1:
            raise ValueError(f"extent must be positive and tolerance between 0 and 1, not {extent} and {tolerance}.")
        self.vae, self.extent, self.tolerance = vae, extent, tolerance
        self.fine = in_float64(vae)
        start = extent or INNER
        self.rings = max(0, math.ceil(math.log2(start / INNER)))  # around the inner box, to begin with
        self.side = start / 2**self.rings / CENTRE  # of the tiles of the inner box
        self.certificate: Certificate | None = None  # of the latest log_px
        self._kept: dict[tuple, Decoded] = {}
        self._lock = threading.Lock()

    def log_px(self, x: Tensor) -> Tensor:
        """log p(x), (B, X) -> (B,) in float64; `certificate` then has the accuracy of each."""
        log_px, self.certificate = self.evidence(x)
        return log_px

    @torch.no_grad()
    def evidence(self, x: Tensor) -> tuple[Tensor, Certificate]:
        """log p(x), (B, X) -> (B,) in float64, and its certificate."""
        numbers = torch.empty(4, len(x), dtype=torch.float64)
        for images in torch.arange(len(x)).split(TOGETHER):
            for part, sums, tail, extent in self._rounds(x[images]):
                numbers[:, images[part]] = torch.stack([sums.log, tail, sums.change, torch.full_like(tail, extent)])
        return numbers[0], Certificate(*numbers[1:])

    @torch.no_grad()
    def posterior(self, x: Tensor, steps: int, extent: float | None = None) -> Tensor:
        """p(z|x) as the mass of each of steps x steps cells of [-extent, extent]^2, for a picture: (B, steps, steps).

        The cells are those of `latent_paths.linear_grid(steps, extent)`, row 0 the largest z2; D = 1 gives (B, steps),
        the smallest z first. Without an extent it is the grid's, or 8. A posterior finer than a cell is summed within
        it, and what lies outside the picture is missing from its sum.
        """
        maps = torch.stack([self._picture(image[None], steps, extent or self.extent or INNER) for image in x])
        return maps if maps.ndim == 2 else maps.mT.flip(1)  # (B, z1, z2) -> (B, row, column)

    @torch.no_grad()
    def masses(self, x: Tensor) -> Masses:
        """p(z|x) of one image (X,) as squares and their masses, from which any E[f(z)|x] is a sum."""
        *_, (_, sums, _, _) = self._rounds(x[None])
        (mass,) = (m for m in sums.mass if len(m.index))
        side = self.side / 2**mass.level
        z, spacing = midpoints(mass.index, side), side / SIDE[self.vae.latent_dim]
        weight = self._weigh(x[None], z, spacing, sums.log)
        return Masses(z, weight / weight.sum(), spacing, sums.log.item())

    @torch.no_grad()
    def place(self, x: Tensor) -> Place:
        """log p(x) of one image (X,) with its certificate, and coarsely the region of p(z|x)."""
        *_, (_, sums, tail, extent) = self._rounds(x[None])
        (mass,) = (m for m in sums.mass if len(m.index))
        side = self.side / 2**mass.level
        z = (mass.index + 0.5) * side
        log_joint = self._joint(x[None], z)(torch.zeros(1, dtype=torch.long), slice(None))[0]
        certificate = Certificate(tail[0], sums.change[0], torch.tensor(extent))
        return Place(sums.log[0], certificate, z, log_joint, side)

    def _rounds(self, x: Tensor) -> Iterator[tuple[Tensor, Sums, Tensor, float]]:
        """Yields, for each box, the images (n,) that need it, their sums, tails and its extent. The last one counts."""
        hint = self.vae.code(x).double()
        rings = torch.full((len(x),), self.rings)
        if self.extent is None:  # the box holds the encoder's code with some room to spare
            rings = (hint.abs().amax(1) / (0.9 * INNER)).log2().ceil().nan_to_num(0).clamp(self.rings, MOST_RINGS)
        for ring in range(self.rings, max(MOST_RINGS, self.rings) + 1):
            if len(part := (rings == ring).nonzero()[:, 0]):
                roots, joint = self._roots(x[part], ring), partial(self._joint, x[part])
                sums = integrate(roots, joint, hint[part], self.side, self.tolerance)
                extent = self.side * CENTRE * 2**ring
                tail = self._tail(x[part], extent) - sums.log
                yield part, sums, tail, extent
                if self.extent is None:
                    rings[part[tail > SAFE_TAIL]] += 1

    def _roots(self, x: Tensor, rings: int) -> Iterator[Root]:
        for ring in range(rings + 1):
            for k, index in enumerate(box(self.vae.latent_dim, ring).split(ROOT_TILES)):
                z = midpoints(index, self.side * 2**ring)
                decoded = self._keep((ring, k, x.dtype), z, x)
                yield ring, index, partial(_log_joint, decoded, x, log_standard_normal(z))

    def _joint(self, x: Tensor, z: Tensor) -> Score:
        return partial(_log_joint, Decoded(self.fine, z, torch.float64), x, log_standard_normal(z))

    def _keep(self, key: tuple, z: Tensor, x: Tensor) -> "Decoded":
        """Decodes z, or takes it from the cache; it is cached as long as there is room."""
        with self._lock:  # whoever else needs it waits, rather than decode it once more
            if (decoded := self._kept.get(key)) is None:
                decoded = Decoded(self.vae, z.to(x), x.dtype)
                if sum(d.nbytes for d in self._kept.values()) + decoded.nbytes <= CACHED_BYTES:
                    self._kept[key] = decoded
        return decoded

    def _tail(self, x: Tensor, a: float) -> Tensor:
        """log of (the prior's mass beyond |z_j| <= a, times the largest p(x|z) at places sampled there): (B,)."""
        dims = self.vae.latent_dim
        line = torch.linspace(-1, 1, 17, dtype=torch.float64)
        face = torch.stack(torch.meshgrid([line] * dims, indexing="ij"), -1).reshape(-1, dims)
        face = face[face.abs().amax(-1) == 1]  # (N, D)  on the box's surface
        z = torch.cat([a * scale * face for scale in (1, 1.25, 1.5, 2, 3, 4)])
        decoded = self._keep(("tail", a, x.dtype), z, x)
        log_outside = math.log(2 * dims) + torch.special.log_ndtr(torch.tensor(-a, dtype=torch.float64))
        return torch.cat([decoded.log_px(images).amax(1) for images in x.split(256)]) + log_outside

    def _picture(self, x: Tensor, steps: int, half: float) -> Tensor:
        """The mass of the cells for one image (1, X), by axis: (steps,) or (steps, steps)."""
        *_, (_, sums, _, _) = self._rounds(x)
        (mass,), dims, spacing = (m for m in sums.mass if len(m.index)), self.vae.latent_dim, 2 * half / steps
        side = self.side / 2**mass.level
        if sums.spacing > spacing:  # smooth over a cell: its midpoint will do, within the bounds of the mass
            line = (torch.arange(steps, dtype=torch.float64) + 0.5) * spacing - half
            low, high = (mass.index.amin(0) * side).tolist(), ((mass.index.amax(0) + 1) * side).tolist()
            lines = [line[(line > a) & (line < b)] for a, b in zip(low, high, strict=True)]
            z = torch.stack(torch.meshgrid(lines, indexing="ij"), -1).reshape(-1, dims)
        else:
            z, spacing = midpoints(mass.index, side), side / SIDE[dims]
        return _binned(z, spacing, self._weigh(x, z, spacing, sums.log), steps, half)

    def _weigh(self, x: Tensor, z: Tensor, spacing: float, log_px: Tensor) -> Tensor:
        """p(z|x) as the mass of the squares around z (N, D), for one image (1, X): (N,)."""
        one, volume = torch.zeros(1, dtype=torch.long), z.shape[1] * math.log(spacing)
        log_joint = torch.cat([self._joint(x, points)(one, slice(None))[0] for points in z.split(2048)])
        return (log_joint + volume - log_px).exp()


class Decoded:
    """p(x|z) at N points, to be evaluated for many images.

    Pixels of a Bernoulli, a continuous one or a Gaussian are exponential families, log p(x|z) = T(x) . natural(z) -
    normaliser(z), T(x) = x or [x, x^2], so that N points times B images are one matmul. A Gaussian's terms are large
    and cancel: in float32 the product is off by 0.4 nats, good enough to find the mass, not to weigh it. Other
    likelihoods are evaluated directly.
    """

    def __init__(self, vae: VAE, z: Tensor, dtype: torch.dtype) -> None:
        p = vae.observed(z)
        self.vae, self.z, self.squares, self.natural = vae, z, isinstance(p, Normal), None
        if isinstance(p, Bernoulli | ContinuousPixels):
            self.natural = p.logits.to(dtype)  # (N, X)
            normaliser = p.log_partition if isinstance(p, ContinuousPixels) else softplus(p.logits)
            self.normaliser = normaliser.sum(-1, dtype=torch.float64)
        elif self.squares:
            mean, precision = p.mean.double(), p.variance.double().reciprocal()
            self.natural = torch.cat([mean * precision, -precision / 2], -1).to(dtype)  # (N, 2X)
            self.normaliser = 0.5 * (mean.square() * precision - precision.log() + LOG_2PI).sum(-1)

    @property
    def nbytes(self) -> int:
        return 0 if self.natural is None else self.natural.nbytes

    def log_px(self, x: Tensor, cut: slice = slice(None)) -> Tensor:
        """log p(x|z) of images (B, X) at the points of the cut: (B, N), float64."""
        if self.natural is None:
            p = self.vae.observed(self.z[cut])
            return torch.stack([p.log_prob(image.to(self.z)).sum(-1, dtype=torch.float64) for image in x])
        x = x.to(self.natural)  # before it is squared: a precision of 10,000 shows what float32 loses there
        statistics = torch.cat([x, x.square()], -1) if self.squares else x
        return (statistics @ self.natural[cut].mT).double() - self.normaliser[cut]


def _log_joint(decoded: Decoded, x: Tensor, log_prior: Tensor, images: Tensor, cut: slice) -> Tensor:
    return decoded.log_px(x[images], cut) + log_prior[cut]


def _binned(z: Tensor, spacing: float, mass: Tensor, steps: int, half: float) -> Tensor:
    """Spread the mass (N,) of squares around z (N, D), at most as large as a cell, over the cells that they overlap."""
    dims, cell = z.shape[1], 2 * half / steps
    low, high = (z - spacing / 2 + half) / cell, (z + spacing / 2 + half) / cell  # in units of cells
    first = low.floor()
    share = ((first + 1 - low) / (high - low)).clamp(max=1)  # (N, D)  in the first cell of each axis
    picture = mass.new_zeros((steps + 2,) * dims)  # a border catches what lies outside
    for corner in product((0, 1), repeat=dims):
        part = torch.where(torch.tensor(corner) == 0, share, 1 - share).prod(-1)
        place = (first.long() + torch.tensor(corner) + 1).clamp(0, steps + 1)
        picture.index_put_(tuple(place.mT), mass * part, accumulate=True)
    return picture[(slice(1, -1),) * dims]
