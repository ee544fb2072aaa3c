"""Figures 2 and 3 of Kingma & Welling (2014), computed again: AEVB beside wake-sleep and Monte Carlo EM.

Figure 2: the bound of training and test images while AEVB and wake-sleep train on MNIST and Frey Faces, for several
numbers of latent dimensions. Figure 3: log p(x) of both, estimated as in appendix D, while the three algorithms train
with D = 3 on 1000 and on 50,000 images. The settings are those of section 5: Adagrad with a step size out of RATES,
M = 100, L = 1, a prior on the decoder's weights. The paper's curves are 30 to 100 times as long.

`python -m vae_core paper` prints what assets/paper.json holds; with --write it makes all curves grow together, goal by
goal. A curve is stored whenever it has reached a goal, beside a checkpoint in the cache folder, so that an interrupted
call goes on. Nats per image. Seconds are those of one processor core, without the evaluation; at the end of a call all
curves of its data sets are timed in turn, so that those that were trained on a busy machine have comparable ones.
"""

import base64
import json
import time
import zlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from vae_core.analysis.measurements import ASSETS
from vae_core.paths import cache_folder
from vae_core.sealed_files import make, write
from vae_core.settings import RunSettings, preset

MEASURED = ASSETS / "paper.json"
GOALS = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)  # images seen, at which a curve has a row
RATES = (0.01, 0.02, 0.1)  # section 5: "based on performance on the training set in the first few iterations"
TRIAL = 30_000  # images seen, which those iterations are here
BOUND_IMAGES, EVIDENCE_IMAGES = 1000, 200  # the first training and test images, on which a row is measured
M = 100
TIMED, ROUNDS = 20, 3  # steps of the short trainings that are timed, and how often
HIDDEN = {"mnist": 500, "frey": 200}  # of figure 2
EVALUATION = 0  # seed of the noise with which the rows are measured
DREAMS = 10  # pictures of what a model dreams
LIVE = 200_000  # images that a visitor's own curve sees
ADAM = {"optimizer": "adam", "learning_rate": 0.001}
LEARNS = "uniform weights, Adam"
# Wake-sleep with the paper's settings leaves Frey Faces at independent pixels, KL 0: what brings it away from there?
TRIALS: dict[str, dict[str, Any]] = {
    "uniform weights": {"initialisation": "uniform"},
    "Adam": ADAM,
    LEARNS: {"initialisation": "uniform", **ADAM},
    "uniform weights, Adam, fixed variance": {
        "initialisation": "uniform", **ADAM, "likelihood": "fixed_gaussian", "pixels": "grey", "variance": 0.02,
    },
}  # fmt: skip
TITLES = {2: "the bound", 3: "log p(x), by appendix D"}


