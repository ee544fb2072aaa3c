"""Handwriting-like digits drawn from known factors: a data set that is always at hand.

A digit is a pen's path. Each class has three styles and each style two forms of one path, which `form` mixes. The path
is bent, leaned and turned, fitted into a box of about 20 pixels and centred by mass as MNIST's digits are; ink falls
wherever a point of the pen is near. The factors stay beside the image, so that a page can ask what a latent dimension
has learned.

N images, n of them of one skeleton, K control points, P pen points, F factors; x to the right, y downwards.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

VERSION = 1  # part of the data's fingerprint: raise it when a pixel changes

SIDE = 28  # pixels
PEN_POINTS = 96  # along the whole path, about half a pixel apart
EDGE = 1.45  # pixels from paper to full ink
MARGIN = 1.5  # pixels between the ink and the picture's border
CHUNK = 256  # images drawn together; the field and its scratch then stay in the processor's cache

# Per class and style two forms of one path. XXYY is a control point in hundredths of the height, "/" lifts the
# pen, and at "!" it turns without lifting. Both forms have the same points, so every mixture is that digit too.
# fmt: off
PATHS = {
    (0, 0): ("5502 2814 2050 2886 5098 7386 8050 7014 5203 4007",
             "6003 4018 2855 3090 4798 6482 7448 7216 5904 5008"),
    (0, 1): ("6614 5203 3212 2038 2570 4296 6290 7860 7630 6210 4804 3612",
             "7022 5806 3812 2535 2268 3694 5692 7265 7636 6812 5202 3802"),
    (0, 2): ("5010 2418 1252 2484 5092 7884 9052 7818 5210 4212",
             "4406 2420 1755 2886 5094 7482 8252 7218 5006 4210"),
    (1, 0): ("5002 5035 4968 4998",
             "6402 5635 4668 3898"),
    (1, 1): ("3226 4516 5602! 5550 5498",
             "2036 4222 6002! 5450 4898"),
    (1, 2): ("3424 5403! 5350 5296 / 3297 5297 7296",
             "2632 5602! 5550 5293 / 2295 5294 8091"),
    (2, 0): ("2225 3508 5502 7515 7035 5060 2095! 5095 8094",
             "1830 2810 5004 7216 6636 4462 1888! 4892 8298"),
    (2, 1): ("2220 3806 6004 7525 6250 4075 2592 1885 2877 4582 6095 8490",
             "1424 3208 5404 6822 5848 3874 2294 1284 2472 4580 6290 9084"),
    (2, 2): ("2632 2812 5003 7212 7330 5858 4075 2290! 4086 6294 8588",
             "2420 3808 5604 6814 6430 5256 3674 1692! 3684 6092 9496"),
    (3, 0): ("2512 4502 6808 7025 5542 4047! 6048 7862 7582 5598 2590",
             "2018 4204 6606 7224 5840 3646! 5446 7260 6882 4896 1884"),
    (3, 1): ("2404 5003 7403! 5822 4640! 6545 7864 7285 5098 2092",
             "2208 4805 7802! 6020 4038! 6240 7458 6882 4698 1686"),
    (3, 2): ("2412 4602 6808 6926 5542 4048 4454 5650 7258 7680 5598 2690",
             "2016 4404 6610 6228 5044 3846 4052 5646 7056 6880 4896 1886"),
    (4, 0): ("3005 2728 2252 4056 6254 8452 / 7010 6745 6698",
             "3804 2830 1654 3660 6056 8650 / 6622 6055 5498"),
    (4, 1): ("6602 4530 1864! 5065 8764 / 6602 6550 6498",
             "5802 3630 1458! 4860 8662 / 6032 5865 5698"),
    (4, 2): ("2405 2232 3450 5450 6840 7406! 7050 6898",
             "3206 2234 2854 4856 6642 7612! 6655 5498"),
    (5, 0): ("3006 2826 2746! 5040 7558 7482 5298 2592 / 3006 5506 7805",
             "3408 2826 2242! 4838 6856 6482 4096 1484 / 3408 5806 8602"),
    (5, 1): ("7805 5406 3207! 2926 2846! 5240 7662 7084 4898 2090",
             "8202 6006 4009! 3225 2442! 4640 6458 6082 4098 1290"),
    (5, 2): ("7505 5204 3412 3230 5046 7064 6886 4698 2290",
             "8604 6005 4010 3026 4244 6062 5886 3698 1488"),
    (6, 0): ("6503 4515 2845 2075 3596 6095 7576 6258 4256 2472",
             "7802 5414 3044 1874 3296 5696 6880 5664 3866 2080"),
    (6, 1): ("5802 4030 2562 2682 4598 6892 7270 5255 3460 2675",
             "4602 3630 2862 2884 4298 6092 6876 5462 3866 2880"),
    (6, 2): ("7212 5804 3620 2355 2885 5098 7484 7060 5054 3466 2880",
             "7418 6406 4416 2650 2080 4096 6486 6666 5058 3866 3478"),
    (7, 0): ("2008 5006 7805! 6235 4870 4298",
             "1612 4808 7602! 7034 6268 5298"),
    (7, 1): ("2010 5008 7806! 6436 5068 4298 / 3452 5450 7448",
             "1410 4608 7604! 6034 4268 2898 / 2856 5050 7242"),
    (7, 2): ("2024 2208! 5010 8006! 6040 4598",
             "1428 2010! 4814 7804! 6646 5698"),
    (8, 0): ("6812 5002 3210 3028 5045 7265 6890 5098 2888 2868 4850 6832 7014 5803",
             "7816 6202 4208 3626 4844 6066 5888 3898 1886 2266 4450 6836 8018 7006"),
    (8, 1): ("5002 3210 3028 4845 6638 7020 6204 4802 / 5046 2862 2585 5098 7584 7262 5646 4446",
             "6002 4212 3632 4846 6440 7222 7004 5602 / 4848 2864 2086 4098 6088 6466 5248 4246"),
    (8, 2): ("7612 5604 3212 3430 5648 7270 6494 4298 2884 3465 5648 7222",
             "8018 6404 4410 3828 4846 6068 5492 3298 2084 2866 5450 8420"),
    (9, 0): ("7012 5002 2812 2535 4548 6438 7114! 6850 6498",
             "7214 5804 3216 2236 3646 5840 7420! 6458 5098"),
    (9, 1): ("7015 5402 3010 2536 4550 6438 7114! 7245 6882 5098 2990",
             "7414 6004 3810 2832 3844 5836 7220! 7050 6082 4096 1688"),
    (9, 2): ("6812 5003 2814 2636 4448 6436 7016 7040 6270 5098",
             "7810 6202 3812 2632 3444 5836 7218 6848 5474 3698"),
}
# fmt: on

FACTORS = (
    "style",  # which of the class's paths: 0, 1, 2
    "form",  # 0 and 1 are the two forms of that path; a little beyond them it still reads
    "thickness",  # of the line, pixels
    "pressure",  # the stroke begins (1 + pressure) and ends (1 - pressure) times as thick
    "slant",  # shear to the right, degrees
    "rotation",  # clockwise, degrees
    "scale",  # longer side of the inked box, pixels
    "aspect",  # widening: 1 as designed
    "taper",  # > 0: the top is wider than the bottom
    "bow",  # > 0: top and bottom lean right of the middle
    "balance",  # > 0: the upper half is larger
    "wobble",  # standard deviation of the control points, in heights of the digit
)


class Strokes(NamedTuple):
    """Pictures with what drew them."""

    images: np.ndarray  # (N, 784) uint8, 255 is ink
    labels: np.ndarray  # (N,) uint8
    factors: np.ndarray  # (N, F) float32, in the order of FACTORS


class Skeleton(NamedTuple):
    """A style ready to draw: every pen point is a fixed mixture of control points, whatever those are moved to."""

    forms: np.ndarray  # (2, K, 2) control points of both, about [-.5, .5]
    mixture: np.ndarray  # (P, K) spline weights
    progress: np.ndarray  # (P,) 0 where a stroke begins, 1 where it ends


def spline(points: np.ndarray, samples: int = 200) -> np.ndarray:
    """Weights (samples, K) of the natural cubic spline through points (K, 2): like a hand, it turns without a jerk.

    With knots at the chord lengths h and slopes d between them, the tangents m solve
    h[i] m[i-1] + 2 (h[i-1] + h[i]) m[i] + h[i-1] m[i+1] = 3 (h[i] d[i-1] + h[i-1] d[i]), and 2 m[0] + m[1] = 3 d[0].
    """
    count, value = len(points), np.eye(len(points))
    h = np.linalg.norm(np.diff(points, axis=0), axis=1)
    d = np.diff(value, axis=0) / h[:, None]
    system, right = np.zeros((2, count, count))
    system[0, :2], right[0] = (2, 1), 3 * d[0]
    system[-1, -2:], right[-1] = (1, 2), 3 * d[-1]
    for i in range(1, count - 1):
        system[i, i - 1 : i + 2] = h[i], 2 * (h[i - 1] + h[i]), h[i - 1]
        right[i] = 3 * (h[i] * d[i - 1] + h[i - 1] * d[i])
    m = np.linalg.solve(system, right)

    knots = np.append(0, np.cumsum(h))
    at = np.linspace(0, knots[-1], samples)
    i = np.searchsorted(knots[1:-1], at, side="right")
    h, t = h[i][:, None], ((at - knots[i]) / h[i])[:, None]
    leaving = value[i] * (1 + 2 * t) + m[i] * h * t
    arriving = value[i + 1] * (3 - 2 * t) - m[i + 1] * h * (1 - t)
    return leaving * (1 - t) ** 2 + arriving * t**2


def skeleton(plain: str, other: str) -> Skeleton:
    """Read two forms of a path and spread the pen points evenly along its ink."""
    forms = [[(int(w[:2]), int(w[2:4])) for w in path.replace("/", "").split()] for path in (plain, other)]
    forms = np.array(forms) / 100 - 0.5
    middle, first = forms.mean(0), 0
    rows, advance, progress = [], [], []
    for stroke in plain.split("/"):
        words = stroke.split()
        corners = [i for i, word in enumerate(words) if word.endswith("!")]
        pieces = []
        for a, b in pairwise([first, *(first + i for i in corners), first + len(words) - 1]):
            pieces.append(np.pad(spline(middle[a : b + 1]), ((0, 0), (a, len(middle) - b - 1))))
        rows.append(np.concatenate(pieces))
        advance.append(np.append(0, np.linalg.norm(np.diff(rows[-1] @ middle, axis=0), axis=1)))
        progress.append(np.cumsum(advance[-1]) / advance[-1].sum())
        first += len(words)
    rows, travelled, progress = np.concatenate(rows), np.cumsum(np.concatenate(advance)), np.concatenate(progress)
    even = np.searchsorted(travelled, (np.arange(PEN_POINTS) + 0.5) / PEN_POINTS * travelled[-1])
    return Skeleton(*(a.astype(np.float32) for a in (forms, rows[even], progress[even])))


SKELETONS = {key: skeleton(*forms) for key, forms in PATHS.items()}
TREMOR = max(s.mixture.shape[1] for s in SKELETONS.values()) + 2  # two more than any path has, to stray smoothly


def sample_factors(count: int, rng: np.random.Generator) -> np.ndarray:
    """Factors (count, F) float32 of as many different hands; each factor is independent of the others."""

    def bell(centre, spread, low, high):
        return np.clip(rng.normal(centre, spread, count), low, high)

    drawn = {
        "style": rng.integers(3, size=count),
        "form": rng.uniform(-0.3, 1.3, count),
        "thickness": bell(2.4, 0.45, 1.5, 3.4),
        "pressure": bell(0, 0.15, -0.35, 0.35),
        "slant": bell(6, 12, -25, 34),
        "rotation": bell(0, 8, -16, 16),
        "scale": bell(19.3, 0.9, 16.5, 20.5),
        "aspect": np.exp(bell(0.05, 0.2, -0.35, 0.5)),
        "taper": bell(0, 0.2, -0.45, 0.45),
        "bow": bell(0, 0.11, -0.25, 0.25),
        "balance": bell(0, 0.2, -0.5, 0.5),
        "wobble": rng.uniform(0.005, 0.04, count),
    }
    return np.stack([drawn[name] for name in FACTORS], axis=1).astype(np.float32)


def pen(bones: Skeleton, factors: np.ndarray, tremor: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the pen passes, x and y, and its radius r: each (P, n), pixels. Factors (n, F), tremor (n, TREMOR, 2)."""
    f = dict(zip(FACTORS, factors.T, strict=True))
    plain, other = bones.forms
    controls = plain + f["form"][:, None, None] * (other - plain)
    drift = (tremor[:, :-2] + 2 * tremor[:, 1:-1] + tremor[:, 2:]) / np.float32(6**0.5)  # a hand strays smoothly
    controls = controls + f["wobble"][:, None, None] * drift[:, : len(plain)]
    x, y = np.einsum("pk,nkc->cpn", bones.mixture, controls)

    y = y + f["balance"] * (0.25 - y**2)
    x = x * f["aspect"] * (1 - f["taper"] * 2 * y) + f["bow"] * 4 * (y**2 - 0.08)
    x = x - np.tan(np.radians(f["slant"])) * y
    turn = np.radians(f["rotation"])
    x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)

    swell = 1 + f["pressure"] * np.cos(np.pi * bones.progress)[:, None]
    lift = 1 - 0.3 * np.exp(-np.minimum(bones.progress, 1 - bones.progress) / 0.05)[:, None]
    r = f["thickness"] / 2 * swell * lift
    fit = (f["scale"] - f["thickness"]) / np.maximum(np.ptp(x, axis=0), np.ptp(y, axis=0))
    x, y = x * fit, y * fit
    return centred(x, r), centred(y, r), r


