"""The toy world in a browser: slide N, guess, reveal; let the noise go to 0; the address keeps it."""

import pytest

pytestmark = pytest.mark.browser


def opened(visit, address="toy", *size, **more):
    guest = visit(*size, **more)
    guest.page.goto(f"{guest.url}/{address}")
    guest.page.wait_for_selector(".world[data-count]")
    guest.page.wait_for_selector(".vanishing[data-kl]")
    return guest


def test_the_truth_is_told_after_the_guess_and_the_address_keeps_it(visit):
    guest = opened(visit)
    page = guest.page
    assert page.locator(".world[data-count='30']").count() == 1
    assert "entropy" not in page.locator(".world").inner_text()
    page.get_by_role("radio", name="the upper one").click()
    page.get_by_role("radio", name="at 0").click()
    page.get_by_role("button", name="Reveal the truth").click()
    page.wait_for_selector(".world[data-shown=true]")
    verdicts = page.locator(".verdict").all_inner_texts()
    assert verdicts[0].startswith("Right")
    assert verdicts[1].startswith("No, between them")
    page.wait_for_function("document.querySelector('h1').innerText.includes('not 0')")
    guest.wait_for_address("truth=shown")
    again = opened(visit, "toy?" + page.url.split("?", 1)[1])
    again.page.wait_for_selector(".world[data-shown=true]")


def test_sliding_n_moves_the_numbers_and_the_address(visit):
    guest = opened(visit, "toy?truth=shown")
    page = guest.page
    before = page.locator(".world .facts").inner_text()
    page.locator(".count input").focus()
    page.keyboard.press("End")
    page.wait_for_selector(".world[data-count='10000']")
    assert page.locator(".world .facts").inner_text() != before
    guest.wait_for_address("count=10000")
    page.locator(".curves").click(position={"x": 60, "y": 100})
    page.wait_for_selector(".world[data-count='5'], .world[data-count='6']")
    page.get_by_role("button", name="Another world").click()
    page.wait_for_selector(".world[data-world='1']")
    guest.wait_for_address("world=1")


def test_the_gap_falls_with_the_noise_unless_the_decoder_folds(visit):
    guest = opened(visit)
    page = guest.page
    gap = lambda: float(page.locator(".vanishing").get_attribute("data-kl"))  # noqa: E731
    page.locator(".noise input").focus()
    page.keyboard.press("Home")
    page.wait_for_selector(".vanishing[data-sigma='0.01']")
    assert gap() < 0.001
    guest.wait_for_address("sigma=0.01")
    page.get_by_role("radio", name="folded").click()
    page.wait_for_selector(".vanishing[data-decoder=folded]")
    assert gap() == pytest.approx(0.693, abs=1e-3)
    assert "ln 2" in page.locator(".vanishing .claims").inner_text()


def test_a_phone_shows_all_of_it_without_scrolling_sideways(visit):
    page = opened(visit, "toy", 390, 844, touch=True).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for box in (".world", ".vanishing"):
        wide, room = page.locator(box).evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert wide <= room + 1
