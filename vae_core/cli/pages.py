"""Pages of the dashboard as files, which the dashboard beside this package makes: the library alone has none."""

import argparse
import logging
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from vae_core.cli.console import notify
from vae_core.runs.store import Entry

ROOT = Path(__file__).parents[2]  # of a clone, in which the dashboard lies beside vae_core
LECTURE = "lecture"  # instead of a model's name
WONDERS = "streamlit.runtime.scriptrunner_utils.script_run_context"  # that a page runs without a browser
MAKER = "shared.saved_pages"  # the package of the dashboard that does it


def save_page(options: argparse.Namespace, entry: Entry | None) -> int:
    """One HTML file: Explore and Manifold of a model, or ELBO of one test image; the lecture without a model."""
    files, path = dashboard("files"), Path(options.html)
    if entry is None:
        made = files.save_page("kl", path)
    elif options.image is not None:
        made = files.save_bound(entry, path, options.with_images, i=str(options.image))
    else:
        kinds = {"own_images": options.with_images, "encoder": not options.without_encoder}
        made = files.save_model(entry, path, **kinds)
    for sentence in made.missing:
        notify(f"Left out: {sentence}")
    print(f"{made.path}  {made.size / 1e6:.1f} MB")
    return 0


def site(options: argparse.Namespace) -> int:
    """Writes Explore, Manifold, the lecture, the paper's figures and the glossary as files for any web server."""
    made = dashboard("site").write_site(Path(options.folder), options.models, notify)
    print(f"{options.folder}: {made.files} files, {made.size / 1e6:.1f} MB; begin at index.html")
    return 0


def check_dashboard() -> None:
    """ValueError where nothing here makes pages."""
    if not (ROOT / "dashboard" / "app.py").exists():
        lacking = f"{ROOT / 'dashboard'} is not there: clone all of VAE Lab."
        raise ValueError(f"Pages are made by the dashboard, and {lacking}")
    if find_spec("streamlit") is None:
        raise ValueError("Pages are made with Streamlit, which is not installed: pip install -r requirements.txt.")


def dashboard(module: str) -> ModuleType:
    """A module of the dashboard that writes pages."""
    check_dashboard()
    logging.getLogger(WONDERS).disabled = True
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return import_module(f"dashboard.{MAKER}.{module}")
