"""A visitor's own curve: an ordinary training in the queue, whose snapshots are measured as the stored curves were."""

import math
from collections.abc import Iterator
from typing import Any

from dashboard.paper.figures.panels import COLUMNS, Panel
from dashboard.shared import background, test_images, training_queue
from dashboard.shared.caching import cached
from vae_core.analysis import paper_figures
from vae_core.analysis.paper_figures import Curve, M
from vae_core.runs.store import Entry, source_of, trained

FIRST = 9000  # images seen, before which nothing is measured
MOST = 4  # curves of an algorithm that are shown, the latest ones
ACTIVE = ("queued", "running", "paused")


class LiveCurve:
    """What is known of one run; shared by all sessions, filled in while somebody looks."""

    def __init__(self, key: str, curve: Curve) -> None:
        self.key, self.curve = key, curve
        self.points: dict[int, dict[str, float]] = {}  # by the step

    def missing(self, entry: Entry) -> list[int]:
        return [step for step in entry.snapshots() if step * M >= FIRST and step not in self.points]

    def measure(self) -> bool:
        """A snapshot far from those measured before, so that the curve is whole early; says whether there are more."""
        from vae_core.training.monte_carlo_em import UPDATES

        entry = trained().get(self.key)
        steps = self.missing(entry) if entry else []
        if not steps:
            return False
        settings = entry.settings.data
        ready = test_images.of(settings, source_of(settings), background.wait_for)
        if ready.data is None:
            return False
        step, vae = entry.at(max(steps, key=self._apart))
        vae.decoder.register_forward_pre_hook(background.yield_to_pages)
        seconds = [row["seconds"] for row in entry.history() if row["step"] <= step]
        updates = step * (UPDATES if self.curve.algorithm == "mcem" else 1)
        found = {"images_seen": step * M, "weight_updates": updates, "seconds": seconds[-1] if seconds else 0.0}
        self.points = self.points | {step: found | paper_figures.measured(self.curve, vae, ready.data)}
        return len(steps) > 1

    def _apart(self, step: int) -> float:
        """From the nearest step that was measured, in the logarithm; before there is one, the newest comes first."""
        return min((abs(math.log(step / other)) for other in self.points), default=float(step))

    def line(self, entry: Entry) -> dict[str, Any]:
        """For the browser: the stored curves' columns, and how far the training is."""
        points = [self.points[step] for step in sorted(self.points)]
        settings = entry.settings
        return {
            "algorithm": self.curve.algorithm, "seed": settings.train.seed, "trial": "", "note": entry.why,
            "rate": settings.train.learning_rate, "hidden": settings.model.decoder[-1], "kl": None, "importance": None,
            "images": settings.data.images, **{name: [point[name] for point in points] for name in COLUMNS},
            "key": entry.key, "status": entry.status, "step": entry.step, "steps": settings.train.steps,
            "place": training_queue.jobs().place(entry.key), "ready": entry.ready,
            "missing": len(self.missing(entry)),
        }  # fmt: skip


def live_curve(entry: Entry, curve: Curve) -> LiveCurve:
    return _of_key(entry.key, curve)


@cached(max_entries=64)
def _of_key(key: str, curve: Curve) -> LiveCurve:
    """The same for a run that was stopped and goes on: its snapshots are those that were measured before."""
    return LiveCurve(key, curve)


def of_panel(panel: Panel) -> Iterator[tuple[Entry, Curve]]:
    """The visitors' runs that belong to a panel, the oldest first."""
    wanted = {_comparable(curve.live()): curve for curve in map(panel.plain, panel.algorithms)}
    shown = dict.fromkeys(panel.algorithms, 0)
    found = []
    for entry in trained().list():
        curve = wanted.get(_comparable(entry.settings))
        if curve and shown[curve.algorithm] < MOST:
            shown[curve.algorithm] += 1
            found.append((entry, curve))
    yield from reversed(found)


def _comparable(settings) -> Any:
    """The same for all seeds, and for the same images wherever they lie."""
    return settings.with_fields(seed=0, fingerprint="")


def settings_of(curve: Curve, runs: list[tuple[Entry, Curve]]):
    """Of the next run: one that was begun goes on, else a seed that neither the stored curves nor a run here had."""
    mine = [entry for entry, other in runs if other == curve]
    for entry in mine:
        if entry.status not in ("done", "diverged", *ACTIVE):
            return entry.settings
    return curve.live().with_fields(seed=1 + max([1, *(entry.settings.train.seed for entry in mine)]))


def state(runs: list[tuple[Entry, Curve]]) -> tuple:
    """What a page shows of them: it is drawn anew when this changes."""
    return tuple((e.key, e.status, e.step, len(live_curve(e, c).points)) for e, c in runs)
