"""The panels of figures 2 and 3: which stored curves each of them has, and what the browser is told of one."""

from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from vae_core.analysis.paper_figures import Curve, plan

ALGORITHMS = {"aevb": "AEVB", "wake-sleep": "wake-sleep", "mcem": "Monte Carlo EM"}
DATA = {"mnist": "MNIST", "frey": "Frey Faces"}
COLUMNS = ("images_seen", "weight_updates", "seconds", "train", "train_se", "test", "test_se")
FIRST = "mnist-10"


class Panel(NamedTuple):
    """A small chart: the curves of one data set and dimension, or of one number of training images."""

    name: str  # in the address
    title: str
    figure: int
    curves: tuple[Curve, ...]

    def plain(self, algorithm: str) -> Curve:
        """The first stored curve of an algorithm, with the settings of the paper."""
        return next(curve for curve in self.curves if curve.algorithm == algorithm and not curve.trial)

    @property
    def algorithms(self) -> list[str]:
        return [name for name in ALGORITHMS if any(curve.algorithm == name for curve in self.curves)]


@cache
def panels() -> dict[str, Panel]:
    """Those of figure 2, MNIST before Frey Faces, then those of figure 3; by name."""
    found = {}
    for place, curves in groupby(sorted(plan(), key=_place), _place):
        figure, _, dims, images = place
        curves = tuple(curves)
        data = curves[0].data
        name, title = (f"{data}-{dims}", f"D = {dims}") if figure == 2 else (f"n-{images}", f"N = {images:,}")
        found[name] = Panel(name, title, figure, curves)
    return found


def _place(curve: Curve) -> tuple[int, int, int, int]:
    return curve.figure, list(DATA).index(curve.data), curve.latent_dim, curve.images


def line(curve: Curve, row: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A curve for the browser."""
    return {
        "algorithm": curve.algorithm, "seed": curve.seed, "trial": curve.trial, "note": row.get("note", ""),
        "rate": row["learning_rate"], "hidden": row["hidden"][-1], "images": row["images"],
        **{name: row[name] for name in COLUMNS}, "kl": row.get("test_kl"),
        "importance": row.get("test_importance"), **more,
    }  # fmt: skip