def centred(x: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Move x (P, n) until its centre of mass is the picture's middle, or as near as keeps the ink off the border.

    Ink under a crossing is counted twice, so the centre may be off by some tenths of a pixel.
    """
    middle = SIDE / 2 - (x * r).sum(0) / r.sum(0)
    return x + np.clip(middle, MARGIN - (x - r).min(0), SIDE - MARGIN - (x + r).max(0))


def ink(x: np.ndarray, y: np.ndarray, r: np.ndarray, thickness: np.ndarray) -> np.ndarray:
    """Pictures (n, 784) uint8 of discs of radius r at (x, y), each (P, n); soft at the edge.

    The smallest d² - r² over the discs is below zero exactly inside their union, and near its edge it is about
    2r(d - r): a distance. It needs one addition and one minimum per pixel and disc; images lie along the last axis.
    """
    centres = np.arange(SIDE, dtype=np.float32)[:, None] + np.float32(0.5)
    across = (centres - x[:, None]) ** 2 - r[:, None] ** 2  # (P, 28, n)
    down = (centres - y[:, None]) ** 2
    field = np.full((SIDE, SIDE, x.shape[1]), np.inf, np.float32)
    disc = np.empty_like(field)
    for i in range(len(x)):
        np.add(down[i][:, None], across[i], out=disc)
        np.minimum(field, disc, out=field)
    dark = np.clip(0.5 - field / (thickness * EDGE), 0, 1)
    grey = 255 * dark * dark * (3 - 2 * dark)
    return np.rint(grey).astype(np.uint8).reshape(SIDE * SIDE, -1).T


def render(labels: np.ndarray, factors: np.ndarray, tremor: np.ndarray | None = None) -> np.ndarray:
    """Images (N, 784) uint8 for labels (N,) and factors (N, F).

    The tremor (N, TREMOR, 2) is standard normal, and `wobble` is its size; without it the hand is steady.
    """
    factors = np.asarray(factors, np.float32)
    tremor = np.zeros((len(factors), TREMOR, 2), np.float32) if tremor is None else tremor
    images = np.zeros((len(factors), SIDE * SIDE), np.uint8)
    labels, style = np.asarray(labels), np.rint(factors[:, FACTORS.index("style")])  # between two styles: the nearer
    for (label, number), bones in SKELETONS.items():
        rows = np.flatnonzero((labels == label) & (style == number))
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            images[some] = ink(*pen(bones, factors[some], tremor[some]), factors[some, FACTORS.index("thickness")])
    return images


def strokes(count: int, rng: np.random.Generator) -> Strokes:
    """A shuffled data set of equally many zeros, ones, ..., nines. The same generator gives the same bytes."""
    labels = rng.permutation(np.arange(count) % 10).astype(np.uint8)
    factors = sample_factors(count, rng)
    tremor = rng.standard_normal((count, TREMOR, 2), np.float32)
    return Strokes(render(labels, factors, tremor), labels, factors)
