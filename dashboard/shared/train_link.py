"""A link to the Train page with given settings."""

import json

from vae_core.data.uploads import kept
from vae_core.settings import (
    RunSettings,
    held_out,
    preset,
)


def base(name: str, data: str) -> RunSettings:
    """The preset, with as many held-out images as one's own images have room for."""
    return preset(name, data).with_fields(**fitting(data))


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
