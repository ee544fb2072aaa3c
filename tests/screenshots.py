"""Takes the README's pictures: python -m tests.screenshots [name ...]. No data set is there: none of its images is."""

import io
import os
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.server import CHROMIUM, ROOT, served

PICTURES = ROOT / "assets" / "pictures"
COLOURS = 256  # in a picture: half of its size
SHOTS = {  # name: (address, colour scheme)
    "explore-light": ("?model=strokes-2d&i=11", "light"),  # strokes are our own: its images may be shown
    "manifold-dark": ("manifold?model=mnist-2d&z=-0.319,0.319", "dark"),
    "elbo-light": ("elbo?model=mnist-2d", "light"),
    "kl-light": ("kl?beta=1", "light"),
    "compare-light": ("compare?models=strokes-2d,strokes-10d&i=11", "light"),
    "train-dark": ("train?run={run}", "dark"),
}
UNFOLDING = (14, 40, 100, 250, 700, 1800)  # steps of the strip, each the next snapshot


def main(names: list[str]) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        os.environ.pop("VAE_DATA_DIR", None)
        os.environ["VAE_CACHE_DIR"] = cache
        run = unfold() if {"train-dark", "unfolding"} & set(names or SHOTS) else ""
        with served() as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for name in names or SHOTS:
                if name in SHOTS:
                    path, scheme = SHOTS[name]
                    shoot(browser, f"{address}/{path.format(run=run)}", scheme, PICTURES / f"{name}.png")
            browser.close()


def shoot(browser, address: str, scheme: str, file: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    context.add_init_script("localStorage.setItem('vae-lab-tour', 'seen')")
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("[data-frames]")
    page.wait_for_timeout(30_000)  # fonts, tiles, data that are drawn first, and what is computed from them
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = picture.quantize(COLOURS, kmeans=3, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def unfold() -> str:
    """Trains the quick preset on strokes, and keeps a strip of its manifold; the run's key."""
    from dashboard.train.live import film_export, snapshots
    from vae_core.data.datasets import load_dataset
    from vae_core.jobs.trainer import train_run
    from vae_core.runs.store import trained
    from vae_core.settings import preset

    dataset = load_dataset("strokes")
    entry = train_run(preset("quick", "strokes"), dataset, trained())
    seen = snapshots.watched(dataset, "dynamic", entry.settings.data.validation)
    stills = []
    for wanted in UNFOLDING:
        step, vae = entry.at(min(step for step in entry.snapshots() if step >= wanted))
        tiles, codes, _ = snapshots.drawn(vae, seen, (0, 1))
        stills.append(film_export.Still(step, film_export.bound_at(entry.history(), step), tiles, codes))
    film_export.strip(stills, dataset.shape).quantize(16).save(PICTURES / "unfolding.png", optimize=True)
    return entry.key


if __name__ == "__main__":
    main(sys.argv[1:])
