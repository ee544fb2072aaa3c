"""The manifold in a real browser: tiles are what Python decodes, hovering magnifies, a click pins."""

import io
from statistics import NormalDist

import numpy as np
import pytest
from PIL import Image

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


@pytest.mark.parametrize("zoom", [0.67, 2])
def test_the_tile_under_the_mouse_is_magnified_however_the_page_is_zoomed(visit, zoom):
    guest = visit().open("manifold?model=two&n=5", GRID)
    guest.page.evaluate("zoom => { document.documentElement.style.zoom = zoom; }", zoom)
    guest.settle(GRID)
    for row, column in ((0, 0), (1, 2), (1, 4)):
        guest.page.locator(".grid").scroll_into_view_if_needed()
        box = guest.page.locator(".grid").evaluate(
            "e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width]; }"
        )
        guest.page.mouse.move(box[0] + box[2] * (column + 0.5) / 5, box[1] + box[2] * (row + 0.5) / 5)
        guest.page.wait_for_selector(f".manifold[data-under='{5 * row + column}']", timeout=10_000)


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
    guest.page.wait_for_function("document.body.innerText.includes('cut into 441 equal shares')")


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
@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_no_screen_is_too_small(visit, width, height, theme):
    guest = visit(width, height, theme).open("manifold?model=two", GRID)
    grid = guest.page.locator(".grid").bounding_box()
    assert guest.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert grid["x"] >= 0
    assert grid["x"] + grid["width"] <= width


@pytest.mark.long  # it measures time
def test_forty_tiles_a_side_never_block_the_page(visit):
    guest = visit().open("manifold?model=two&n=5", GRID)
    guest.page.evaluate(
        "window.long = []; new PerformanceObserver(l => window.long.push(...l.getEntries().map(e => e.duration)))"
        ".observe({type: 'longtask'})"
    )
    guest.page.locator(".manifold input").evaluate("e => { e.value = 40; e.oninput(); }")
    guest.page.wait_for_timeout(1500)
    assert len([duration for duration in guest.page.evaluate("window.long") if duration > 100]) == 0


def over_tiles(guest) -> str:
    """The layer over the tiles, as a text that can be compared; "" if nothing is drawn there."""
    return guest.page.locator(".over").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean) ? c.toDataURL() : ''"
    )


@pytest.mark.parametrize(("key", "over"), [("one", "classes"), ("two", "codes"), ("ten", "classes"), ("conv", "codes")])
def test_a_layer_is_drawn_over_the_tiles_and_lives_in_the_address(visit, key, over):
    guest = visit().open(f"manifold?model={key}&n=8", GRID)
    assert over_tiles(guest) == ""
    guest.page.get_by_role("radio", name=over).click()
    guest.page.wait_for_selector(f".manifold[data-over={over}]")
    guest.wait_for_address(f"over={over}")
    drawn_by_hand = over_tiles(guest)
    assert drawn_by_hand
    again = visit().open(f"manifold?model={key}&n=8&over={over}", GRID)
    again.page.wait_for_selector(f".manifold[data-over={over}]")
    assert over_tiles(again) == drawn_by_hand


def test_the_classes_wait_for_the_hand_and_come_back_for_the_new_grid(visit):
    guest = visit().open("manifold?model=two&n=8&over=classes", GRID)
    guest.page.wait_for_selector(".manifold[data-over=classes]")
    guest.page.locator(".manifold input").evaluate("e => { e.value = 12; e.oninput(); }")
    assert over_tiles(guest) == ""
    guest.page.locator(".manifold input").evaluate("e => e.onchange()")
    guest.page.wait_for_selector(".manifold[data-over=classes]")
    assert over_tiles(guest)
    assert "nearest codes" in guest.page.locator(".of-image").inner_text()


@pytest.mark.parametrize("key", ["two", "ten"])
def test_on_a_laptop_the_grid_and_its_axes_fit_and_equal_steps_move_nothing(visit, key):
    guest = visit(width=1366, height=768).open(f"manifold?model={key}", GRID)
    guest.page.wait_for_selector(".manifold[data-grids]")

    def boxes() -> list[list[int]]:
        parts = (".grid", ".image", ".inset", ".spacings")
        return [
            guest.page.locator(part).evaluate("e => { const b = e.getBoundingClientRect(); return [b.x, b.y]; }")
            for part in parts
        ]

    before = boxes()
    last = guest.page.locator(".ticks .x").last.bounding_box()
    switch = guest.page.locator(".spacings").bounding_box()
    assert last["y"] + last["height"] <= 768
    assert switch["x"] + switch["width"] <= 1366 - 40
    guest.page.get_by_role("radio", name="linear").click()
    guest.page.locator("h1", has_text="ninth").wait_for()
    guest.settle(GRID)
    assert boxes() == before


