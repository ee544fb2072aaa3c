"""The questions about the family that is here now."""

import math
from pathlib import Path

from dashboard.kl.hall.questions import Question, questions
from dashboard.kl.lecture import factors, lecture
from dashboard.shared.caching import cached
from vae_core.analysis import collapse_remedies, disentanglement
from vae_core.runs.store import Entry


def asked(entries: list[Entry] | None = None) -> dict[str, Question]:
    """By scene; none where there are too few models."""
    entries = lecture.members() if entries is None else entries
    if len(entries) < lecture.FEWEST:
        return {}
    paths: list[Path] = [collapse_remedies.MEASURED, disentanglement.MEASURED]
    changed = tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)
    return _asked(tuple(lecture.shelf_key(entry) for entry in entries), changed, entries)


@cached(max_entries=2)
def _asked(seals: tuple[str, ...], changed: tuple[int, ...], _entries: list[Entry]) -> dict[str, Question]:
    pixels = math.prod(_entries[0].shape)
    return questions(
        lecture.rows(_entries), lecture.spectrum(), lecture.trials(), _entries[0].codes().mean, pixels,
        factors.tried(),
    )  # fmt: skip