class Curve(NamedTuple):
    """One line of a figure; N = 0 stands for all training images."""

    figure: int
    data: str
    latent_dim: int
    algorithm: str
    images: int = 0
    seed: int = 0
    goal: int = GOALS[-1]  # images seen at its end
    trial: str = ""  # one of TRIALS

    def has(self, words: Iterable[str]) -> bool:
        """Whether its name has all of these words."""
        return set(words) <= set(self.name.replace(",", "").split())

    @property
    def name(self) -> str:
        parts = [f"figure {self.figure}", self.data, f"D={self.latent_dim}", self.algorithm]
        parts += [f"N={self.images}"] if self.images else []
        return ", ".join([*parts, f"seed {self.seed}", *([self.trial] if self.trial else [])])

    @property
    def dreams(self) -> bool:
        """Whether pictures of its dreams are kept."""
        return self._replace(goal=DREAMER.goal) == DREAMER

    def live(self) -> RunSettings:
        """An ordinary training that follows this curve for LIVE images, with the step size that was chosen for it."""
        rate = kept().get(self._replace(seed=0).name, {}).get("learning_rate", RATES[1])
        return self.settings(rate).with_fields(steps=LIVE // M)

    def settings(self, rate: float = RATES[1]) -> RunSettings:
        hidden = HIDDEN[self.data] if self.figure == 2 else 100
        return preset("paper", self.data).with_fields(
            latent_dim=self.latent_dim, encoder=(hidden,), decoder=(hidden,), algorithm=self.algorithm,
            images=self.images, seed=self.seed, steps=GOALS[-1] // M, learning_rate=rate,
        ).with_fields(**TRIALS.get(self.trial, {}))  # fmt: skip


DREAMER = Curve(2, "mnist", 10, "wake-sleep")  # the longest of wake-sleep


def plan() -> list[Curve]:
    """All curves, those that say most first: three hours on one core, of which Monte Carlo EM takes a third."""
    two, three = ("aevb", "wake-sleep"), ("aevb", "wake-sleep", "mcem")
    curves = [
        Curve(3, "mnist", 3, algorithm, images, seed)
        for seed in (0, 1)
        for images in (1000, 50_000)
        for algorithm in three
    ]
    curves += [Curve(2, "mnist", dims, algorithm) for dims in (10, 3, 20, 5, 200) for algorithm in two]
    curves += [Curve(2, "frey", dims, algorithm) for dims in (10, 2, 5, 20) for algorithm in two]
    curves += [Curve(2, "frey", 2, "wake-sleep", goal=300_000, trial=name) for name in TRIALS]
    curves += [Curve(2, "frey", 10, algorithm, trial=LEARNS) for algorithm in two]
    return curves + [Curve(2, "mnist", 3, algorithm, seed=1) for algorithm in two]


def kept() -> dict[str, dict[str, Any]]:
    """What was measured, by the curves' names; without the file, nothing."""
    try:
        return json.loads(MEASURED.read_text("utf-8"))["curves"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def grow(curve: Curve, goal: int, dataset, notify: Callable[[str], None]) -> None:
    """Trains a curve until it has seen `goal` images, and stores its rows and a checkpoint; done before: nothing."""
    row, goal = kept().get(curve.name), min(goal, curve.goal)
    if row and _ended(row, goal):
        return
    notify(f"{curve.name}: to {goal:,} images")
    row = row or _chosen(curve, dataset)
    _store(curve.name, row if _ended(row, goal) else _grown(curve, row, goal, dataset))


def _ended(row: dict[str, Any], goal: int) -> bool:
    """Whether a curve has seen so many images, or diverged before."""
    return bool(row["note"]) or row["images_seen"][-1] >= goal


def _chosen(curve: Curve, dataset) -> dict[str, Any]:
    """The best of the step sizes after TRIAL images, by what the figure shows of the training images."""
    first = kept().get(curve._replace(seed=0).name)  # other seeds take the step size of the first
    fixed = first["learning_rate"] if first else TRIALS.get(curve.trial, {}).get("learning_rate")
    rows = [_grown(curve, _begun(curve, rate, dataset), TRIAL, dataset) for rate in ([fixed] if fixed else RATES)]
    reached = [None if row["note"] else row["train"][-1] for row in rows]  # None: it diverged
    best = rows[max(range(len(rows)), key=lambda i: -np.inf if reached[i] is None else reached[i])]
    return best | {"tried": {f"{row['learning_rate']:g}": value for row, value in zip(rows, reached, strict=True)}}


def _begun(curve: Curve, rate: float, dataset) -> dict[str, Any]:
    settings = curve.settings(rate)
    columns = ["images_seen", "weight_updates", "seconds", *(f"{part}{more}" for part in ("train", "test")
               for more in ("", "_se", "_kl" if curve.figure == 2 else "_importance"))]  # fmt: skip
    return {
        "figure": curve.figure, "data": curve.data, "latent_dim": curve.latent_dim, "algorithm": curve.algorithm,
        "images": len(dataset.training(settings.data.validation, curve.images)[0]), "seed": curve.seed,
        "hidden": list(settings.model.decoder), "learning_rate": rate, "trial": curve.trial,
        "changes": TRIALS.get(curve.trial, {}), "note": "", **{name: [] for name in columns},
        **({"dreams": []} if curve.dreams else {}),
    }  # fmt: skip


def _grown(curve: Curve, row: dict[str, Any], goal: int, dataset) -> dict[str, Any]:
    """The same curve, trained on to `goal` images from its checkpoint, or again from the start where that is gone."""
    from vae_core.training.monte_carlo_em import UPDATES
    from vae_core.training.train import Diverged, train

    rate = row["learning_rate"]
    settings = curve.settings(rate)
    checkpoint, row = _resumed(curve, rate, row, dataset)
    spent, clock = row["seconds"][-1] if row["seconds"] else 0.0, time.process_time()
    wanted = {images for images in GOALS if images <= goal}
    try:
        for progress in train(settings, dataset, checkpoint=checkpoint, due=lambda step: step * M in wanted):
            spent += time.process_time() - clock
            if progress.images_seen in wanted:
                updates = progress.step * (UPDATES if curve.algorithm == "mcem" else 1)
                row |= {"dreams": [*row["dreams"], _packed(dreams(progress.vae))]} if curve.dreams else {}
                found = measured(curve, progress.vae, dataset)
                found |= {"images_seen": progress.images_seen, "weight_updates": updates, "seconds": round(spent, 1)}
                for name, value in found.items():
                    row[name].append(value)
            if progress.images_seen >= goal:
                _save(curve, rate, progress.checkpoint())
                break
            clock = time.process_time()
    except Diverged as error:
        row["note"] = str(error)
    return row


def timed(curves: Iterable[Curve], data: dict[str, Any], notify: Callable[[str], None]) -> None:
    """Times the stored curves of these data sets anew: the fastest of ROUNDS trainings of TIMED steps, all in turn."""
    rows = kept()
    curves = [curve for curve in curves if curve.name in rows and curve.data in data]
    fastest = {}
    for number in range(ROUNDS):
        notify(f"timing {len(curves)} curves, round {number + 1} of {ROUNDS}")
        for curve in curves:
            spent = _step_seconds(curve, rows[curve.name]["learning_rate"], data[curve.data])
            alike = curve._replace(seed=0, goal=0)
            fastest[alike] = min(spent, fastest.get(alike, spent))
        for curve in curves:  # each round, for who leaves before the last one
            row, each = kept()[curve.name], fastest[curve._replace(seed=0, goal=0)]  # another process may have grown it
            _store(curve.name, row | {"seconds": [round(images / M * each, 2) for images in row["images_seen"]]})


def _step_seconds(curve: Curve, rate: float, dataset) -> float:
    """Processor time of a step, while nothing is evaluated."""
    from vae_core.training.train import train

    began = None
    for progress in train(curve.settings(rate), dataset, due=lambda step: step in (1, 1 + TIMED)):
        if began is None:  # the first step also sets things up
            began = time.process_time()
        elif progress.step > TIMED:
            return (time.process_time() - began) / TIMED
    raise AssertionError("the paper's trainings are longer than this")


def measured(curve: Curve, vae, dataset) -> dict[str, float]:
    """A row of a curve: train and test, of the first images of each the bound, in figure 3 log p(x) by both estimators,
    with standard errors over these images."""
    from vae_core.inference.marginal_likelihood import marginal_likelihood
    from vae_core.training.evaluate import scores, standard_error
    from vae_core.training.train import generator

    found, settings = {}, curve.settings()
    count = BOUND_IMAGES if curve.figure == 2 else EVIDENCE_IMAGES
    limits = {"train": len(dataset.training(settings.data.validation, curve.images)[0]), "test": len(dataset.test)}
    for part, limit in limits.items():
        x = dataset.observed(part, range(min(count, limit)), pixels=settings.data.pixels)
        if curve.figure == 2:
            s = scores(vae, x, samples=1, seed=EVALUATION)
            values, found[f"{part}_kl"] = s.elbo, round(s.kl.sum(-1).mean().item(), 3)
        else:
            estimate = marginal_likelihood(vae, x, generator(EVALUATION, 0, 0))
            values = estimate.log_px
            found[f"{part}_importance"] = round(estimate.importance.mean().item(), 2)
        found |= {part: round(values.double().mean().item(), 2), f"{part}_se": round(standard_error(values) or 0.0, 2)}
    return found


def dreams(vae) -> np.ndarray:
    """What a model dreams of at the same DREAMS draws of z ~ N(0, I): the mean images, grey levels (DREAMS, X)."""
    import torch

    from vae_core.training.train import generator

    with torch.no_grad():
        image = vae.mean(torch.randn(DREAMS, vae.latent_dim, generator=generator(EVALUATION, 0, 0)))
    return image.clamp(0, 1).mul(255).round().byte().numpy()


def _packed(levels: np.ndarray) -> str:
    return base64.b64encode(zlib.compress(levels.tobytes(), 9)).decode()


def kept_dreams(packed: Iterable[str]) -> np.ndarray:
    """The pictures of a stored curve's "dreams": grey levels (moments, DREAMS, X)."""
    levels = [np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8) for text in packed]
    return np.stack(levels).reshape(len(levels), DREAMS, -1)


def _checkpoint_file(curve: Curve, rate: float):
    return cache_folder() / "paper" / f"{curve.settings(rate).key()}.safetensors"


def _save(curve: Curve, rate: float, checkpoint: dict[str, Any]) -> None:
    from safetensors.numpy import save

    path = _checkpoint_file(curve, rate)
    make(path.parent)
    write(path, save({name: np.array(t.numpy(), order="C") for name, t in checkpoint.items()}))


def _resumed(curve: Curve, rate: float, row: dict[str, Any], dataset) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The checkpoint of the row's last images, and the row; without that, none, and a row that begins again."""
    import torch
    from safetensors.numpy import load

    try:
        checkpoint = {k: torch.from_numpy(v) for k, v in load(_checkpoint_file(curve, rate).read_bytes()).items()}
    except OSError:
        checkpoint = None
    if checkpoint and row["images_seen"] and int(checkpoint["step"]) * M == row["images_seen"][-1]:
        return checkpoint, row
    return None, _begun(curve, rate, dataset) | {k: row[k] for k in ("tried",) if k in row}


def _store(name: str, row: dict[str, Any]) -> None:
    """Puts one curve into the file, which another process may be doing too."""
    from filelock import FileLock

    make(cache_folder() / "paper")
    with FileLock(cache_folder() / "paper" / "paper.lock"):
        curves = kept() | {name: row}
        lines = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in curves.items())
        write(MEASURED, f'{{"about": {json.dumps(ABOUT, indent=1)},\n "curves": {{\n{lines}\n}}}}\n'.encode())


