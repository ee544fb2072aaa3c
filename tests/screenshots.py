"""Takes the README's pictures: python -m tests.screenshots. Without data sets, so that no image of one is on them."""

import io
import tempfile

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.server import CHROMIUM, ROOT, served

PICTURES = ROOT / "assets" / "pictures"
COLOURS = 128  # in a picture: half of its size, and nobody measures a colour in a README
SHOTS = {  # name: (address, colour scheme)
    "explore-light": ("?model=strokes-2d&i=11", "light"),  # strokes are our own: its images may be shown
    "manifold-dark": ("manifold?model=mnist-2d&z=-0.319,0.319", "dark"),
    "elbo-light": ("elbo?model=mnist-2d", "light"),
    "kl-light": ("kl?beta=1", "light"),
    "compare-light": ("compare?models=strokes-2d,strokes-10d&i=11", "light"),
}


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as cache,
        served(VAE_DATA_DIR=None, VAE_CACHE_DIR=cache) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (path, scheme) in SHOTS.items():
            page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
            page.goto(f"{address}/{path}")
            page.wait_for_selector("[data-frames]")
            page.wait_for_timeout(30_000)  # fonts, tiles, data that are drawn first, and what is computed from them
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            few = picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
            few.save(PICTURES / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
