"""The lecture in a real browser: keys, links, the rail, and how fast a new model is there."""

import pytest

pytestmark = pytest.mark.browser
LECTURE = ".beta"
SMALLEST = """root => Math.min(...[...root.querySelectorAll('*')]
    .filter(node => node.getClientRects().length && !node.closest('.spoken'))
    .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
    .map(node => parseFloat(getComputedStyle(node).fontSize)))"""


def at(guest, **facts: str) -> None:
    for name, value in facts.items():
        guest.page.wait_for_selector(f".beta[data-{name}='{value}']")


def test_the_rail_takes_keys_and_the_hand_and_every_model_is_there_within_150_ms(visit):
    guest = visit(1920, 1080).open("kl?beta=0", LECTURE)
    at(guest, beta="0", complete="true", ready="13")
    assert "of it is empty" in guest.page.locator(".claim-of").inner_text()
    guest.page.locator(".track").focus()
    took = []
    for beta in ("0.01", "0.1", "0.5", "1", "2", "4", "8", "16", "20", "28", "40", "64"):
        guest.page.locator(LECTURE).evaluate("e => delete e.dataset.took")
        guest.page.keyboard.press("ArrowRight")
        guest.page.wait_for_selector(f".beta[data-took][data-beta='{beta}']")
        took.append(float(guest.data(LECTURE)["took"]))
    assert sorted(took)[len(took) // 2] <= 150, took
    assert "every code draws the same image" in guest.page.locator(".claim-of").inner_text()
    guest.wait_for_address("beta=64")
    box = guest.page.locator(".track").bounding_box()
    guest.page.mouse.click(box["x"] + box["width"] * 4.5 / 13, box["y"] + 12)
    at(guest, beta="1")
    assert "Nearly no holes" in guest.page.locator(".claim-of").inner_text()
    guest.page.keyboard.press("Home")
    at(guest, beta="0")


def test_a_clicker_turns_the_scenes_and_arrows_do_where_nothing_has_the_focus(visit):
    guest = visit().open("kl?scene=beta&beta=4", LECTURE)
    for key, scene in (
        ("PageDown", "cost"), ("PageDown", "numbers"), ("ArrowRight", "plane"), ("PageDown", "collapse"),
        ("ArrowRight", "really"), ("PageDown", "really"), ("PageUp", "collapse"), ("ArrowLeft", "plane"),
    ):  # fmt: skip
        guest.page.keyboard.press(key)
        at(guest, scene=scene, beta="4")
    guest.wait_for_address("scene=plane")
    guest.page.reload()
    at(guest, scene="plane", beta="4")


def test_a_point_of_the_plane_selects_its_model_on_all_scenes(visit):
    guest = visit().open("kl?scene=plane", LECTURE)
    guest.page.locator(".of-plane g[aria-label='beta 16']").click()
    at(guest, beta="16")
    guest.page.keyboard.press("PageDown")
    at(guest, scene="collapse", beta="16")


def test_two_gaussians_cost_what_the_formula_says(visit):
    guest = visit().open("kl?scene=cost&g=1,0.5,0,1", LECTURE)
    assert "costs 0.82 nats: 0.50 for where it lies, 0.32 for its width" in guest.page.locator(".claim-of").inner_text()
    guest.page.get_by_role("button", name="the same").click()
    guest.page.wait_for_function("e => document.querySelector('.st-key-beta')")
    assert guest.page.locator(".claim-of").inner_text() == "The same Gaussian costs nothing"
    guest.wait_for_address("g=0.00,1.00,0.00,1.00")


def test_a_loss_as_written_has_its_beta(visit):
    guest = visit().open("kl?scene=really", LECTURE)
    assert guest.page.locator(".huge").inner_text() == "784"
    guest.page.locator("[data-key=pixels][data-value=sum]").click()
    assert guest.page.locator(".huge").inner_text() == "1"


@pytest.mark.parametrize(("width", "height", "theme"), [(1920, 1080, "dark"), (1440, 900, "light"), (390, 844, "dark")])
def test_no_screen_is_too_small_and_nothing_that_matters_is_small_in_a_hall(visit, width, height, theme):
    guest = visit(width, height, theme).open("kl?beta=0.5", LECTURE)
    for scene in ("beta", "cost", "numbers", "plane", "collapse", "really"):
        at(guest, scene=scene)
        assert guest.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), scene
        smallest = guest.page.locator(LECTURE).evaluate(SMALLEST)
        assert smallest >= (16 if width == 1920 else 14), (scene, smallest)
        guest.page.keyboard.press("PageDown")