ABOUT = {
    "source": "Kingma & Welling (2014), figures 2 and 3, computed again by python -m vae_core paper --write",
    "train, test": "figure 2: the bound, one noise sample; figure 3: log p(x) by appendix D; means in nats per image",
    "evaluated on": f"the first {BOUND_IMAGES} (figure 3: {EVIDENCE_IMAGES}) training and test images",
    "_se": "standard error over these images; all curves are measured on the same ones, so differences are surer",
    "_kl": "figure 2: the bound's KL; near 0 the model has collapsed to independent pixels",
    "_importance": "log p(x) of the same images by importance sampling from the fitted Gaussian, a check of appendix D",
    "seconds": f"of one processor core, float32, without the evaluation: the fastest of {ROUNDS} short trainings, "
    "all curves in turn, times the images seen",
    "dreams": f"mean images of {DREAMS} draws of z, always the same, at each row: grey levels, compressed, as base64",
    "trial": "settings changed of the paper's, to see what keeps wake-sleep from learning Frey Faces",
    "tried": f"the training value of each step size after {TRIAL} images, null if it diverged; the best was kept",
}


def table(curves: Iterable[dict[str, Any]], trials: bool = False) -> str:
    """The curves, each as its settings and below them what was measured, by the images seen; 78 columns wide."""
    groups: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in curves:
        if bool(row["trial"]) == trials:
            groups.setdefault((row["figure"], row["data"]), []).append(row)
    lines = []
    for (figure, data), rows in groups.items():
        lines += ["", f"Figure {figure}, {data}: {TITLES[figure]}, nats per image, by images seen"]
        lines += [f"{'':12}" + "".join(f"{images:>11,}" for images in GOALS)]
        lines += [line for row in sorted(rows, key=lambda row: row["latent_dim"]) for line in _lines(row)]
    return "\n".join(lines).strip("\n")


def _lines(row: dict[str, Any]) -> list[str]:
    about = f"D={row['latent_dim']} {row['algorithm']} N={row['images']} H={row['hidden'][-1]} "
    about += f"step {row['learning_rate']:g} seed {row['seed']} {row['trial']}"
    shown = {"train": "train", "test": "test", "± test": "test_se", "KL test": "test_kl", "updates": "weight_updates"}
    forms = {"weight_updates": "{:,}", "seconds": "{:.0f}"}
    cells = [
        f"{title:>11} " + _cells(row, name, forms.get(name, "{:.2f}"))
        for title, name in (shown | {"seconds": "seconds"}).items()
        if name in row
    ]
    return [about.strip(), *cells, *([f"    {row['note']}"] if row["note"] else [])]


def _cells(row: dict[str, Any], name: str, form: str) -> str:
    values = dict(zip(row["images_seen"], row[name], strict=True))
    return "".join(f"{form.format(values[images]) if images in values else '-':>11}" for images in GOALS)
