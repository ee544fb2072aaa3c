"""The lecture in a real browser: keys, links, the rail, and how fast a new model is there."""

from xml.etree import ElementTree

import pytest

from tests.parameters import rest_long

pytestmark = pytest.mark.browser
LECTURE = ".beta"
SCENES = ("vae", "beta", "cost", "humps", "numbers", "plane", "collapse", "remedies", "really", "factors", "closing")
DRAWN = """root => [...root.querySelectorAll('.chart > svg, .plot > svg, .where > svg, .multiple > svg')]
    .filter(svg => svg.getClientRects().length)
    .map(svg => [[svg.viewBox.baseVal.width, svg.viewBox.baseVal.height], [svg.clientWidth, svg.clientHeight]])"""
SMALLEST = """root => Math.min(...[...root.querySelectorAll('*')]
    .filter(node => node.getClientRects().length && !node.closest('.spoken'))
    .filter(node => getComputedStyle(node).visibility !== 'hidden')
    .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
    .map(node => parseFloat(getComputedStyle(node).fontSize)))"""


def at(guest, **facts: str) -> None:
    for name, value in facts.items():
        guest.page.wait_for_selector(f".beta[data-{name}='{value}']")


ON_THE_LINE = """root => {
    const label = root.querySelector("text.t-elbo.strong").getBBox();
    const line = root.querySelector("[stroke-width='3'][stroke='var(--kl)']");
    const shares = Array.from({ length: 101 }, (_, k) => (k / 100) * line.getTotalLength());
    return shares.map((at) => line.getPointAtLength(at))
        .some(({ x, y }) => x > label.x && x < label.x + label.width && y > label.y && y < label.y + label.height);
}"""


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_name_of_the_highest_bound_lies_on_no_line(visit, width, height):
    guest = visit(width, height).open("kl?scene=plane&beta=0.5", LECTURE)
    at(guest, beta="0.5")
    guest.page.locator(".track").focus()
    for beta in ("1", "2", "4", "8", "16"):
        guest.page.keyboard.press("ArrowRight")
        at(guest, beta=beta)
        assert not guest.page.locator(LECTURE).evaluate(ON_THE_LINE), beta


@pytest.mark.long
def test_the_rail_takes_keys_and_the_hand_and_every_model_is_there_within_150_ms(visit):
    guest = visit(1920, 1080).open("kl?beta=0", LECTURE)
    at(guest, beta="0", complete="true", ready="13")
    assert "When codes are free, the prior is ignored: they miss" in guest.page.locator(".claim-of").inner_text()
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
    assert "Almost no holes" in guest.page.locator(".claim-of").inner_text()
    guest.page.keyboard.press("Home")
    at(guest, beta="0")


def test_a_clicker_turns_the_scenes_and_arrows_do_where_nothing_has_the_focus(visit):
    guest = visit().open("kl?scene=beta&beta=4", LECTURE)
    for key, scene in (
        ("PageDown", "cost"), ("PageDown", "humps"), ("ArrowRight", "numbers"), ("ArrowRight", "plane"),
        ("PageDown", "collapse"), ("ArrowRight", "remedies"), ("PageDown", "really"), ("PageDown", "factors"),
        ("PageDown", "closing"), ("PageDown", "closing"), ("PageUp", "factors"), ("PageUp", "really"),
        ("PageUp", "remedies"), ("ArrowLeft", "collapse"), ("PageUp", "plane"),
    ):  # fmt: skip
        guest.page.keyboard.press(key)
        at(guest, scene=scene, beta="4")
    guest.wait_for_address("scene=plane")
    guest.page.reload()
    at(guest, scene="plane", beta="4")


def test_the_answer_to_a_scenes_question_is_a_click_away(visit):
    guest = visit().open("kl?scene=cost", LECTURE)
    line, tell = guest.page.locator(".question"), guest.page.locator(".tell")
    assert "What costs more" in line.inner_text()
    tell.click()
    assert line.inner_text().startswith("Answer: Its position costs")
    guest.page.keyboard.press("PageDown")
    at(guest, scene="humps")
    assert line.inner_text().startswith("Ask the room: p has two humps"), "another scene asks its own"


