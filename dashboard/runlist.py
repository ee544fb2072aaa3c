"""The runs of this machine: which one is shown, and which curves lie over it."""

from typing import Any

from dashboard import controls, trainings
from vae_core.runs import Entry, trained


def section(current: Entry | None) -> None:
    """All runs trained here, newest first."""


def overlaid(current: Entry | None) -> list[dict[str, Any]]:
    """Curves of other runs, to lie under the current one's."""
    keys = [key for key in (controls.asked("over") or "").split(",") if key]
    entries = [entry for key in keys[:4] if (entry := trained().get(key)) and (not current or key != current.key)]
    return [{"name": entry.name, "curves": trainings.curves(entry.history())} for entry in entries]
