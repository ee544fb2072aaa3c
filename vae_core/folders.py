"""Where this product keeps its own files, and where it looks for data."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """VAE_CACHE_DIR, else vae-lab in the platform's user cache folder; it need not exist, and may be read-only."""
    if chosen := os.environ.get("VAE_CACHE_DIR"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or "~/AppData/Local").expanduser() / "vae-lab"
    if sys.platform == "darwin":
        return Path("~/Library/Caches/vae-lab").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "vae-lab"


def own_data_folder() -> Path:
    """Where downloads go, and the only data folder in which a damaged file may be moved."""
    return cache_folder() / "data"


def data_folder(root: Path | str | None = None) -> Path:
    """The folder to look for data in first: `root`, else VAE_DATA_DIR, else the cache's own."""
    chosen = root or os.environ.get("VAE_DATA_DIR")
    return Path(chosen).expanduser() if chosen else own_data_folder()