def test_in_a_hall_every_scene_begins_with_its_question_and_up_and_down_move_beta(visit):
    guest = visit(1920, 1080).open("kl?scene=numbers&beta=4&present=1", LECTURE)
    room, claim = guest.page.locator(".room"), guest.page.locator(".claim-of")
    assert room.inner_text() == "How will the KL fall as β grows? Draw it."
    guest.page.keyboard.press("ArrowUp")  # nothing of the answer is seen to change
    guest.page.keyboard.press("Space")
    assert claim.is_visible()
    guest.page.keyboard.press("ArrowUp")
    at(guest, scene="numbers", beta="8")
    for beta in ("0", "64"):
        guest.page.keyboard.press("ArrowRight")
        at(guest, scene="numbers", beta=beta)
    guest.page.keyboard.press("ArrowRight")
    at(guest, scene="plane", beta="8")
    assert room.inner_text() == "Which of these models is the best one, by its bound (ELBO)?"
    assert not claim.is_visible()
    guest.page.keyboard.press("PageDown")
    assert claim.is_visible()
    assert not room.is_visible()
    for beta in ("0", "16"):
        guest.page.keyboard.press("PageDown")
        at(guest, scene="plane", beta=beta)
    guest.page.keyboard.press("PageDown")
    guest.page.keyboard.press("PageUp")
    at(guest, scene="plane", beta="16")
    assert claim.is_visible()


def test_after_a_click_on_present_the_keys_turn_the_pages_and_a_clicker_walks_through_beta(visit):
    guest = visit().open("kl?scene=beta&beta=2", LECTURE)
    guest.page.locator(".present").click()
    assert guest.page.locator(".room").inner_text().startswith("If codes cost nothing")
    assert "Page Down" in guest.page.locator(".keys").inner_text()
    guest.page.keyboard.press("Space")
    at(guest, scene="beta", beta="0")
    assert guest.page.locator(".claim-of").is_visible()
    for beta in ("1", "4", "64"):
        guest.page.keyboard.press("PageDown")
        at(guest, scene="beta", beta=beta)
    guest.page.keyboard.press("PageUp")
    at(guest, scene="beta", beta="4")
    guest.page.keyboard.press("ArrowRight")
    guest.page.keyboard.press("ArrowRight")
    at(guest, scene="cost", beta="2")  # where it was before the walk
    guest.page.keyboard.press("Escape")
    guest.page.wait_for_function("!('vaePresents' in document.documentElement.dataset)")


@pytest.mark.parametrize("width", [1024, 1440, 1920])
def test_a_scene_reached_from_another_is_laid_out_as_if_it_were_opened(visit, width):
    guest = visit(width, 900).open("kl?scene=vae", LECTURE)
    for scene in SCENES[1:]:
        guest.page.keyboard.press("PageDown")
        at(guest, scene=scene)
        for drawn, shown in guest.page.locator(LECTURE).evaluate(DRAWN):
            assert drawn == pytest.approx(shown, abs=1), scene


def test_a_model_that_is_not_there_is_said_where_it_is_seen(visit):
    guest = visit().open("kl?beta=3", LECTURE)
    box = guest.page.get_by_text("There is no model of β = 3").bounding_box()
    assert 60 <= box["y"] < 200
    assert guest.page.locator(".present").bounding_box()["y"] < 900


