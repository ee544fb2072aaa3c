"""The bound in a real browser: its numbers are Python's, q follows the hand, rows and pixels answer."""

import csv
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
PAGE = ".elbo"
SMALL = """all => all
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length)
    .filter((e) => !["SUB", "SUP", "STYLE"].includes(e.tagName) && parseFloat(getComputedStyle(e).fontSize) < 14)
    .map((e) => `${e.className} ${e.textContent}`)"""
ADDRESS = "elbo?model=two&i=prior3"


# How opaque the parts are that wait for the server, in each frame from now on.
GREYED = """() => {
  window.greyed = new Set();
  const look = () => {
    const parts = document.querySelectorAll("[data-stale=true], .stExpander :not(.stCode *)");
    for (const part of parts) window.greyed.add(getComputedStyle(part).opacity);
    requestAnimationFrame(look);
  };
  look();
}"""


def complete(guest, address: str = ADDRESS):
    guest.open(address, PAGE)
    guest.page.wait_for_selector(".elbo[data-complete='true']")
    return guest


def number(text: str) -> float:
    return float(text.split(" ±")[0].replace("−", "-").replace("+", "").replace(",", ""))


def band(guest) -> dict[str, float]:
    found = guest.page.locator("[data-number]").evaluate_all("all => all.map(e => [e.dataset.number, e.textContent])")
    return {name: number(text) for name, text in found}


def subject(models, key: str = "two", seed: int = 3):
    from dashboard.shared import image_bound, model_view
    from dashboard.shared.image_picker import source

    model = model_view.model(models[key])
    return image_bound.bound_inputs(model, source.prior_sample(model, seed).x)


def q_of(guest) -> tuple[float, ...]:
    return tuple(float(value) for value in guest.data(PAGE)["q"].split(","))


def body(guest) -> tuple[float, float]:
    box = guest.page.locator(".plane circle.body").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# First in the file: the server sums in the order of asking, also what earlier tests asked for.
@pytest.mark.long
def test_rows_stay_where_they_are_while_a_hand_is_among_them(visit):
    guest = complete(visit(), "elbo?model=long")
    guest.page.locator(".spread").scroll_into_view_if_needed()
    guest.page.wait_for_selector(".spread[data-count]")
    guest.page.locator(".rows tbody tr").nth(2).hover()
    rows, count = guest.page.locator(".rows tbody tr td:nth-child(2)"), int(guest.data(".spread")["count"])
    before = rows.all_inner_texts()
    guest.page.locator(f".spread:not([data-count='{count}'])").wait_for()
    assert rows.all_inner_texts() == before
    assert "held while you are here" in guest.page.locator(".sorted").inner_text()
    assert re.search(
        r"of 10,000 images\. Mean gap .* accurate to ± [\d.]+ now", guest.page.locator(".spread .said").inner_text()
    )
    guest.page.mouse.move(5, 5)
    guest.page.locator(".sorted", has_text="so far").wait_for()
    assert rows.all_inner_texts() != before
    guest.page.locator(".spread .pause").click()
    guest.page.locator(".spread .said", has_text="images, paused").wait_for()
    guest.page.get_by_role("button", name="Continue").click()
    guest.page.locator(".spread .said", has_not_text="paused").wait_for()


def test_the_numbers_and_a_pixels_nats_are_those_of_python_and_add_up(visit, models):
    from dashboard.shared import image_bound

    guest = complete(visit())
    s = subject(models)
    shown, found = band(guest), image_bound.bound(s, image_bound.encoder(s))
    assert shown["reconstruction"] == pytest.approx(found.reconstruction, abs=0.006)
    assert shown["kl"] == pytest.approx(found.kl, abs=0.006)
    assert shown["gap"] == pytest.approx(found.gap, abs=0.006)
    assert shown["log_px"] == pytest.approx(image_bound.exact(s).log_px, abs=0.006)
    assert shown["reconstruction"] - shown["kl"] == pytest.approx(shown["elbo"], abs=0.011)
    assert shown["elbo"] + shown["gap"] == pytest.approx(shown["log_px"], abs=0.011)
    guest.page.wait_for_function("document.querySelector('h1').innerText.includes('nats')")
    guest.page.locator(".heat canvas").scroll_into_view_if_needed()
    box = guest.page.locator(".heat canvas").bounding_box()
    row, column = 9, 14
    guest.page.mouse.move(box["x"] + box["width"] * (column + 0.5) / 28, box["y"] + box["height"] * (row + 0.5) / 28)
    k = row * 28 + column
    guest.page.wait_for_selector(f".elbo[data-pixel='{k}']")
    words = guest.page.locator(".pixel").inner_text()
    assert words.startswith("row 10, column 15")
    assert number(re.search(r"(−?[\d.]+) nats", words)[1]) == pytest.approx(found.pixels[k], abs=0.006)