def test_the_other_dimensions_can_be_those_of_an_image(visit, models):
    guest = visit().open("manifold?model=ten&n=6&axes=1,2&i=7", GRID)
    guest.page.get_by_role("radio", name="code", exact=True).click()
    guest.wait_for_address("others=code")
    guest.page.locator(".manifold .caption", has_text="those of test image 7,").wait_for()
    guest.page.mouse.move(*tile(guest.page, 2, 3, 6))
    guest.page.wait_for_selector(".manifold[data-under='15']")
    z = [float(value) for value in guest.data(GRID)["z"].split(",")]
    assert np.abs(np.array(z[2:]) - models["ten"].codes().mean[7, 2:]).max() < 0.001
    assert np.abs(guest.pixels(".drawn") - drawn(models["ten"], z)).max() <= 2
    guest.page.get_by_role("button", name="another").click()
    guest.page.locator(".manifold .caption", has_not_text="those of test image 7,").wait_for()


def test_the_saved_picture_shows_the_tiles_dot_by_dot(visit, models):
    guest = visit(theme="dark").open("manifold?model=two&n=5", GRID)
    guest.page.wait_for_selector(".manifold[data-grids]")
    with guest.page.expect_download() as download:
        guest.page.get_by_role("button", name="Save as PNG").click()
    picture = Image.open(io.BytesIO(download.value.path().read_bytes())).convert("L")
    assert picture.width > 2000
    dot = round(2400 / 140)
    unit = 140 * dot / 100
    left, top = round(9 * unit), round(9 * unit)
    grid = np.asarray(picture, float)[top : top + 140 * dot, left : left + 140 * dot]
    dots = grid[dot // 2 :: dot, dot // 2 :: dot].reshape(5, 28, 5, 28).swapaxes(1, 2)
    corner = [NormalDist().inv_cdf(0.9), NormalDist().inv_cdf(0.9)]
    shown = drawn(models["two"], corner).mean(-1)
    assert np.abs(dots[0, 4] - shown).max() <= 3  # ink on white paper, whatever the theme


def test_random_draws_of_several_models_stand_side_by_side_and_can_be_drawn_again(visit):
    guest = visit().open("manifold?model=two&n=5", GRID)
    guest.page.wait_for_selector(".samples[data-seed='0']")
    assert guest.page.locator(".samples figure").count() >= 2
    before = guest.pixels(".samples figure:last-child canvas")
    guest.page.get_by_role("button", name="Resample").click()
    guest.page.wait_for_selector(".samples[data-seed='1']")
    guest.wait_for_address("samples=1")
    assert (guest.pixels(".samples figure:last-child canvas") != before).any()
    guest.page.locator(".samples figure:last-child button").click()
    guest.page.wait_for_function("!location.search.includes('model=two') && location.search.includes('model=')")
    guest.page.locator(".manifold .caption", has_text="upwards; the other").wait_for()


def test_the_models_are_cards_that_are_searched_and_a_family_is_one_card(visit):
    guest = visit(width=390, height=844, theme="dark").open("manifold?model=two&n=5", GRID)
    guest.page.locator(".st-key-models button").first.click()
    gallery = guest.page.locator(".model-gallery[data-frames]")
    gallery.wait_for()
    shown = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, k) => v > 128 && k % 4 < 3)"
    card = gallery.locator("[data-pick=mnist-2d]")
    guest.until(lambda: card.locator("canvas").evaluate(shown), "the picture of mnist-2d")
    assert card.inner_text().startswith("2 dimensions")
    mine = gallery.locator("[data-pick=ten] canvas")
    guest.until(lambda: mine.evaluate(shown), "the picture of a run that was trained here")
    slider = gallery.get_by_role("slider", name="One network, many β")
    slider.focus()
    guest.page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "β = 64"
    search = gallery.get_by_role("searchbox")
    search.fill("faces 10")
    assert gallery.locator(".card:visible").count() == 1
    search.fill("beta-64")
    gallery.locator("[data-pick=mnist-beta-64]").click()
    guest.wait_for_address("model=mnist-beta-64")


def test_hovering_goes_at_the_pace_of_the_screen(visit):
    guest = visit().open("manifold?model=two&n=20&over=classes", GRID)
    guest.page.wait_for_selector(".manifold[data-over=classes]")
    spent = guest.page.locator(".grid").evaluate(
        """grid => {
          const box = grid.getBoundingClientRect(), spent = [];
          for (let k = 0; k < 200; k++) {
            const clientX = box.left + ((k * 37) % 400 + 0.5) * box.width / 400;
            const clientY = box.top + ((k * 53) % 400 + 0.5) * box.height / 400;
            const start = performance.now();
            grid.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY }));
            spent.push(performance.now() - start);
          }
          return spent.sort((a, b) => a - b)[100];
        }"""
    )
    assert spent < 16  # ms that a frame has, of which it takes one where nothing else runs
