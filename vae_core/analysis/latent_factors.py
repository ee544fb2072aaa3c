"""What one can measure on an image, and which latent dimension follows it: "what has each dimension learned?"

N images, X pixels, D latent dimensions, F traits. For strokes the true factors (`Dataset.factors`) take the place of
the measured traits.
"""

from typing import NamedTuple

import numpy as np

TRAITS = (
    "ink",  # pixels, if all of it were black
    "thickness",  # of the line, pixels: twice the area over the length of its outline
    "slant",  # of the whole figure to the right, degrees
    "height",  # pixels, of a bar with the same spread
    "width",
)


class Regression(NamedTuple):
    """Each trait as a linear function of all dimensions, both in units of their standard deviation."""

    weights: np.ndarray  # (D, F)
    explained: np.ndarray  # (F,)  R^2: the share of the trait's variance that all dimensions explain together


class Follower(NamedTuple):
    """The dimension that follows a trait most closely."""

    trait: str
    dimension: int
    r: float
    explained: float  # R^2 by all dimensions
    agrees: bool  # a regression on all dimensions gives this dimension the largest weight as well


def measured(images: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The traits of images (N, X), uint8 or [0, 1], in the order of TRAITS: (N, F) float64. No ink gives NaN.

    Of images in colour, the mean of red, green and blue is measured.
    """
    ink = np.asarray(images, np.float64).reshape(-1, *shape) / (255 if np.asarray(images).dtype == np.uint8 else 1)
    ink = ink.mean(-1) if len(shape) == 3 else ink
    total = ink.sum((1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        down, across = ink.sum(2) / total[:, None], ink.sum(1) / total[:, None]  # (N, H), (N, W)
        y, x = np.arange(shape[0]) + 0.5, np.arange(shape[1]) + 0.5
        middle_y, middle_x = down @ y, across @ x
        var_y, var_x = down @ y**2 - middle_y**2, across @ x**2 - middle_x**2
        shared = (ink @ x * y).sum(1) / total - middle_y * middle_x
        edged = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
        outline = np.hypot(np.diff(edged, axis=1)[:, :, 1:], np.diff(edged, axis=2)[:, 1:]).sum((1, 2))
        columns = {
            "ink": total,
            "thickness": 2 * total / outline,
            "slant": np.degrees(np.arctan(-shared / var_y)),  # y grows downwards
            "height": np.sqrt(12 * var_y),
            "width": np.sqrt(12 * var_x),
        }
    return np.stack([columns[name] for name in TRAITS], 1)


def correlations(codes: np.ndarray, traits: np.ndarray) -> np.ndarray:
    """Pearson's r of every dimension (N, D) with every trait (N, F): (D, F). What does not vary has r = 0."""
    z, t = _standardised(codes, traits)
    return z.T @ t / len(z)


def between(traits: np.ndarray) -> np.ndarray:
    """Pearson's r of every trait (N, F) with every other: (F, F). NaN for a trait that is the same in all images."""
    r = correlations(traits, traits)
    constant = r.diagonal() == 0
    r[constant | constant[:, None]] = np.nan
    return r


def regression(codes: np.ndarray, traits: np.ndarray) -> Regression:
    """Least squares of every trait on all dimensions at once."""
    z, t = _standardised(codes, traits)
    weights = np.linalg.lstsq(z, t, rcond=1e-6)[0]
    varies = t.any(0)
    explained = np.where(varies, 1 - np.square(t - z @ weights).mean(0), 0.0)
    return Regression(weights, explained)


def followers(codes: np.ndarray, traits: np.ndarray, names: tuple[str, ...] = TRAITS) -> list[Follower]:
    """For each trait its dimension, the best followed trait first."""
    r, fit = correlations(codes, traits), regression(codes, traits)
    best, heaviest = np.abs(r).argmax(0), np.abs(fit.weights).argmax(0)
    found = [
        Follower(name, int(d), float(r[d, f]), float(fit.explained[f]), bool(d == heaviest[f]))
        for f, (name, d) in enumerate(zip(names, best, strict=True))
    ]
    return sorted(found, key=lambda follower: -abs(follower.r))


def _standardised(codes: np.ndarray, traits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both with mean 0 and deviation 1 over the images for which all is known; constant columns become 0."""
    if len(codes) != len(traits):
        raise ValueError(f"There are {len(codes):,} codes and the traits of {len(traits):,} images: use the same ones.")
    both = np.asarray(codes, np.float64), np.asarray(traits, np.float64)
    known = np.isfinite(both[0]).all(1) & np.isfinite(both[1]).all(1)
    if known.sum() < 3:
        raise ValueError(f"A correlation needs 3 images with known traits, here are {known.sum()}.")
    return tuple(_standard(values[known]) for values in both)


def _standard(values: np.ndarray) -> np.ndarray:
    spread = values.std(0)
    varies = spread > 1e-9 * np.abs(values).max(0, initial=1e-300)
    return np.where(varies, (values - values.mean(0)) / np.where(varies, spread, 1), 0.0)
