"""Compare in a real browser: pictures are what Python decodes, a dot chooses an image, a link reopens the view."""

import re

import numpy as np
import pytest

from tests.browser.test_explore import drawn
from tests.waiting import LIMIT

pytestmark = pytest.mark.browser
TABLE = ".compare"


def opened(visit, path: str, **screen):
    return visit(**screen).open(f"compare?{path}", TABLE)


def settled(guest) -> None:
    """All test images have been scored under both models."""
    guest.page.wait_for_selector(".duel:not([data-count='0'])", timeout=1000 * LIMIT)  # 100 images, twice
    guest.settle(TABLE)
    guest.settle(".duel")


def tile(guest, canvas: str, k: int, across: int) -> tuple[float, float]:
    box = guest.page.locator(canvas).bounding_box()
    return box["x"] + box["width"] * (k % across + 0.5) / across, box["y"] + 12


# First in the file: the server sums in the order of asking, also what earlier tests asked for.
def test_a_dot_chooses_its_image_everywhere_and_the_link_reopens_it(visit):
    guest = opened(visit, "models=calm,calm10&i=3")
    settled(guest)
    assert guest.data(".duel")["count"] == "100"
    plot = guest.page.locator(".duel .plot")
    plot.focus()
    plot.press("ArrowRight")
    guest.page.locator(".duel .under", has_text="Click to choose it.").wait_for()
    plot.press("Enter")
    guest.page.wait_for_function("new URLSearchParams(location.search).get('i') !== '3'")
    chosen = guest.page.evaluate("new URLSearchParams(location.search).get('i')")
    guest.page.wait_for_selector(f".compare[data-chosen='{chosen}']")
    guest.page.wait_for_selector(f".duel[data-chosen='{chosen}']")
    guest.page.locator(".duel .under", has_text=f"Test image {chosen}").wait_for()
    guest.page.locator("h1", has_text=re.compile("calm.* beats .* by ")).wait_for()
    again = opened(visit, guest.page.url.partition("?")[2])
    again.page.wait_for_selector(f".compare[data-chosen='{chosen}']")


def test_the_same_z_is_decoded_by_every_model_while_it_is_dragged(visit, models):
    guest = opened(visit, "models=two,ten&at=0.000,0.000")
    box = guest.page.locator(".plane canvas").bounding_box()
    guest.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    guest.page.mouse.down()
    guest.page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25, steps=4)
    z = [float(v) for v in guest.data(TABLE)["z"].split(",")]
    assert np.allclose(z, [1.625, 1.625], atol=0.06), "drawn before the hand lets go"
    shown = guest.pixels(".cell.of-point >> nth=0 >> canvas >> nth=0")
    assert np.abs(shown - drawn(models["two"], z)).max() <= 2
    guest.page.mouse.up()
    guest.wait_for_address(f"at={z[0]:.3f},{z[1]:.3f}")


def test_models_come_and_go_and_the_address_follows(visit):
    guest = opened(visit, "models=two,ten")
    guest.page.get_by_role("button", name="2 models").click()
    guest.page.locator(".st-key-pick-one button").click()
    guest.wait_for_address("models=two,ten,one")
    guest.page.wait_for_selector(".compare[data-models='two,ten,one']")
    guest.page.keyboard.press("Escape")
    guest.page.locator(".head[data-model='ten'] .remove").click()
    guest.wait_for_address("models=two,one")
    guest.page.wait_for_selector(".compare[data-models='two,one']")


def test_densities_and_probabilities_have_no_dots(visit):
    guest = opened(visit, "models=own,grey")
    assert "can’t be compared on one scale" in guest.page.locator("h1").inner_text()
    assert "the other densities of grey ones" in guest.page.locator(".duel .none").inner_text()


def test_a_click_on_the_row_of_images_chooses_one(visit):
    guest = opened(visit, "models=two,ten&i=0")
    x, y = tile(guest, ".cell.of-few >> nth=0 >> div:nth-child(2) canvas", 4, 10)
    guest.page.mouse.click(x, y)
    guest.page.wait_for_selector(".compare[data-chosen='4']")
    guest.wait_for_address("i=4")


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_on_a_phone_two_columns_fit_and_more_scroll_inside_the_table(visit, theme):
    guest = opened(visit, "models=two,ten", width=390, height=844, theme=theme, touch=True)
    assert guest.page.evaluate("document.documentElement.scrollWidth") == 390
    grid = guest.page.locator(".compare .grid")
    assert grid.evaluate("g => g.scrollWidth - g.clientWidth") <= 1
    guest = opened(visit, "models=two,ten,one,conv", width=390, height=844, theme=theme, touch=True)
    assert guest.page.evaluate("document.documentElement.scrollWidth") == 390
    assert guest.page.locator(".compare .grid").evaluate("g => g.scrollWidth > g.clientWidth + 200")


def test_on_a_phone_the_names_stay_at_the_top_and_follow_their_columns(visit):
    guest = opened(visit, "models=two,ten,one,conv", width=390, height=844, touch=True)
    guest.page.locator(".label.of-number").nth(4).scroll_into_view_if_needed()
    guest.page.locator(".compare .grid").evaluate("g => { g.scrollLeft = 200; }")

    def follows(k: int) -> bool:
        head, cell = (guest.page.locator(f".cell.{name}").nth(k).bounding_box() for name in ("head", "of-few"))
        return abs(head["x"] - cell["x"]) < 1 and 55 <= head["y"] <= 65

    for k in range(4):
        guest.until(lambda k=k: follows(k), f"name {k} above its column")


def test_the_list_closes_after_the_preset_and_stays_open_after_a_model(visit):
    guest = opened(visit, "models=two,ten")
    guest.page.get_by_role("button", name="2 models").click()
    guest.page.locator(".st-key-pick-one button").click()
    guest.page.wait_for_selector(".compare[data-models='two,ten,one']")
    assert guest.page.locator("[data-testid=stPopoverBody]").is_visible()
    guest.page.locator(".st-key-pick-preset button").click()
    guest.page.locator("[data-testid=stPopoverBody]").wait_for(state="hidden")
    guest.page.wait_for_selector(".compare[data-models^='mnist-ae-2d,']")


def test_the_list_of_models_stays_under_the_header(visit):
    guest = opened(visit, "models=two,ten")
    guest.page.get_by_role("button", name="2 models").click()
    guest.page.locator(".st-key-pick-one button").wait_for()
    z = "s => Number(getComputedStyle(document.querySelector(s)).zIndex)"
    assert guest.page.evaluate(z, "[data-testid=stPopoverBody]") < guest.page.evaluate(z, ".stAppHeader")


def test_five_columns_draw_every_cell(visit):
    guest = opened(visit, "models=mnist-ae-2d,mnist-linear-ae-2d,mnist-pca-2d,mnist-2d,mnist-linear-2d")
    for row in ("few", "point", "walk"):
        for k in range(5):
            canvas = guest.page.locator(f".cell.of-{row}").nth(k).locator("canvas").last
            assert canvas.evaluate("c => c.width") > 100
    assert "A linear autoencoder finds PCA’s plane" in guest.page.locator("h1").inner_text()