def test_q_follows_hand_and_keys_and_python_confirms_the_new_bound(visit, models):
    from dashboard.shared import image_bound

    guest = complete(visit())
    guest.page.locator(".of-steps").scroll_into_view_if_needed()
    before, (x, y) = q_of(guest), body(guest)
    guest.page.mouse.move(x, y)
    guest.page.mouse.down()
    guest.page.mouse.move(x + 60, y - 30, steps=3)
    live = band(guest)
    guest.page.mouse.up()
    guest.wait_for_address("q=")
    guest.page.wait_for_selector(".elbo:not(.asked)[data-complete='true']")
    guest.page.wait_for_function("document.querySelector('h1').innerText.startsWith('Your')")
    after, shown = q_of(guest), band(guest)
    assert guest.page.locator(".split > b").first.inner_text() == "the encoder’s gap"
    assert guest.page.locator(".whose").inner_text() == "your q"
    assert after[0] > before[0]
    assert after[1] > before[1]
    assert after[2:] == before[2:]
    found = image_bound.bound(subject(models), q_from(guest))
    assert shown["elbo"] == pytest.approx(found.elbo, abs=0.05)
    assert shown["gap"] == pytest.approx(found.gap, abs=0.05)
    assert live["kl"] == pytest.approx(shown["kl"], abs=0.02), "the browser's own number on the way"
    assert shown["log_px"] == pytest.approx(live["log_px"])
    grip = guest.page.locator(".plane .grip-across").bounding_box()
    guest.page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    guest.page.mouse.down()
    guest.page.mouse.move(grip["x"] - 25, grip["y"] + 5, steps=3)
    guest.page.mouse.up()
    stretched = q_of(guest)
    assert stretched[2] < after[2]
    assert stretched[3] == after[3]
    guest.page.locator(".plane").focus()
    guest.page.keyboard.press("ArrowUp")
    assert q_of(guest)[1] > stretched[1]


def q_from(guest) -> tuple[float, ...]:
    text = guest.page.evaluate("decodeURIComponent(location.search)")
    return tuple(float(value) for value in re.search(r"q=([^&]*)", text)[1].split(","))


@pytest.mark.parametrize("page", ["elbo", "gradients", "compare"])
def test_numbers_and_figure_can_be_taken_along(visit, page):
    address, component = {
        "elbo": (ADDRESS, PAGE), "gradients": ("gradients?model=two&i=prior3", ".arrows"),
        "compare": ("compare?models=two,one&i=prior3", ".compare"),
    }[page]  # fmt: skip
    guest = visit().open(address, component)
    with guest.page.expect_download() as file:
        guest.page.locator(".along .csv").click()
    text = Path(file.value.path()).read_text("utf-8-sig")
    assert "−" not in text
    assert len({len(row) for row in csv.reader(text.splitlines())}) == 1
    if page == "elbo":
        assert f"\nlog p(x),{band(guest)['log_px']:.1f}"[:14] in text
    if page == "compare":
        assert guest.page.locator(".along .figure").is_hidden()
        return
    with guest.page.expect_download() as file:
        guest.page.locator(".along .figure").click()
    content = Path(file.value.path()).read_bytes()
    assert file.value.suggested_filename.endswith({"elbo": ".svg", "gradients": ".png"}[page])
    assert content.startswith({"elbo": b"<svg", "gradients": b"\x89PNG"}[page])
    assert len(content) > 3000


def test_a_step_walks_down_the_table_and_log_p_stays(visit):
    guest = complete(visit())
    rows = guest.page.locator(".steps tbody tr")
    count = rows.count()
    assert count >= 6
    gaps = [number(rows.nth(k).locator("td.gap").inner_text()) for k in range(count)]
    evidence = {rows.nth(k).locator("td.log-px").inner_text() for k in range(count)}
    assert gaps == sorted(gaps, reverse=True)
    assert len({round(number(text), 1) for text in evidence}) == 1
    guest.page.locator(".step").click()
    guest.wait_for_address("step=1")
    guest.page.wait_for_selector(".steps tr.current:nth-child(2)")
    guest.page.wait_for_selector(".elbo:not(.asked)")
    assert band(guest)["gap"] == pytest.approx(gaps[1], abs=0.006)
    rows.nth(count - 1).click()
    guest.wait_for_address("step=best")
    guest.page.wait_for_selector(f".steps tr.current:nth-child({count})")
    assert band(guest)["gap"] == pytest.approx(gaps[-1], abs=0.006)
    guest.page.locator(".elbo .back").click()
    guest.page.wait_for_selector(".steps tr.current:nth-child(1)")
    guest.page.locator(".play").click()
    guest.page.wait_for_selector(f".steps tr.current:nth-child({count})")


