"""An adaptive midpoint rule over a latent line or plane, for many integrands exp(f) that share their costly part.

Tiles of 64 midpoints cover an inner box and, where asked, rings around it whose tiles are twice, four times, ... as
large. A tile's quadrant is halved where f may come within `margin` nats of the integrand's largest value; integrands
that want the same tile share one decoding of it. An integrand is done when its sum agrees with each of the 2^D sums
over every other midpoint, which are rules of twice the spacing: "the change at the last halving".

For smooth f the error falls like exp(-2 pi^2 (s / h)^2), s the width of the mass and h the spacing
(assets/math.md#quadrature).
B integrands, P pairs of integrand and tile, T tiles, C = 64 midpoints of a tile, Q = 2^D quadrants, or parities.
"""

import math
from collections.abc import Callable, Iterable
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor

SIDE = {1: 64, 2: 8}  # midpoints along a tile
CENTRE = 8  # tiles from the origin to the edge of the inner box
LEVELS = 16  # halvings at most
MOST_TILES = 1024  # of one integrand at one level; beyond this it stops, and its change says how well it did
DECODED = 8  # tiles at a time

Score = Callable[[Tensor, slice], Tensor]  # integrands (n,), a cut of N decoded points -> f (n, N)
Root = tuple[int, Tensor, Score]  # ring, tile indices (T, D), their decoding


class Pairs(NamedTuple):
    """P pairs of an integrand and a tile of one level."""

    level: int  # the tile's side is that of the inner tiles / 2^level
    integrand: Tensor  # (P,)
    index: Tensor  # (P, D)  the tile spans [index, index + 1] times its side

    def of(self, chosen: Tensor) -> "Pairs":
        """The pairs of the integrands that are marked in chosen (B,)."""
        some = chosen[self.integrand]
        return Pairs(self.level, self.integrand[some], self.index[some])


class Sums(NamedTuple):
    log: Tensor  # (B,)  log of the integral of exp(f)
    change: Tensor  # (B,)  nats between it and the worst sum over every other midpoint
    spacing: Tensor  # (B,)  of the midpoints in the end
    mass: list[Pairs]  # where the mass lies: tiles one halving finer than the last ones


class Seen(NamedTuple):
    """P pairs, after a look at the tiles' midpoints."""

    integrand: Tensor  # (P,)
    index: Tensor  # (P, D)
    parity: Tensor  # (P, Q)  logsumexp of f over every other midpoint
    bound: Tensor  # (P, Q)  about the largest f anywhere in each quadrant
    peak: Tensor  # (P,)  the largest f seen
    rise: Tensor  # (P,)  by how much f may rise beside that midpoint


def box(dims: int, ring: int) -> Tensor:
    """Tile indices (T, D) of the inner box (ring 0) or of a ring of tiles with 2^ring times its side; inmost first."""
    half = CENTRE // 2
    tiles = product(range(-CENTRE, CENTRE), repeat=dims)
    kept = [t for t in tiles if ring == 0 or not all(-half <= i < half for i in t)]
    return torch.tensor(sorted(kept, key=lambda t: sum((i + 0.5) ** 2 for i in t)))


def midpoints(index: Tensor, side: float) -> Tensor:
    """The midpoints of tiles (T, D) of this side, the last axis fastest: (T C, D), float64."""
    dims = index.shape[1]
    line = (torch.arange(SIDE[dims], dtype=torch.float64) + 0.5) / SIDE[dims]
    offsets = torch.stack(torch.meshgrid([line] * dims, indexing="ij"), -1).reshape(-1, dims)
    return ((index[:, None] + offsets) * side).flatten(0, 1)


def integrate(roots: Iterable[Root], decode: Callable[[Tensor], Score], hint: Tensor, side: float,
              tolerance: float) -> Sums:  # fmt: skip
    """log of the integral of exp(f) for B integrands; `side` is that of the inner tiles.

    hint (B, D): a place of each integrand that is always looked at, besides whatever the tiles find.
    """
    count, dims = hint.shape
    margin = 13 - math.log(tolerance)  # nats below the peak, where what is left out matters less than the tolerance
    found, peak = _survey(roots, hint / side, margin)
    sums = Sums(torch.full_like(peak, torch.nan), torch.full_like(peak, torch.inf), torch.full_like(peak, side), [])
    live, pairs = torch.ones(count, dtype=torch.bool), None
    for level in range(min(found), LEVELS):
        wanted = [some for some in (found.pop(level, None), pairs) if some]
        parts = [part for some in wanted for part in _visit(decode, some, side)]
        if not parts:  # a ring in which nothing matters
            pairs = None
            continue
        seen = Seen(*map(torch.cat, zip(*parts, strict=True)))
        peak.scatter_reduce_(0, seen.integrand, seen.peak, "amax")
        pairs = _halve(seen, peak - margin, hint / side * 2.0**level, level).of(live)
        if level < 0:
            continue  # the outer rings are still coarser than the inner box
        spacing = side / 2**level / SIDE[dims]
        log, change = _total(seen, peak, spacing)
        for known, new in zip(sums, (log, change, torch.full_like(peak, spacing)), strict=False):
            known[live] = new[live]
        onwards = live & (change > tolerance) & (torch.bincount(pairs.integrand, minlength=count) <= MOST_TILES)
        sums.mass.append(pairs.of(live & ~onwards))
        live, pairs = onwards, pairs.of(onwards)
        if not live.any():
            break
    return sums


