"""Takes the README's pictures: python -m tests.screenshots. Without data sets, so that no image of one is on them."""

import tempfile

from playwright.sync_api import sync_playwright

from tests.server import CHROMIUM, ROOT, served

PICTURES = ROOT / "assets" / "pictures"
SHOTS = {  # name: (address, colour scheme)
    "explore-light": ("?model=mnist-2d&z=0.900,-1.350", "light"),
    "manifold-dark": ("manifold?model=mnist-2d", "dark"),
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
            page.wait_for_timeout(3000)  # fonts, tiles, and the data that are not there
            page.screenshot(path=PICTURES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