def test_below_the_fold_draws_stairs_and_lines_wait_for_a_visitor(visit):
    guest = complete(visit())
    guest.page.locator(".of-slips").scroll_into_view_if_needed()
    guest.page.wait_for_selector(".draws-page[data-found]")
    assert guest.page.locator(".lines li").count() == 1
    for _ in range(6):
        guest.page.locator(".draws-page .next").click()
    values = guest.page.locator(".lines .value").all_inner_texts()
    assert len(values) == 7
    assert max(map(abs, (number(v[2:]) - number(values[0][2:]) for v in values))) < 0.02
    guest.page.locator(".many input").evaluate("e => { e.value = 100; e.oninput(); }")
    guest.page.wait_for_selector(".draws-page[data-count='1000']")


@pytest.mark.parametrize("key", ["one", "ten", "face", "conv"])
def test_every_kind_of_model_is_taken_apart(visit, key):
    guest = complete(visit(), f"elbo?model={key}&i=prior1")
    shown, exact = band(guest), key in ("one", "face")
    digit = 0.01 if exact else 1  # what is drawn is rounded by its error
    assert shown["reconstruction"] - shown["kl"] == pytest.approx(shown["elbo"], abs=1.1 * digit)
    assert shown["elbo"] + shown["gap"] == pytest.approx(shown["log_px"], abs=2 * digit)
    words = "exact" if exact else "importance bound"
    assert words in guest.page.locator(".equation").inner_text()
    said = guest.page.locator(".elbo .bill").inner_text()
    code = re.search(r"(?:costs |and )(none|[\d.]+)", said)[1].removesuffix(".")
    assert number(code.replace("none", "0")) == shown["kl"], said


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.parametrize("page", ["elbo", pytest.param("gradients", marks=pytest.mark.long)])
def test_no_screen_is_too_small_and_no_word_either(visit, width, height, page):
    guest = visit(width, height, "dark", touch=width < 700).open(f"{page}?model=two&i=prior3", ".elbo, .arrows")
    guest.page.wait_for_selector(".elbo[data-complete='true'], .arrows[data-frames]")
    assert guest.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert guest.page.locator(".elbo *, .arrows *").evaluate_all(SMALL) == []


def test_gradients_draws_five_bundles_and_detaching_z_empties_one(visit):
    guest = visit().open("gradients?model=two&i=prior3", ".arrows")
    names = guest.page.locator(".fan h3").all_inner_texts()
    assert len(names) == 5
    assert "reparameterised B" in names
    guest.page.get_by_label("detach").check()
    assert "z detached: biased" in guest.page.locator(".fan h3").all_inner_texts()
    guest.wait_for_address("detach=yes")
    guest.page.wait_for_function("document.querySelector('h1').innerText.includes('wrong on average')")
    guest.page.get_by_role("radio", name="untrained").click()
    guest.wait_for_address("when=untrained")
    guest.page.wait_for_selector(".arrows:not(.asked)")


@pytest.mark.long
def test_the_test_set_fills_in_and_a_row_anywhere_selects_its_image(visit):
    guest = complete(visit(), "elbo?model=fresh")
    before = guest.page.locator(".spread").bounding_box()["height"]
    assert "first numbers come" in guest.page.locator(".wait").inner_text()
    guest.page.locator(".spread").scroll_into_view_if_needed()
    guest.page.wait_for_selector(".spread[data-count='100']")
    assert guest.page.locator(".spread").bounding_box()["height"] == pytest.approx(before, abs=1), "nothing jumps"
    assert guest.page.locator(".said").last.inner_text() == "all 100 images, nats"
    gaps = [number(text) for text in guest.page.locator(".rows .sorting").all_inner_texts()]
    assert gaps == sorted(gaps, reverse=True)
    guest.page.locator(".rows tbody tr").nth(1).locator("td").last.click()
    index = guest.page.locator(".rows tbody tr").nth(1).locator("td").nth(1).inner_text()
    guest.wait_for_address(f"i={index}")
    guest.page.wait_for_selector(f".rows tr.current[data-index='{index}']")
    assert band(guest)["gap"] == pytest.approx(gaps[1], abs=0.011)
    guest.page.locator(".rows thead button", has_text="KL").click()
    guest.page.wait_for_selector(".spread[data-by='kl'][data-largest='true']")
    guest.page.locator(".turn").click()
    guest.page.wait_for_selector(".spread[data-by='kl'][data-largest='false']")
    kls = [number(text) for text in guest.page.locator(".rows .sorting").all_inner_texts()]
    assert kls == sorted(kls)
    guest.page.locator(".plot").focus()
    guest.page.keyboard.press("ArrowRight")
    assert f"KL {kls[0]:.2f} nats" in guest.page.locator(".spread .words").inner_text().replace("−", "-")


