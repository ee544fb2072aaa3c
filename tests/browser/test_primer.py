"""The primer in a browser: every scene by key, a drag moves the number as it should, and a link restores the view."""

import math

import pytest

from tests.parameters import rest_long

pytestmark = pytest.mark.browser
SCENES = range(1, 6)
STEPS = (("2", 2), ("PageDown", 3), ("ArrowRight", 4), ("5", 5), ("PageDown", 5), ("ArrowLeft", 4), ("1", 1))


def opened(visit, address="primer?model=one", *size, scene: int = 1, **more):
    guest = visit(*size, **more)
    guest.page.goto(f"{guest.url}/{address}{'&' if '?' in address else '?'}scene={scene}")
    at(guest, scene)
    return guest


def at(guest, scene: int, *facts: str) -> None:
    guest.page.wait_for_selector(f".primer[data-scene='{scene}']")
    for fact in facts:
        guest.page.wait_for_selector(f".of-{scene}[data-{fact}]")


def shown(guest, scene: int, fact: str) -> float:
    return float(guest.page.locator(f".of-{scene}").get_attribute(f"data-{fact}").replace("−", "-"))


def drag(page, dot, by: float, up: float = 0) -> None:
    box = dot.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by / 2, y - up / 2, steps=3)
    page.mouse.move(x + by, y - up, steps=3)
    page.mouse.up()


def test_keys_lead_through_the_scenes_and_a_link_comes_back_to_one(visit):
    guest = opened(visit)
    claims = set()
    for key, scene in STEPS:
        guest.page.keyboard.press(key)
        at(guest, scene)
        assert guest.page.locator(".scene:visible").count() == 1
        claims.add(guest.page.locator(".claim-of").inner_text())
    assert len(claims) >= 5
    guest.page.keyboard.press("3")
    guest.wait_for_address("scene=3")
    guest.page.reload()
    at(guest, 3)
    slider = guest.page.locator(".of-3 input").first
    before = slider.input_value()
    slider.press("ArrowRight")
    assert slider.input_value() != before, "an arrow is the slider's"
    at(guest, 3)
    guest.page.keyboard.press("2")
    at(guest, 2)


def test_a_coin_that_is_dragged_tells_minus_log_p(visit):
    guest = opened(visit, scene=1)
    page = guest.page
    assert shown(guest, 1, "heads") == pytest.approx(math.log(2), abs=0.006)
    drag(page, page.locator(".of-1 circle.handle.mu"), -150)
    value = float(page.locator(".of-1 .slider.mu input").input_value())
    assert value < 0.4
    assert shown(guest, 1, "heads") == pytest.approx(-math.log(value), abs=0.011)
    guest.wait_for_address("coin=")  # an entry of the history of its own
    page.get_by_role("radio", name="bits").click()
    assert shown(guest, 1, "heads") == pytest.approx(-math.log2(value), abs=0.011)
    assert "bits" in page.locator(".claim-of").inner_text()
    guest.wait_for_address("unit=bits")
    page.go_back()
    guest.until(lambda: "bits" not in page.locator(".claim-of").inner_text(), "nats again")
    page.go_back()
    guest.until(lambda: shown(guest, 1, "heads") == 0.69, "the coin as it was")
    assert page.locator(".of-1 .slider.mu input").input_value() == "0.5"
    page.go_forward()
    guest.until(lambda: shown(guest, 1, "heads") == round(-math.log(value), 2), "the coin that was dragged")
    page.go_forward()
    guest.until(lambda: "bits" in page.locator(".claim-of").inner_text(), "bits again")
    link = page.url.split("/")[-1]
    again = opened(visit, link.replace("&scene=1", "").replace("scene=1&", ""), scene=1)
    assert shown(again, 1, "heads") == shown(guest, 1, "heads")


def test_a_bar_that_is_dragged_changes_the_entropy_and_a_narrow_gaussian_has_a_negative_one(visit):
    guest = opened(visit, scene=2)
    page = guest.page
    assert shown(guest, 2, "entropy") == pytest.approx(math.log(10), abs=0.006)
    bar = page.locator(".of-2 .bar").nth(3)
    box = bar.locator("span").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] - 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] * 0.2, steps=4)
    page.mouse.up()
    share = float(bar.get_attribute("aria-valuenow"))
    assert share == pytest.approx(0.4, abs=0.02)
    rest = (1 - share) / 9
    expected = -share * math.log(share) - 9 * rest * math.log(rest)
    assert shown(guest, 2, "entropy") == pytest.approx(expected, abs=0.01)
    bar.focus()
    page.keyboard.press("End")
    assert shown(guest, 2, "entropy") == 0
    assert "certain" in page.locator(".claim-of").inner_text()
    page.get_by_role("button", name="all equally likely").click()
    assert shown(guest, 2, "entropy") == pytest.approx(math.log(10), abs=0.006)
    page.locator(".of-2 .slider input").focus()
    page.keyboard.press("Home")
    assert shown(guest, 2, "gaussian") == pytest.approx(
        0.5 * math.log(2 * math.pi * math.e) + math.log(0.02), abs=0.006
    )


def kl(m1: float, s1: float, m2: float, s2: float) -> float:
    return math.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 0.5


