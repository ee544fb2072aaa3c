"""The class changes and z stays: each picture of the row is what torch decodes, and a press has the page take it."""

import numpy as np
import pytest
import torch

from tests.browser.test_explore import INK, LIGHT, NIGHT, PAPER, confirmed, drag

ROW = ".class-row"


def drawn(entry, y: int, z, ground=PAPER, ink=INK):
    with torch.no_grad():
        mean = entry.load().vae.given(y).mean(torch.tensor(z, dtype=torch.float32)).numpy().reshape(*entry.shape, 1)
    return ground + (ink - ground) * mean.clip(0, 1)


def rows_at(guest, z) -> None:
    """Waits until every class is drawn at z."""
    text = ",".join(f"{value:g}" for value in z)
    guest.until(lambda: guest.data(ROW).get("done") == text, f"the row at {text}")


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_every_class_is_decoded_at_the_point_that_is_dragged(visit, models, theme):
    guest = visit(theme=theme).open("?model=told&z=0,0&class=3")
    drag(guest.page)
    z = confirmed(guest)
    rows_at(guest, z)
    colours = (PAPER, INK) if theme == "light" else (NIGHT, LIGHT)
    for y in range(10):
        shown = guest.pixels(f"{ROW} button:nth-child({y + 1}) canvas")
        assert np.abs(shown - drawn(models["told"], y, z, *colours)).max() <= 2
    assert np.abs(guest.pixels(".drawn") - drawn(models["told"], 3, z, *colours)).max() <= 2


def test_a_press_changes_the_class_and_keeps_the_point(visit, models):
    guest = visit().open("?model=told&z=0.6,-0.4")
    rows_at(guest, [0.6, -0.4])
    guest.page.locator(f"{ROW} button").nth(7).click()
    guest.wait_for_address("class=7")
    guest.until(
        lambda: np.abs(guest.pixels(".drawn") - drawn(models["told"], 7, [0.6, -0.4])).max() <= 2, "the class 7"
    )
    assert guest.data()["z"] == "0.6,-0.4"
    assert guest.page.locator(".said-image").inner_text() == "as the class 7"
    again = visit().open(guest.page.url.removeprefix(f"{guest.url}/"))
    assert np.abs(again.pixels(".drawn") - drawn(models["told"], 7, [0.6, -0.4])).max() <= 2, "a link carries it"


def test_arrow_keys_change_the_class(visit, models):
    guest = visit().open("?model=told&z=0,0&class=8")
    rows_at(guest, [0, 0])
    guest.page.locator(f"{ROW} [aria-checked=true]").focus()
    for key, expected in (("ArrowRight", 9), ("ArrowRight", 0), ("ArrowLeft", 9), ("Home", 0), ("End", 9)):
        guest.page.keyboard.press(key)
        guest.wait_for_address(f"class={expected}")
        assert guest.page.locator(f"{ROW} [aria-checked=true]").inner_text() == str(expected)
    assert guest.page.evaluate("document.activeElement !== document.body")


def test_another_image_brings_its_own_class(visit, models):
    guest = visit().open("?model=told&i=0&class=9")
    guest.page.wait_for_selector(".picks button[data-label='4'] canvas:not([hidden])")  # the images are read
    guest.page.locator(".picks button[data-label='4']").click()
    guest.page.wait_for_function("!location.search.includes('class=')")
    guest.until(lambda: guest.page.locator(f"{ROW} [aria-checked=true]").inner_text() == "4", "the class of the image")


def test_manifold_takes_the_class(visit, models):
    guest = visit().open("manifold?model=told&n=5&class=2", ".manifold")
    assert "Given the class 2" in guest.page.locator(".claim").inner_text()
    guest.page.locator(f"{ROW} button").nth(5).click()
    guest.wait_for_address("class=5")
    guest.page.get_by_text("Given the class 5").wait_for()


@pytest.mark.parametrize("page", ["", "manifold", "compare"])
def test_a_phone_has_the_row_within_its_width(visit, models, page):
    component = {"": ".pad", "manifold": ".manifold", "compare": ".compare"}[page]
    asked = "models=told,own" if page == "compare" else "model=told"
    guest = visit(width=390, height=844, touch=True).open(f"{page}?{asked}", component)
    assert guest.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_compare_draws_the_code_in_each_class(visit, models):
    guest = visit().open("compare?models=told,own&i=0", ".compare")
    assert "It is told no class." in guest.page.locator(".cell.of-classes").nth(1).inner_text()
    canvas = guest.page.locator(".cell.of-classes canvas").first
    assert canvas.evaluate("c => c.width") > 100