def test_bayes_rule_gives_the_same_evidence_wherever_one_clicks(visit):
    guest = complete(visit(), "elbo?model=calm&i=0")
    plane, said, q, told = guest.page.locator(".plane"), guest.page.locator(".bayes"), q_of(guest), set()
    box = plane.bounding_box()
    for across in (0.3, 0.4, 0.5, 0.6, 0.7):
        for down in (0.3, 0.5, 0.7):
            plane.click(position={"x": across * box["width"], "y": down * box["height"]})
            if "whichever" in said.inner_text():
                told.add(said.inner_text())
                assert number(said.locator("b").inner_text()) == pytest.approx(band(guest)["log_px"], abs=0.011)
            else:
                assert "Click nearer" in said.inner_text()
    assert len(told) >= 3, "places within the posterior"
    assert q_of(guest) == q, "a click does not move q"


# Texts of the page that lie on each other, or reach out of it: of those that a reader would see.
COLLISIONS = """() => {
  const boxes = [];
  for (const { shadowRoot } of document.querySelectorAll("[class*='st-key-'] *")) {
    const walker = shadowRoot && document.createTreeWalker(shadowRoot, NodeFilter.SHOW_TEXT);
    while (walker?.nextNode()) {
      const text = walker.currentNode, on = text.parentElement, range = document.createRange();
      if (!text.data.trim() || on.closest("style, option, .spoken, .rows, .equation, .theme")) continue;
      if (getComputedStyle(on).visibility === "hidden") continue;
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) if (box.width > 2) boxes.push({ on, words: text.data.trim(), box });
    }
  }
  const beyond = boxes.filter(({ box }) => box.left < -1 || box.right > innerWidth + 1);
  const out = beyond.map(({ words }) => `outside: ${words}`);
  boxes.sort((a, b) => a.box.top - b.box.top);
  boxes.forEach((a, k) => {
    for (let j = k + 1; j < boxes.length && boxes[j].box.top < a.box.bottom; j++) {
      const b = boxes[j], wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const tall = Math.min(a.box.bottom, b.box.bottom) - b.box.top;
      if (a.on !== b.on && wide > 2 && tall > 6) out.push(`${a.words} / ${b.words}`);
    }
  });
  return out;
}"""


def test_chapters_are_reached_by_their_links_below_an_equation_that_stays_and_no_text_lies_on_another(visit):
    guest = complete(visit(1366, 768), "elbo?model=calm&i=0")
    guest.page.locator(".equation nav a", has_text="The test set").focus()
    guest.page.keyboard.press("Enter")
    guest.page.locator(".equation nav a[aria-current]", has_text="The test set").wait_for()
    heading, equation = guest.page.locator("#test-set"), guest.page.locator(".equation")
    assert heading.evaluate("e => e.getRootNode().activeElement === e")
    guest.page.wait_for_selector(".spread[data-count]")
    guest.until(lambda: heading.bounding_box()["y"] < 300, "the heading to come up")
    assert equation.bounding_box()["y"] == pytest.approx(60, abs=1), "right below the header"
    assert heading.bounding_box()["y"] + 20 >= equation.bounding_box()["y"] + equation.bounding_box()["height"]
    guest.page.wait_for_selector(".draws-page[data-found]")
    for width in (1920, 1366, 1024, 768, 390, 320):
        guest.page.set_viewport_size({"width": width, "height": 3000})
        guest.page.wait_for_timeout(300)
        assert guest.page.evaluate(COLLISIONS) == [], width


def test_another_image_runs_through_the_picture_unless_motion_is_unwanted(visit):
    guest = complete(visit(), "elbo?model=calm&i=0")
    guest.page.wait_for_selector(".flow.anew")
    guest.page.emulate_media(reduced_motion="reduce")
    before, shown = guest.data(PAGE)["subject"], band(guest)
    guest.page.evaluate(GREYED)
    guest.page.locator(".elbo .picks button:not([aria-pressed='true'])").first.click()
    guest.page.wait_for_selector(f".elbo:not([data-subject='{before}'])")
    assert guest.page.evaluate("[...window.greyed]") == ["1"], "what is out of date for a moment stays as it was"
    assert guest.page.locator(".flow.anew, .flying").count() == 0
    means = [number(text) for text in guest.page.locator("[data-fly]").all_inner_texts()]
    assert means == [band(guest)[name] for name in ("reconstruction", "kl", "elbo")]
    assert band(guest) != shown
