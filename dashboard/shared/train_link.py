"""A link to the Train page with given settings."""

import json
from functools import cache
from pathlib import Path

from vae_core.data.uploads import kept
from vae_core.registry import DATA_SETS
from vae_core.runs.store import trained
from vae_core.settings import (
    RunSettings,
    held_out,
    preset,
)


def base(name: str, data: str) -> RunSettings:
    """The preset as this machine has it: as fast as its processor can, and with as many held-out images as one's own
    images have room for. Nobody has set either, so neither stands in an address."""
    return preset(name, data, shape_of(data)).with_fields(**fast(name), **fitting(data))


def shape_of(name: str) -> tuple[int, ...]:
    """The shape of a data set's images, as far as that is known without reading them."""
    if name in DATA_SETS:
        return DATA_SETS[name].shape
    found = [upload.shape for upload in kept() if upload.name == name] if name.startswith("own/") else []
    found += [] if found else [run.shape for run in trained().list() if run.settings.data.name == name]
    return found[0] if found else (28, 28)


def fast(name: str) -> dict[str, str]:
    """Twice the speed, and an equal bound, where this processor multiplies bfloat16."""
    return {"precision": "bfloat16"} if name in ("quick", "good") and has_bfloat16() else {}


@cache
def has_bfloat16() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def share(name: str, settings: RunSettings) -> dict[str, str]:
    """The address of these settings."""
    plain = {k: v for part in base(name, settings.data.name).to_dict().values() for k, v in part.items()}
    here = {k: v for part in settings.to_dict().values() for k, v in part.items()}
    changed = {k: v for k, v in here.items() if k == "name" or (plain[k] != v and k != "fingerprint")}
    return {"preset": name, "set": json.dumps(changed, separators=(",", ":"))}


def fitting(name: str) -> dict[str, int]:
    """What the presets have for large data sets: of one's own images fewer are held out."""
    found = next((upload for upload in kept() if upload.name == name), None) if name.startswith("own/") else None
    if found is None:
        return {}
    return {"validation": held_out(found.train)}
