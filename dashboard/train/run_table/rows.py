"""A run as a row of the table: its name, what its settings change, what it reaches, when and where it came from."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from dashboard.shared import formatting, model_labels, train_link, training_queue
from dashboard.train import settings_form
from dashboard.train.live import snapshots
from vae_core.runs.store import Entry
from vae_core.settings import RunSettings, TrainSettings

TOLD = 4  # changes in a row of the table
LETTERS = {
    "latent_dim": "D",
    "beta": "β",
    "samples": "L",
    "importance_samples": "K",
    "batch": "M",
    "seed": "seed",
    "steps": "steps",
}
LABELS = {
    field: label.partition(",")[0] for group in settings_form.GROUPS.values() for field, (label, _) in group.items()
} | {
    "encoder": "encoder",
    "decoder": "decoder",
    "network": "network",
}
HIDDEN = ("name", "fingerprint")


def row(entry: Entry) -> dict[str, Any]:
    report = entry.metrics if entry.ready else {}
    elbo, error = report.get("elbo"), report.get("elbo_se")
    points = report and elbo is None
    active, (preset, changed) = report.get("active_units"), changes(entry.settings)
    more = [f"{len(changed) - TOLD} more"] if len(changed) > TOLD else []
    return {
        "key": entry.key,
        "name": model_labels.name(entry),
        "pinned": entry.pinned,
        "data": model_labels.data(entry),
        "changes": " · ".join(changed[:TOLD] + more) or "–",
        "status": status(entry),
        "why": entry.why,
        "live": entry.status in snapshots.ACTIVE,
        "elbo": nats(report["reconstruction"] if points else elbo),
        "error": "reconstruction" if points else f"± {error:.1f}" if error and error < formatting.HUGE else "",
        "reconstruction": "" if points else nats(report.get("reconstruction")),
        "kl": nats(report.get("kl")),
        "active": f"{active} of {entry.settings.model.latent_dim}" if active is not None else "",
        "took": duration((entry.manifest or {}).get("seconds")),
        "when": when(entry.created),
        "origin": origin(entry, preset),
    }  # fmt: skip


def changes(settings: RunSettings) -> tuple[str, list[str]]:
    """(the nearest preset, what is set otherwise in these settings)."""
    return _changes(settings, tuple(train_link.fitting(settings.data.name).items()))


@lru_cache(maxsize=2000)
def _changes(settings: RunSettings, fitted: tuple[tuple[str, int], ...]) -> tuple[str, list[str]]:
    found = {preset: otherwise(settings, preset, dict(fitted)) for preset in settings_form.SHOWN}
    nearest = min(found, key=lambda preset: len(found[preset]))
    return nearest, found[nearest]


def otherwise(settings: RunSettings, preset: str, fitted: dict[str, int], leave_out: tuple[str, ...] = ()) -> list[str]:
    """The settings that are not the preset's, said in few words."""
    here, plain = flat(settings), flat(train_link.base(preset, settings.data.name)) | fitted
    if here["precision"] == TrainSettings.precision:  # of a run from another machine: nobody has set it
        plain["precision"] = here["precision"]
    order = [*LETTERS, *(field for field in here if field not in LETTERS)]
    unsaid = (*HIDDEN, *leave_out)
    return [said(field, here[field]) for field in order if field not in unsaid and here[field] != plain[field]]


def said(field: str, value: Any) -> str:
    """ "β 4", "encoder 512-256", "not variational", "bfloat16": a setting in as few words as there are."""
    if field == "precision":
        return value
    label = LETTERS.get(field) or LABELS.get(field) or field.replace("_", " ")
    if isinstance(value, bool):
        return label if value else f"not {label}"
    return f"{label} {written(value)}"


def written(value: Any) -> str:
    """A setting's value as text."""
    match value:
        case bool():
            return "yes" if value else "no"
        case tuple() | list():
            return "-".join(map(str, value)) or "linear"
        case float():
            return f"{value:g}"
        case int():
            return f"{value:,}"
    return str(value)


def flat(settings: RunSettings) -> dict[str, Any]:
    return {field: value for part in settings.to_dict().values() for field, value in part.items()}


def status(entry: Entry) -> str:
    match entry.status:
        case "queued":
            place = training_queue.jobs().place(entry.key)
            return f"number {place} in the queue" if place else "waits"
        case "done" | "running" | "paused":
            return entry.status
        case "failed":
            return f"failed: {entry.why}" if entry.why else "failed"
    return f"{entry.status} at step {entry.step:,}"


def origin(entry: Entry, preset: str) -> str:
    manifest = entry.manifest or {}
    return "imported" if manifest.get("imported") else manifest.get("origin") or preset


def duration(seconds: float | None) -> str:
    if seconds is None or seconds < 60:
        return "" if seconds is None else f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 60 else f"{minutes / 60:.1f} h"


def nats(value: float | None) -> str:
    """With one digit; what ran away in a training that diverged, by its power of ten."""
    return "" if value is None else formatting.readable(value, 1)


def when(created: str) -> str:
    try:
        then = datetime.fromisoformat(created).astimezone()  # of this machine, wherever the run was made
    except ValueError:
        return ""
    return f"{then:%H:%M}" if then.date() == datetime.now(then.tzinfo).date() else f"{then.day} {then:%b %H:%M}"