def test_a_scene_and_the_numbers_can_be_taken_along(visit):
    guest = visit(theme="dark").open("kl?scene=collapse&beta=4", LECTURE)
    taken = {}
    for kind in ("svg", "png", "csv"):
        guest.page.locator(".save summary").click()
        with guest.page.expect_download() as download:
            guest.page.locator(f".save [data-as={kind}]").click()
        taken[download.value.suggested_filename] = download.value.path().read_bytes()
    assert list(taken) == ["collapse-beta-4.svg", "collapse-beta-4.png", "beta-family.csv"]
    drawing, picture, table = taken.values()
    words = [node.text for node in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]
    assert guest.page.locator(".claim-of").inner_text() in words
    assert b"var(" not in drawing
    assert picture.startswith(b"\x89PNG")
    rows = [line.split(",") for line in table.decode().splitlines()]
    assert (len(rows), rows[0][:2], rows[-1][0]) == (14, ["beta", "reconstruction"], "64")
    assert float(rows[1][1]) < 0
    at(guest, scene="collapse", beta="4")


def test_a_point_of_the_plane_selects_its_model_on_all_scenes(visit):
    guest = visit().open("kl?scene=plane", LECTURE)
    guest.page.locator(".of-plane g[aria-label='beta 16']").click()
    at(guest, beta="16")
    guest.page.keyboard.press("PageDown")
    at(guest, scene="collapse", beta="16")


def test_two_gaussians_cost_what_the_formula_says(visit):
    guest = visit().open("kl?scene=cost&g=1,0.5,0,1", LECTURE)
    assert "costs 0.82 nats: 0.50 for its position, 0.32 for its width" in guest.page.locator(".claim-of").inner_text()
    guest.page.get_by_role("button", name="the same").click()
    guest.page.wait_for_function("e => document.querySelector('.st-key-beta')")
    assert guest.page.locator(".claim-of").inner_text() == "The same Gaussian costs nothing"
    guest.wait_for_address("g=0.00,1.00,0.00,1.00")


def test_a_loss_as_written_has_its_beta(visit):
    guest = visit().open("kl?scene=really", LECTURE)
    assert guest.page.locator(".huge").inner_text() == "784"
    guest.page.locator("[data-key=pixels][data-value=sum]").click()
    assert guest.page.locator(".huge").inner_text() == "1"
    guest.wait_for_address("loss=bce,sum,sum,1")


def test_two_humps_are_covered_until_they_are_far_apart(visit):
    guest = visit().open("kl?scene=humps&d=5.5", LECTURE)
    claim = guest.page.locator(".claim-of")
    assert claim.inner_text() == "Up to 5.60 apart, both put q in the middle"
    guest.page.locator(".of-humps input").press("ArrowRight")
    guest.page.locator(".of-humps input").press("ArrowRight")
    assert claim.inner_text() == "Beyond 5.60 KL(q‖p) settles on one hump"
    assert "±2.82" in guest.page.locator(".of-humps .sums").inner_text()
    guest.wait_for_address("d=5.7")


def test_a_remedy_is_chosen_by_hand_and_can_be_trained(visit):
    guest = visit().open("kl?scene=remedies&try=8,warm-up", LECTURE)
    claim, link = guest.page.locator(".claim-of"), guest.page.locator("a.train")
    assert claim.inner_text().startswith("Warm-up: ")
    assert "%22warmup%22%3A4000" in link.get_attribute("href")
    guest.page.locator(".of-remedies [data-value='plain']").click()
    assert claim.inner_text().startswith("Started from random weights, β = 8 ends ")
    assert "warmup" not in link.get_attribute("href")
    guest.wait_for_address("try=8,plain")
    guest.page.locator(".of-remedies [data-value='40']").click()
    assert "β = 40" in claim.inner_text()


def test_each_stop_of_the_rail_offers_its_training(visit):
    guest = visit().open("kl?beta=4", LECTURE)
    link = guest.page.locator("a.train")
    assert link.inner_text() == "Train β = 4"
    assert link.get_attribute("href").startswith("train?preset=good&set=%7B")
    guest.page.locator(".track").press("ArrowRight")
    at(guest, beta="8")
    assert "%22beta%22%3A8.0" in link.get_attribute("href")
    link.click()
    guest.page.wait_for_selector(".training")
    assert "mnist-beta-start" in guest.page.url, "the training can begin where the member's did"
    assert guest.page.locator(".st-key-notices").count() == 0, "and nothing is said against it"