def _survey(roots: Iterable[Root], hint: Tensor, margin: float) -> tuple[dict[int, Pairs], Tensor]:
    """Look at every root tile for every integrand: the tiles of each level that may matter, and the largest f (B,)."""
    found: dict[int, list[Seen]] = {}
    peak = torch.full((len(hint),), -torch.inf, dtype=torch.float64)
    for ring, index, score in roots:
        for some in torch.arange(len(hint)).split(256):
            f = score(some, slice(None)).unflatten(1, (len(index), -1)).flatten(0, 1)  # (P, C)
            seen = _look(some.repeat_interleave(len(index)), index.repeat(len(some), 1), f)
            peak.scatter_reduce_(0, seen.integrand, seen.peak, "amax")
            found.setdefault(-ring, []).append(_that_matter(seen, peak - margin, hint / 2.0**ring))
    whole = {level: Seen(*map(torch.cat, zip(*parts, strict=True))) for level, parts in found.items()}
    kept = {level: _that_matter(seen, peak - margin, hint * 2.0**level) for level, seen in whole.items()}
    return {level: Pairs(level, seen.integrand, seen.index) for level, seen in kept.items()}, peak


def _that_matter(seen: Seen, threshold: Tensor, hint: Tensor) -> Seen:
    matters = _hot(seen, threshold, hint)[1].any(1)
    return Seen(*(part[matters] for part in seen))


def _look(integrand: Tensor, index: Tensor, f: Tensor) -> Seen:
    """Summarise f (P, C) at the midpoints of P tiles.

    Between midpoints f may be larger than at any of them, by up to h^2 / 8 s^2 per axis at a peak of width s. Half the
    steepest step to a neighbour, which is at least h^2 / 4 s^2 there, is added to bound it.
    """
    dims = index.shape[1]
    f = f.unflatten(1, (SIDE[dims],) * dims)
    bound = f.clone()
    for axis in range(1, dims + 1):
        step, last = f.diff(dim=axis).abs() / 2, SIDE[dims] - 2
        before = torch.cat([step.narrow(axis, 0, 1), step], axis)
        after = torch.cat([step, step.narrow(axis, last, 1)], axis)
        bound += torch.maximum(before, after)
    alternate, halves = f, bound
    for axis in range(dims, 0, -1):
        alternate, halves = alternate.unflatten(axis, (-1, 2)), halves.unflatten(axis, (2, -1))
    odd, even = tuple(range(1, 2 * dims, 2)), tuple(range(2, 2 * dims + 1, 2))
    parity, quadrant = torch.logsumexp(alternate, odd).flatten(1), halves.amax(even).flatten(1)
    peak, where = f.flatten(1).max(1)
    rise = bound.flatten(1).gather(1, where[:, None])[:, 0] - peak
    return Seen(integrand, index, parity, quadrant, peak, rise)


def _visit(decode: Callable[[Tensor], Score], pairs: Pairs, side: float) -> list[Seen]:
    """Look at every pair, decoding each tile once."""
    tiles, which = torch.unique(pairs.index, dim=0, return_inverse=True)
    order = which.argsort(stable=True)
    visitors = pairs.integrand[order].split(torch.bincount(which, minlength=len(tiles)).tolist())
    parts, cells = [], SIDE[tiles.shape[1]] ** tiles.shape[1]
    for start in range(0, len(tiles), DECODED):
        some, rows = tiles[start : start + DECODED], visitors[start : start + DECODED]
        score = decode(midpoints(some, side / 2**pairs.level))
        f = torch.cat([score(r, slice(k * cells, (k + 1) * cells)) for k, r in enumerate(rows)])
        lengths = torch.tensor([len(r) for r in rows])
        parts.append(_look(torch.cat(rows), some.repeat_interleave(lengths, 0), f))
    return parts


def _total(seen: Seen, peak: Tensor, spacing: float) -> tuple[Tensor, Tensor]:
    """The log of each integrand's sum (B,), and the most it changes when only every other midpoint is summed."""
    dims, of = seen.index.shape[1], seen.integrand
    parity = peak.new_zeros(len(peak), 2**dims).index_add_(0, of, (seen.parity - peak[of, None]).exp())
    change = (parity / parity.mean(1, keepdim=True)).log().abs().amax(1)
    # Mirrored peaks between the midpoints weigh the same in every parity: f must not rise by a nat beside the largest.
    top = torch.full_like(peak, -torch.inf).scatter_reduce_(0, of, seen.peak, "amax")
    rise = torch.zeros_like(peak).scatter_reduce_(0, of, torch.where(seen.peak == top[of], seen.rise, 0.0), "amax")
    change = torch.where(rise > 1, torch.maximum(change, rise), change)
    return peak + parity.sum(1).log() + dims * math.log(spacing), change


def _halve(seen: Seen, threshold: Tensor, hint: Tensor, level: int) -> Pairs:
    """The quadrants that may matter, as tiles of the next level."""
    index, hot = _hot(seen, threshold, hint)
    pair, quadrant = hot.nonzero(as_tuple=True)
    return Pairs(level + 1, seen.integrand[pair], index[pair, quadrant])


def _hot(seen: Seen, threshold: Tensor, hint: Tensor) -> tuple[Tensor, Tensor]:
    """The quadrants' tile indices (P, Q, D); which may pass the threshold (B,) or hold the hint (B, D), in sides."""
    corners = torch.tensor(list(product((0, 1), repeat=hint.shape[1])))  # (Q, D)
    index = 2 * seen.index[:, None] + corners
    holds = (index == (2 * hint).floor()[seen.integrand, None]).all(-1)
    return index, holds | (seen.bound > threshold[seen.integrand, None])
