"""The paper's figures in a browser: choose a panel, move the table, train a curve of one's own over the stored ones."""

import re

import pytest

pytestmark = pytest.mark.browser


def opened(visit, address="paper", *size, **more):
    guest = visit(*size, **more)
    guest.page.goto(f"{guest.url}/{address}")
    guest.page.wait_for_selector(".figures[data-frames]")
    return guest


def test_a_panel_an_axis_and_a_moment_are_chosen_and_the_address_keeps_them(visit):
    guest = opened(visit)
    page = guest.page
    table = page.locator(".of-numbers table")
    page.get_by_role("radio", name="Figure 3, MNIST, N = 1,000").click()
    page.wait_for_selector(".figures[data-panel=n-1000]")
    assert "Monte Carlo EM" in table.inner_text()
    page.wait_for_selector(".figures[data-moment='3000000']")  # which the title is about, and all curves reach
    guest.wait_for_address("panel=n-1000")
    page.wait_for_function("document.querySelector('h1').innerText.includes('N = 1,000')")
    page.get_by_role("radio", name="weight updates").click()
    page.wait_for_selector(".figures[data-axis=updates]")
    guest.wait_for_address("axis=updates")
    before = table.inner_text()
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    page.wait_for_selector(".figures[data-moment='10000']")
    assert table.inner_text() != before
    page.locator(".small [aria-checked=true]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".figures[data-panel=n-50000]")
    again = opened(visit, "paper?" + page.url.split("?", 1)[1])
    again.page.wait_for_selector(".figures[data-axis=updates]")


@pytest.mark.long
def test_a_curve_of_ones_own_is_laid_over_the_stored_ones(visit, mnist):
    guest = opened(visit, "paper?panel=mnist-3")
    page = guest.page
    stored = page.locator(".large polyline").count()
    page.get_by_role("button", name="Train AEVB on 200,000 images").click()
    seen = re.compile(r"([2-9]|1\d)\d,000 of 200,000")
    page.locator(".runs").get_by_text(seen).wait_for(timeout=120_000)
    page.locator(".large polyline.live").first.wait_for(state="attached", timeout=120_000)
    assert page.locator(".large polyline").count() == stored + 2
    if (stop := page.get_by_role("button", name="Stop")).is_visible():
        stop.click()
    page.get_by_role("button", name="Open it in Explore").click(timeout=120_000)
    page.wait_for_selector(".pad")
    guest.wait_for_address("model=")
