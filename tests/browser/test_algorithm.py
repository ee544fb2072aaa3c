"""The walk through Algorithm 1 in a browser: line by line by key, both graphs, iterations, and the address keeps it."""

import pytest

pytestmark = pytest.mark.browser


def opened(visit, address="algorithm?model=two", *size, **more):
    guest = visit(*size, **more)
    guest.page.goto(f"{guest.url}/{address}")
    guest.page.wait_for_selector(".walk[data-count='1']")
    return guest


RIGHT_OF_WORDS = """(e) => {
  const words = document.createRange();
  words.selectNodeContents(e);
  return words.getBoundingClientRect().right;
}"""


REPEATED = """(walk) => {
  walk.querySelector(".many").click();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "PageUp", bubbles: true }));
  return [walk.querySelector(".words").textContent, walk.dataset.line];
}"""


def lit(page) -> int:
    """Parts of the graph that the lines so far have reached."""
    return page.locator(".graph g:not(.later)").count()


def test_page_down_leads_through_the_six_lines_into_the_next_iteration(visit):
    guest = opened(visit)
    page, seen = guest.page, []
    for line in range(1, 7):
        page.wait_for_selector(f".walk[data-line='{line}']")
        assert page.locator(".lines .now button > span").count() == 1
        assert page.locator(".lines .now code").inner_text()
        seen.append((lit(page), page.locator(".of-graph .words").inner_text()))
        page.keyboard.press("PageDown")
    assert [count for count, _ in seen] == sorted(count for count, _ in seen)
    assert len({words for _, words in seen}) == 6
    page.wait_for_selector(".walk[data-line='1'][data-count='2']:not(.asked)")
    guest.wait_for_address("line=1")


def test_the_gradient_passes_in_one_graph_and_ends_in_the_other(visit):
    guest = opened(visit, "algorithm?model=two&line=4")
    page = guest.page
    assert page.locator(".graph .break").count() == 0
    forward = page.locator(".graph .flow").count()
    through = page.locator(".graph text.elbo").all_inner_texts()
    page.get_by_role("radio", name="z drawn at random").click()
    page.wait_for_selector(".graph .break")
    assert page.locator(".graph .node.noise").count() == 0
    assert page.locator(".graph .flow").count() != forward
    assert "score function" in page.locator(".graph").inner_text()
    assert len(page.locator(".graph text.elbo").all_inner_texts()) < len(through)
    guest.wait_for_address("graph=z")
    page.wait_for_function("document.querySelector('h1').innerText.includes('no gradient passes it')")
    page.wait_for_selector(".walk:not(.asked)")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".walk[data-line='5'][data-graph='z drawn at random']")
    guest.wait_for_address("line=5")
    page.keyboard.press("ArrowLeft")
    guest.wait_for_address("line=4")
    again = opened(visit, "algorithm?" + page.url.split("?", 1)[1])
    again.page.wait_for_selector(".walk[data-line='4'][data-graph='z drawn at random'] .graph .break")


def test_the_numbers_of_an_image_add_up_and_another_image_has_others(visit):
    page = opened(visit, "algorithm?model=two&line=6").page

    def number(row: int) -> float:
        return float(page.locator(".sums dd").nth(row).inner_text().replace("−", "-").replace(" ", "").replace(",", ""))

    first = number(0)
    assert first + number(1) == pytest.approx(number(2), abs=0.11)
    assert page.locator(".graph").inner_text().count("nats") == 1
    page.locator(".batch button").nth(3).click()
    assert page.locator(".batch [aria-checked=true]").count() == 1
    assert number(0) != first
    page.keyboard.press("ArrowRight")
    assert page.locator(".batch button").nth(4).get_attribute("aria-checked") == "true"
    assert page.locator(".batch button").nth(4).evaluate("(e) => e.getRootNode().activeElement === e")