def test_the_handout_has_every_scene_and_the_lecture_stays_where_it_was(visit):
    guest = visit(theme="dark").open("kl?scene=plane&beta=2", LECTURE)
    at(guest, complete="true")
    guest.page.wait_for_function("window.vaeLab.shelf.size >= 27")  # codes and decoders of all, and the traversals
    guest.page.locator(".scenes button[data-scene=vae]").click()
    at(guest, scene="vae", complete="true")  # the images are there, too
    guest.page.locator(".scenes button[data-scene=plane]").click()
    at(guest, scene="plane", beta="2", complete="true")
    guest.page.locator(".save summary").click()
    with guest.page.context.expect_page() as opened:
        guest.page.locator(".handout").click()
    sheet = opened.value
    sheet.wait_for_selector("table")
    assert [s.get_attribute("data-scene") for s in sheet.locator("[data-scene].sheet").all()] == list(SCENES)
    three = [claim.inner_text() for claim in sheet.locator("[data-scene=beta] .claim-of").all()]
    assert [claim.split(":")[0] for claim in three] == [
        "When codes are free, the prior is ignored",
        "Almost no holes",
        "Too high a price",
    ]
    assert "Rate and distortion, β = 2." in sheet.locator("[data-scene=plane].sheet > p").first.inner_text()
    assert "β = 1 reaches the highest bound" in sheet.locator("[data-scene=plane] .point").inner_text(), (
        "wherever it stands"
    )
    assert "settles on one hump" in sheet.locator("[data-scene=humps] .claim-of").inner_text(), "at its point"
    assert "KL(N(μ, σ²)‖N(0, 1))" in sheet.locator(".formulas").inner_text()
    assert (
        sheet.locator("[data-scene=vae].sheet .answer").inner_text().startswith("Answer: 2. These models draw from 2")
    )
    assert len({notes.inner_html() for notes in sheet.locator(".notes").all()}) == 1, "as many lines to each scene"
    for legend in sheet.locator(".of-holes").all():
        assert legend.evaluate("e => e.scrollWidth <= e.clientWidth + 1"), "within its square"
    sheet.evaluate("window.print = () => { document.title = 'printed' }")
    sheet.get_by_role("button", name="Print or save as PDF").click()
    assert sheet.title() == "printed"
    sheet.emulate_media(media="print")
    assert not sheet.get_by_role("button", name="Print or save as PDF").is_visible()
    assert sheet.locator("input, .chips, .rail, [aria-checked=false]").count() == 0
    assert sheet.locator("table").first.locator("tbody tr").count() == 13
    at(guest, scene="plane", beta="2")


@pytest.mark.parametrize(
    ("width", "height", "theme"),
    rest_long([(1920, 1080, "dark"), (1440, 900, "light"), (390, 844, "dark")], [(390, 844, "dark")]),
)
def test_no_screen_is_too_small_and_nothing_that_matters_is_small_in_a_hall(visit, width, height, theme):
    guest = visit(width, height, theme).open("kl?scene=vae&beta=0.5", LECTURE)
    for scene in SCENES:
        at(guest, scene=scene)
        assert guest.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), scene
        smallest = guest.page.locator(LECTURE).evaluate(SMALLEST)
        assert smallest >= (16 if width == 1920 else 14), (scene, smallest)
        guest.page.keyboard.press("PageDown")


