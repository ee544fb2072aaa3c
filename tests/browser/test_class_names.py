"""Explore with 26 letters: a list to choose from, all of them in the legend, and none is taken for another."""

import pytest

from vae_core.data.datasets import load_dataset

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "theme"), [(1366, "light"), (390, "dark")])
def test_letters_are_chosen_from_a_list_and_switched_off_in_the_legend(visit, models, width, theme):
    from playwright.sync_api import expect

    dataset = load_dataset(models["letters"].settings.data.name)
    guest = visit(width, 844, theme).open("?model=letters&z=0,0&i=0")
    page = guest.page
    page.wait_for_selector(".chooser:not(.waiting) select.classes")
    chosen = page.locator("select.classes")
    assert chosen.locator("option").all_inner_texts()[1:] == [
        f"{letter}: no test image" if letter == "q" else letter for letter in dataset.classes
    ]
    assert chosen.locator("option:disabled").all_inner_texts() == ["class …", "q: no test image"]
    expect(chosen).to_have_value(str(int(dataset.test_labels[0])))

    label = dataset.classes.index("x")
    of_x = [i for i, one in enumerate(dataset.test_labels) if one == label]
    chosen.select_option(label="x")
    guest.wait_for_address(f"i={of_x[0]}")
    page.wait_for_selector(f"text=test {of_x[0]}")
    if len(of_x) > 1:
        page.locator(".picks .next").click()
        guest.wait_for_address(f"i={of_x[1]}")

    legend = page.locator(".legend")
    assert legend.locator("button").all_inner_texts() == list(dataset.classes)
    assert "colours repeat" in legend.inner_text()
    assert legend.locator("button:disabled").all_inner_texts() == ["q"]
    legend.get_by_role("button", name="codes of class z", exact=True).click()
    guest.wait_for_address("hide=25")
    box, plane = legend.bounding_box(), page.locator(".plane").bounding_box()
    assert box["x"] + box["width"] <= plane["x"] + plane["width"]
    assert box["height"] <= 90
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
