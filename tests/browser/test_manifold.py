"""The manifold in a real browser: tiles are what Python decodes, hovering magnifies, a click pins."""

from statistics import NormalDist

import numpy as np
import pytest

from tests.browser.test_explore import drawn

pytestmark = pytest.mark.browser
GRID = ".manifold"


def tile(page, row: int, column: int, n: int) -> tuple[float, float]:
    box = page.locator(".grid").bounding_box()
    return box["x"] + box["width"] * (column + 0.5) / n, box["y"] + box["height"] * (row + 0.5) / n


def test_hovering_a_tile_magnifies_what_python_decodes_at_its_quantiles(visit, models):
    guest = visit().open("manifold?model=two&n=8", GRID)
    guest.page.mouse.move(*tile(guest.page, 1, 6, 8))
    guest.page.wait_for_selector(".manifold[data-under='14']")
    z = [NormalDist().inv_cdf(6.5 / 8), NormalDist().inv_cdf(6.5 / 8)]  # row 0 is the largest z2
    shown = [float(value) for value in guest.data(GRID)["z"].split(",")]
    assert np.abs(np.array(shown) - z).max() < 1e-8
    assert np.abs(guest.pixels(".drawn") - drawn(models["two"], z)).max() <= 2
    assert "0.812, 0.812" in guest.page.locator(".readouts").inner_text()


def test_a_click_pins_the_tile_and_explore_opens_there(visit):
    guest = visit().open("manifold?model=two&n=8", GRID)
    guest.page.mouse.click(*tile(guest.page, 1, 6, 8))
    z = f"{NormalDist().inv_cdf(6.5 / 8):.3f}"
    guest.wait_for_address(f"z={z},{z}")
    guest.page.get_by_role("button", name="Open in Explore").click()
    guest.page.wait_for_selector(".pad")
    guest.page.wait_for_selector(f".pad[data-z='{float(z)},{float(z)}']")


def test_arrow_keys_reach_a_tile_and_enter_pins_it(visit):
    guest = visit().open("manifold?model=two&n=5&z=0,0", GRID)
    guest.page.locator(".grid").focus()
    for key in ("ArrowRight", "ArrowUp", "Enter"):
        guest.page.keyboard.press(key)
    z = f"{NormalDist().inv_cdf(0.7):.3f}"
    guest.wait_for_address(f"z={z},{z}")


def test_the_number_of_tiles_follows_the_hand_and_python_says_so(visit):
    guest = visit().open("manifold?model=two", GRID)
    guest.page.locator(".manifold input").focus()
    guest.page.keyboard.press("ArrowRight")
    guest.wait_for_address("n=21")
    guest.page.wait_for_function("document.body.innerText.includes('Each tile is 1/441 of the prior')")


def test_equal_steps_change_tiles_claim_and_address(visit):
    guest = visit().open("manifold?model=two", GRID)
    guest.page.get_by_role("radio", name="linear").click()
    guest.wait_for_address("spacing=linear")
    guest.page.wait_for_function("document.body.innerText.includes('The middle ninth')")


@pytest.mark.parametrize("key", ["one", "ten", "face", "conv"])
def test_every_kind_of_model_draws_its_tiles(visit, models, key):
    guest = visit().open(f"manifold?model={key}&n=6", GRID)
    guest.page.wait_for_selector(".manifold[data-grids]")
    guest.page.mouse.move(*tile(guest.page, 2, 3, 6))
    guest.page.wait_for_selector(".manifold[data-under='15']")
    z = [float(value) for value in guest.data(GRID)["z"].split(",")]
    assert np.abs(guest.pixels(".drawn") - drawn(models[key], z)).max() <= 2


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_screen_is_too_small(visit, width, height, theme):
    guest = visit(width, height, theme).open("manifold?model=two", GRID)
    grid = guest.page.locator(".grid").bounding_box()
    assert guest.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert grid["x"] >= 0
    assert grid["x"] + grid["width"] <= width


def test_forty_tiles_a_side_never_block_the_page(visit):
    guest = visit().open("manifold?model=two&n=5", GRID)
    guest.page.evaluate(
        "window.long = []; new PerformanceObserver(l => window.long.push(...l.getEntries().map(e => e.duration)))"
        ".observe({type: 'longtask'})"
    )
    guest.page.locator(".manifold input").evaluate("e => { e.value = 40; e.oninput(); }")
    guest.page.wait_for_timeout(1500)
    assert len([duration for duration in guest.page.evaluate("window.long") if duration > 100]) == 0