def test_page_down_alone_leads_from_the_opening_scene_to_the_closing_one_past_every_point(visit):
    guest = visit().open("kl", LECTURE)
    guest.page.locator(".present").click()
    room, claim = guest.page.locator(".room"), guest.page.locator(".claim-of")
    seen, questions, last = [], [], guest.page.locator(".of-closing li.step-2")
    foot, answered = guest.page.locator(".question b"), set()
    while not (room.is_hidden() and last.is_visible()):
        asks = room.is_visible()
        if asks:
            questions.append(room.inner_text())
        else:
            seen.append((guest.data(LECTURE)["scene"], claim.inner_text()))
            answered |= {seen[-1][0]} if foot.inner_text() == "Answer:" else set()
        assert len(seen) < 50
        guest.page.keyboard.press("PageDown")
    seen.append(("closing", claim.inner_text()))
    assert [scene for k, (scene, _) in enumerate(seen) if k == 0 or seen[k - 1][0] != scene] == list(SCENES)
    assert len(questions) == len(set(questions)) == len(SCENES)
    assert answered == set(SCENES[:-1]), "the last step of a scene answers its question"
    told = " / ".join(claim for _, claim in seen)
    for point in (
        "squeezes an image into a few numbers", "When codes are free, the prior is ignored", "Almost no holes",
        "0.50 for its position, 0.00 for its width", "settles on one hump", "of the KL is mismatch",
        "No information, no mismatch", "highest bound", "Two eigenvalues", "Warm-up:", "β = 784",
        "untangles some trainings", "a price on total correlation", "at an equal ELBO",
    ):  # fmt: skip
        assert point in told, point
    guest.page.keyboard.press("PageUp")
    assert last.is_hidden(), "a step back takes one sentence back"


@pytest.mark.long
def test_in_a_hall_no_word_of_any_step_is_smaller_than_18_of_720_pixels(visit):
    guest = visit(1280, 720).open("kl?scene=vae&present=1", LECTURE)
    smallest, last = {}, guest.page.locator(".of-closing li.step-2")
    while not last.is_visible():
        guest.page.keyboard.press("PageDown")
        if guest.page.locator(".room").is_hidden():
            scene = guest.data(LECTURE)["scene"]
            at(guest, scene=scene, complete="true")
            smallest[scene] = min(smallest.get(scene, 99), guest.page.locator(LECTURE).evaluate(SMALLEST))
    assert set(smallest) == set(SCENES)
    assert min(smallest.values()) >= 18, smallest


def test_b_makes_the_screen_black_until_the_next_key(visit):
    guest = visit().open("kl?scene=beta&present=1", LECTURE)
    guest.page.keyboard.press("b")
    at(guest, black="")
    guest.page.keyboard.press("PageDown")
    guest.page.wait_for_selector(".beta:not([data-black])")
    assert guest.page.locator(".room").is_visible(), "that key only brings the picture back"


def test_the_opening_scene_shows_an_image_on_its_way_through_the_model(visit):
    guest = visit().open("kl?scene=vae", LECTURE)
    at(guest, complete="true")
    error, kl, loss = (guest.page.locator(f".price b.{name}") for name in ("reconstruction", "kl", "ink"))
    parts = [float(part.inner_text()) for part in (error, kl, loss)]
    assert round(parts[0] + parts[1], 1) == parts[2]
    before = kl.inner_text()
    guest.page.locator(".pick [role=radio]").first.click()
    guest.page.wait_for_function("kl => document.querySelector('.st-key-beta') && kl", arg=before)
    assert guest.page.locator(".pick [aria-checked=true]").count() == 1
    guest.page.keyboard.press("ArrowRight")
    assert guest.page.locator(".pick [role=radio]").nth(1).get_attribute("aria-checked") == "true"
    at(guest, scene="vae")


def test_a_scene_fades_in_where_motion_is_welcome_and_keys_do_not_wait(visit):
    page = visit().open("kl?scene=cost", LECTURE).page
    page.evaluate("""() => {
      const { animate } = Element.prototype;
      window.fades = [];
      Element.prototype.animate = function (...how) {
        window.fades.push(how[1].duration);
        return animate.apply(this, how);
      };
    }""")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    page.wait_for_selector(f"{LECTURE}[data-scene=numbers]")
    fades = page.evaluate("window.fades")
    assert fades
    assert set(fades) == {200}
    page.emulate_media(reduced_motion="reduce")
    page.keyboard.press("PageDown")
    page.wait_for_selector(f"{LECTURE}[data-scene=plane]")
    assert page.evaluate("window.fades") == fades
