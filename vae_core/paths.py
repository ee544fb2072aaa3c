"""Where this product keeps its own files, and where it looks for data."""

import os
import sys
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """VAE_CACHE_DIR, else vae-lab in the platform's user cache folder; it need not exist, and may be read-only.

    Where the user has no home folder (a container's bare user number), the cache is in the temporary folder.
    """
    if chosen := os.environ.get("VAE_CACHE_DIR"):
        return expanded(chosen)
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        folder = "~/Library/Caches"
    else:
        folder = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(folder).expanduser() / "vae-lab"
    except RuntimeError:
        return Path(tempfile.gettempdir()) / f"vae-lab-cache-{getattr(os, 'getuid', int)()}"


def expanded(path: Path | str) -> Path:
    """A path whose ~ is the user's home folder; as it stands where that is not known."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def assets_folder() -> Path:
    """What comes with the repository: bundled models, and measurements of them. VAE_ASSETS, else beside the package.

    The library installed alone has none: VAE_ASSETS then names that folder of a clone.
    """
    chosen = os.environ.get("VAE_ASSETS")
    return expanded(chosen) if chosen else Path(__file__).parents[1] / "assets"


def own_data_folder() -> Path:
    """Where downloads go, and the only data folder in which a damaged file may be moved."""
    return cache_folder() / "data"


def data_folder(root: Path | str | None = None) -> Path:
    """The folder to look for data in first: `root`, else VAE_DATA_DIR, else the cache's own."""
    chosen = root or os.environ.get("VAE_DATA_DIR")
    return expanded(chosen) if chosen else own_data_folder()