def test_repeating_draws_the_bound_and_starting_over_forgets_it(visit):
    page = opened(visit).page
    assert page.locator(".walk").evaluate(REPEATED) == ["computing … 0 of 50", "6"], "it waits, and says for what"
    page.wait_for_selector(".walk[data-count='51'][data-line='6']:not(.asked)")
    assert page.locator(".bound circle").count() == 2
    assert "51 iterations" in page.locator(".bound").inner_text()
    assert "51 iterations" in page.locator(".of-graph .words").inner_text()
    page.get_by_role("button", name="Start over").click()
    page.wait_for_selector(".walk[data-count='1'][data-line='1']:not(.asked)")
    assert page.locator(".bound circle").count() == 1
    page.get_by_role("radio", name="trained").click()
    page.wait_for_selector(".walk[data-count='1']:not(.asked)")


def test_it_plays_by_itself_and_a_hand_stops_it(visit):
    page = opened(visit).page
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector(".walk[data-line='2']")
    page.get_by_role("button", name="Pause").wait_for()
    page.locator(".lines button").nth(4).click()
    page.get_by_role("button", name="Play").wait_for()
    assert page.locator(".walk").get_attribute("data-line") == "5"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1024, 768), (390, 844)])
def test_nothing_is_outside_the_page_and_no_word_too_small(visit, width, height):
    page = opened(visit, "algorithm?model=two&line=6", width, height).page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sizes = page.locator(".walk :is(span, button, dt, dd, p, h2, small, code)").evaluate_all(
        "(all) => all.filter((e) => e.textContent.trim()).map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 13
    if width >= 1024:
        small = page.locator(".graph text").evaluate_all(
            "(all) => all.map((e) => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a)"
        )
        assert min(small) >= 13.5


def test_in_a_hall_it_fills_the_screen_and_a_clicker_leads_through_both_graphs(visit):
    guest = opened(visit, "algorithm?model=two", 1280, 720)
    page = guest.page
    on_a_desk = page.locator(".graph svg").bounding_box()["width"]
    page.get_by_role("button", name="Present").click()
    page.wait_for_selector(".walk[data-presents]")
    page.wait_for_function("document.documentElement.matches('[data-vae-presents]')")
    for line in range(2, 5):
        page.keyboard.press([" ", "PageDown", "ArrowRight"][line % 3])
        page.wait_for_selector(f".walk[data-line='{line}']")
    graph = page.locator(".graph svg")  # is drawn anew for each line
    guest.until(lambda: (box := graph.bounding_box()) and box["width"] > 1.1 * on_a_desk, "a larger graph")
    for graph in ("z drawn at random", "reparameterised"):
        page.keyboard.press("g")
        page.wait_for_selector(f".walk[data-graph='{graph}']:not(.asked)")
        sizes = page.locator(".walk :is(.words, .lines span, .lines code, .headline, .keys, .bar button)").evaluate_all(
            "(all) => all.filter((e) => e.checkVisibility()).map((e) => parseFloat(getComputedStyle(e).fontSize))"
        )
        drawn = page.locator(".graph text").evaluate_all(
            "(all) => all.map((e) => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a)"
        )
        assert min(sizes + drawn) >= 18
        said = page.locator(".headline").evaluate(RIGHT_OF_WORDS)
        assert said <= page.locator(".bar").bounding_box()["x"], "the headline and the buttons beside it"
        foot, words = (page.locator(name).bounding_box() for name in (".keys", ".of-graph .words"))
        assert words["y"] + words["height"] <= foot["y"]
        assert foot["y"] + foot["height"] <= 720
    page.keyboard.press("b")
    page.wait_for_selector(".walk[data-black]")
    page.keyboard.press(" ")
    page.wait_for_selector(".walk[data-line='4']:not([data-black])")
    page.keyboard.press("Escape")
    page.wait_for_selector(".walk:not([data-presents])")
    page.wait_for_function("!document.documentElement.matches('[data-vae-presents]')")
    assert page.locator(".stAppHeader").is_visible()