def test_gaussians_that_are_dragged_have_the_kl_of_their_sliders_both_ways(visit):
    guest = opened(visit, scene=3)
    page = guest.page
    for place, by in ((2, -90), (3, 25), (0, 40), (1, 20)):  # q's mean and width, then p's: in the order they are drawn
        drag(page, page.locator(".of-3 circle.handle").nth(place), by)
    values = [float(t.replace("−", "-")) for t in page.locator(".of-3 .slider b").all_inner_texts()]
    assert values != [1.2, 0.5, 0, 1]
    assert all(value != usual for value, usual in zip(values, [1.2, 0.5, 0, 1], strict=True)), values
    assert shown(guest, 3, "kl") == pytest.approx(kl(*values), rel=0.04, abs=0.03)
    assert shown(guest, 3, "reverse") == pytest.approx(kl(*values[2:], *values[:2]), rel=0.04, abs=0.03)
    assert shown(guest, 3, "area") == pytest.approx(shown(guest, 3, "kl"), abs=0.011)
    page.get_by_role("radio", name="p‖q").click()
    assert shown(guest, 3, "area") == pytest.approx(shown(guest, 3, "reverse"), abs=0.011)
    page.get_by_role("button", name="the same").click()
    assert "the KL is 0" in page.locator(".claim-of").inner_text()
    page.locator(".of-3 [data-pose='1']").click()
    plus, minus = (float(t) for t in page.locator(".of-3 .drawn-of span > b").all_inner_texts())
    assert minus > 0
    assert plus - minus == pytest.approx(shown(guest, 3, "area"), abs=1e-9)
    page.locator("[data-term='cross-entropy']").click()
    page.locator(".term-card", has_text="cross-entropy").wait_for()


def test_z_that_is_dragged_has_prior_and_likelihood_of_its_place(visit):
    guest = opened(visit, scene=4)
    page = guest.page
    at(guest, 4, "posterior")
    before = shown(guest, 4, "z")
    box = page.locator(".of-4 .three.wide").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    z = shown(guest, 4, "z")
    assert z != before
    assert z > 0.8
    guest.wait_for_address("place=")
    prior = -0.5 * (z * z + math.log(2 * math.pi))
    evidence = prior + shown(guest, 4, "likelihood") - shown(guest, 4, "posterior")
    page.locator(".of-4 .slider input").focus()
    page.keyboard.press("ArrowRight")
    moved = shown(guest, 4, "z")
    assert moved > z
    other = -0.5 * (moved**2 + math.log(2 * math.pi)) + shown(guest, 4, "likelihood") - shown(guest, 4, "posterior")
    assert other == pytest.approx(evidence, abs=0.005), "log p(x) is the same everywhere"
    again = opened(visit, f"primer?model=one&place={moved:g}", scene=4)
    at(again, 4, "posterior")
    assert shown(again, 4, "z") == pytest.approx(moved, abs=1e-9)
    assert shown(again, 4, "likelihood") == pytest.approx(shown(guest, 4, "likelihood"), abs=0.01)


def test_another_image_has_another_posterior(visit):
    guest = opened(visit, "primer?model=mnist-1d", scene=4)
    at(guest, 4, "posterior")
    claim = guest.page.locator(".claim-of").inner_text()
    guest.page.locator(".of-4 .menu-button").click()
    guest.page.locator(".menu > button").nth(1).click()
    guest.until(lambda: guest.page.locator(".claim-of").inner_text() != claim, "another posterior")


def test_the_slider_bends_the_cloud_and_plays_by_itself(visit):
    guest = opened(visit, "primer?model=two", scene=5)
    page = guest.page
    at(guest, 5, "bend")
    assert shown(guest, 5, "mean") == pytest.approx(math.sqrt(math.pi / 2), abs=0.001)
    page.locator(".of-5 .slider input").focus()
    page.keyboard.press("End")
    assert shown(guest, 5, "mean") == pytest.approx(1 + math.sqrt(math.pi / 2) / 10, abs=0.001)
    assert len(set(map(tuple, guest.pixels(".of-5 .layer").reshape(-1, 3).astype(int)))) > 5
    guest.wait_for_address("bend=1")
    page.keyboard.press("ArrowLeft")
    guest.wait_for_address("bend=0.99")  # by now Python has drawn it anew
    page.keyboard.press("Home")
    assert shown(guest, 5, "bend") == 0
    page.get_by_role("button", name="Play").click()
    guest.until(lambda: shown(guest, 5, "bend") == 1, "the ring")
    page.get_by_role("button", name="Play").wait_for()
    assert "1.13 ± 0.07" in page.locator(".of-5 .in-ring").inner_text()
    assert page.locator(".of-5 .images canvas").count() == 8


@pytest.mark.parametrize(("width", "height"), rest_long([(1366, 768), (1024, 768), (390, 844)], [(390, 844)]))
@pytest.mark.parametrize("scene", SCENES)
def test_nothing_is_outside_the_page_and_no_word_too_small(visit, scene, width, height):
    guest = opened(visit, "primer?model=one", width, height, scene=scene)
    if scene > 3:
        at(guest, scene, {4: "posterior", 5: "bend"}[scene])
    assert guest.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sizes = guest.page.locator(
        ".primer :is(span, button, dt, dd, p, h2, h3, small, b, text, tspan):visible"
    ).evaluate_all(
        "(all) => all.filter((e) => e.textContent.trim()).map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 13
    inside = guest.page.locator(".scene:visible svg").evaluate_all(
        """(all) => all.flatMap((svg) => [...svg.querySelectorAll("text")].filter((e) => {
             const a = e.getBoundingClientRect(), b = svg.getBoundingClientRect();
             return a.left < b.left - 4 || a.right > b.right + 4;
           }).map((e) => e.textContent))"""
    )
    assert inside == []


def test_fingers_drag_too(visit):
    guest = opened(visit, "primer?model=one", 390, 844, touch=True, scene=3)
    before = shown(guest, 3, "kl")
    box = guest.page.locator(".of-3 circle.handle").nth(2).bounding_box()
    guest.page.touchscreen.tap(box["x"] + box["width"] / 2 + 12, box["y"] + box["height"] / 2)
    assert shown(guest, 3, "kl") != before
