"""A lecture hall: who opened the secret's address once presents, phones vote on each question, and viewers follow."""

import io
import re
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.server import served
from tests.waiting import until

pytestmark = pytest.mark.browser
SECRET = "?presenter=open%20sesame"
DESK, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
BOX = "e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; }"


def says(page, address: str) -> str:
    page.goto(address)
    page.wait_for_selector(".training", timeout=180_000)
    said = page.locator(".stMain").get_by_text(re.compile("You present|the presenter trains"))
    said.wait_for(timeout=180_000)
    return said.inner_text()


def test_a_presenter_stays_one_after_a_reload_and_in_another_tab(chromium, tmp_path):
    with served(VAE_CACHE_DIR=str(tmp_path), VAE_LAB_PRESENTER="open sesame") as address:
        presenter, viewer = chromium.new_context(), chromium.new_context()
        page = presenter.new_page()
        page.goto(f"{address}/?presenter=open%20sesame")
        page.wait_for_selector(".pad", timeout=180_000)
        until(lambda: "presenter" not in page.url, "the secret to leave the address")
        assert "You present" in says(page, f"{address}/train")
        page.reload()
        assert "You present" in says(presenter.new_page(), f"{address}/train?preset=quick")
        assert "presenter" not in page.evaluate("document.cookie")
        assert "In this hall the presenter trains" in says(viewer.new_page(), f"{address}/train?presenter=guess")
        presenter.close()
        viewer.close()


@pytest.fixture(scope="module")
def hall(chromium, tmp_path_factory):
    """The hall's pages: `presenter()` is the projector's, `somebody()` another one's; all servers have one cache."""
    yield from opened(chromium, tmp_path_factory.mktemp("hall"))


def opened(chromium, cache):
    contexts, complaints = [], []

    class Hall:
        address = ""

        @contextmanager
        def server(self, **more):
            """A server of this hall, behind a path; the second one is the first one started again."""
            port = urlsplit(self.address).port
            variables = {"VAE_CACHE_DIR": str(cache), "VAE_LAB_PRESENTER": "open sesame", "OMP_NUM_THREADS": "1"}
            with served(port=port, STREAMLIT_SERVER_BASE_URL_PATH="lab", **variables, **more) as address:
                self.address = address
                yield

        def somebody(self, theme="light", screen=PHONE):
            context = chromium.new_context(
                viewport=screen, color_scheme=theme, has_touch=screen is PHONE, bypass_csp=True
            )
            contexts.append(context)
            context.set_default_timeout(90_000)
            context.add_init_script("localStorage.setItem('vae-lab-tour', 'seen')")
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            return page

        def presenter(self, theme="light"):
            page = self.somebody(theme, DESK)
            page.goto(f"{self.address}/vote{SECRET}")
            return page

    yield Hall()
    for context in contexts:
        context.close()
    assert complaints == []


def votes(page, count: int) -> None:
    page.wait_for_selector(f".beta[data-votes='{count}']")


def decoded(page) -> str:
    """What a camera reads from the projector."""
    reader = pytest.importorskip("zxingcpp")
    from PIL import Image

    return reader.read_barcodes(Image.open(io.BytesIO(page.locator(".follow svg").screenshot())))[0].text


def apart(boxes) -> bool:
    """No two of them overlap."""
    return all(
        a is b or a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
        for a in boxes
        for b in boxes
    )


@pytest.mark.parametrize("themes", [("light", "dark", "light", "dark")])
def test_a_question_its_votes_the_answer_and_the_next_one(hall, themes):
    with hall.server(VAE_LAB_ADDRESS="http://hall.example:8501/lab"):
        screen, *phones = hall.presenter(themes[0]), *(hall.somebody(theme) for theme in themes[1:])
        screen.goto(f"{hall.address}/kl?scene=plane&present=1")
        screen.wait_for_selector(".beta[data-ballot=choice] .bars")
        assert decoded(screen) == "http://hall.example:8501/lab/vote"
        for phone in phones:
            phone.goto(f"{hall.address}/vote")
            phone.wait_for_selector(".answers button")
            assert phone.locator("h1").inner_text() == screen.locator(".room").inner_text()
            assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert min(b.bounding_box()["height"] for b in phone.locator("button").all()) >= 44
        for phone, letter in zip(phones, "BBA", strict=True):
            phone.get_by_role("button", name=letter).click()
            phone.get_by_text("Your vote counts.").wait_for()
        votes(screen, 3)
        assert [n.inner_text() for n in screen.locator(".bars .number").all()] == ["1", "2", "0", "0"]
        assert screen.locator(".bars .right").count() == 0
        boxes = [screen.locator(part).evaluate(BOX) for part in (".room", ".ballot", ".follow", ".count")]
        assert apart(boxes), boxes
        phones[2].get_by_role("button", name="B").click()  # somebody thinks again
        phones[2].get_by_text("instead of the one before").wait_for()
        screen.wait_for_function("() => document.querySelector('.st-key-beta') !== null")
        phones[0].reload()
        assert phones[0].get_by_role("button", name="B").get_attribute("aria-pressed") == "true"
        for theme in ("dark", "light"):  # nothing is drawn in colours of its own
            screen.emulate_media(color_scheme=theme)
            screen.wait_for_function(
                "dark => getComputedStyle(document.body).backgroundColor !== (dark ? 'rgb(255, 255, 255)' : '')",
                arg=theme == "dark",
            )

        screen.keyboard.press("PageDown")  # the answer
        screen.wait_for_selector(".bars .right")
        assert "β = 1" in screen.locator(".bars .right").inner_text()
        assert "highest bound" in screen.locator(".told").inner_text()
        for phone in phones:
            assert phone.locator(".verdict").inner_text() == "You were right."
            assert "100 % of you said “β = 1”." in phone.locator(".body").inner_text()

        screen.keyboard.press("PageDown")  # the scene
        assert screen.locator(".claim-of").is_visible()
        assert screen.locator(".result").inner_text() == "100 % of you said “β = 1”."
        phones[0].get_by_role("heading", name="Look at the screen").wait_for()
        screen.locator(".scenes button[data-scene=beta]").click()
        screen.wait_for_selector(".beta[data-ballot=tap]")
        for k, phone in enumerate(phones):
            pad = phone.locator(".pad svg")
            pad.wait_for()
            pad.tap(position={"x": 170 + 20 * k, "y": 180})
        votes(screen, 3)
        assert screen.locator(".votes .tap").count() == 3

        screen.locator(".scenes button[data-scene=numbers]").click()
        screen.wait_for_selector(".beta[data-ballot=curve]")
        for phone in phones:
            phone.wait_for_selector(".pad.drawn svg")
            box = phone.locator(".pad.drawn").bounding_box()
            x, y = box["x"], box["y"]
            phone.mouse.move(x + 40, y + 30)
            phone.mouse.down()
            phone.mouse.move(x + 180, y + 120, steps=4)
            phone.mouse.move(x + 330, y + 160, steps=4)
            phone.mouse.up()
            phone.get_by_role("button", name="Send my curve").click()
        votes(screen, 3)
        assert screen.locator(".votes .one-curve").count() == 3
        screen.keyboard.press("PageDown")
        screen.wait_for_selector(".votes .truth")
        assert phones[1].locator(".over .own").count() == 1
        screen.keyboard.press("PageDown")
        screen.wait_for_selector(".claim-of >> visible=true")
        screen.keyboard.press("Escape")
        screen.locator(".save summary").click()
        with screen.context.expect_page() as sheet:
            screen.locator(".handout").click()
        sheet.value.wait_for_selector("table")
        assert "100 % of you said “β = 1”." in sheet.value.locator("[data-scene=plane].sheet > p").first.inner_text()


def test_a_viewer_follows_lets_go_and_follows_again_without_a_run_of_the_page(hall):
    with hall.server():
        screen, phone = hall.presenter("dark"), hall.somebody("dark")
        screen.goto(f"{hall.address}/kl?scene=beta&beta=2&present=1")
        screen.wait_for_selector(".beta[data-ballot=tap]")
        sent = []
        phone.on("websocket", lambda socket: socket.on("framesent", sent.append))
        phone.goto(f"{hall.address}/kl?follow=1")
        along, room = phone.locator(".along"), phone.locator(".room")
        along.get_by_text("You follow the presenter.").wait_for()
        room.get_by_text("If codes cost nothing").wait_for()
        assert along.get_by_role("link", name="Vote").is_visible()
        assert not phone.locator(".claim-of").is_visible(), "nor is the answer seen here"
        phone.wait_for_timeout(1000)
        before = len(sent)
        for beta in ("0", "1"):
            screen.keyboard.press("PageDown")
            phone.wait_for_selector(f".beta[data-scene=beta][data-beta='{beta}']:not([data-asking])")
        screen.locator(".square canvas").first.hover(position={"x": 100, "y": 100})
        phone.wait_for_selector(".beta[data-covering*=ellipses]")
        phone.wait_for_timeout(500)
        assert len(sent) == before, "who follows costs no run of a script"
        assert "beta=1" not in phone.url

        phone.locator(".claim-of").tap()
        along.get_by_text("The presenter goes on.").wait_for()
        screen.keyboard.press("PageDown")
        screen.wait_for_selector(".beta[data-beta='4']")
        phone.wait_for_timeout(400)
        assert phone.locator(".beta").get_attribute("data-beta") == "1"
        along.get_by_role("button", name="Follow again").tap()
        phone.wait_for_selector(".beta[data-beta='4']")
        screen.keyboard.press("End")
        screen.locator(".scenes button[data-scene=humps]").click()
        room.get_by_text("Two humps").wait_for()
        for d in ("4.00", "5.50"):
            screen.keyboard.press("PageDown")
            phone.wait_for_function("d => document.body && d", arg=d)
            phone.locator(".of-humps label b").get_by_text(d).wait_for()


def test_a_server_that_starts_again_and_a_phone_without_network_lose_no_vote(hall):
    with hall.server():
        screen, phone = hall.presenter(), hall.somebody()
        screen.goto(f"{hall.address}/kl?scene=really&present=1")
        screen.wait_for_selector(".beta[data-ballot=choice]")
        phone.goto(f"{hall.address}/vote")
        phone.get_by_role("button", name="A").click()
        phone.get_by_text("Your vote counts.").wait_for()
        votes(screen, 1)
        phone.context.set_offline(True)
        phone.get_by_role("button", name="C").click()
        phone.get_by_text("Not sent yet").wait_for()
    phone.context.set_offline(False)
    late = hall.somebody()
    with hall.server():
        phone.get_by_text("instead of the one before").wait_for()
        late.goto(f"{hall.address}/vote")
        late.get_by_role("button", name="C").click()
        late.get_by_text("Your vote counts.").wait_for()
        again = hall.presenter()
        again.goto(f"{hall.address}/kl?scene=really&present=1")
        votes(again, 2)
        assert [n.inner_text() for n in again.locator(".bars .number").all()] == ["0", "0", "2"]

        window = again.context.new_page()
        window.goto(f"{hall.address}/hall")
        window.get_by_text("Only you see: A mean over 784 pixels").wait_for()
        window.keyboard.press("PageDown")
        again.wait_for_selector(".bars .right")
        other = hall.presenter()
        other.goto(f"{hall.address}/kl?scene=cost&present=1")
        late.get_by_role("heading", name="At β = 1 a code costs").wait_for()
        again.keyboard.press("PageDown")
        again.get_by_text("Another window presents now").wait_for()
        assert late.locator("h1").inner_text().startswith("At β = 1"), "one window leads"
        denied = hall.somebody()
        assert denied.goto(f"{hall.address}/hall").status == 403


def test_axe_has_nothing_grave_against_a_phone_or_the_second_window(hall):
    axe = pytest.importorskip("axe_playwright_python.base")
    grave = """() => axe.run(document, { resultTypes: ["violations"] }).then((found) => found.violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)))"""
    with hall.server():
        screen, phone = hall.presenter(), hall.somebody("dark")
        window = screen.context.new_page()
        screen.goto(f"{hall.address}/kl?scene=vae&present=1")
        screen.wait_for_selector(".beta[data-ballot=choice]")
        phone.goto(f"{hall.address}/vote")
        window.goto(f"{hall.address}/hall")
        for scene, part in (("vae", ".answers"), ("beta", ".by-hand"), ("numbers", ".columns")):
            screen.locator(f".scenes button[data-scene={scene}]").click()
            phone.wait_for_selector(part)
            window.wait_for_selector(f".ballot {'.bars' if scene == 'vae' else 'svg'}")
            for page, theme in ((phone, "light"), (phone, "dark"), (window, "light"), (window, "dark")):
                page.emulate_media(color_scheme=theme)
                page.evaluate(axe.AXE_SCRIPT)
                assert page.evaluate(grave) == [], (scene, page.url, theme)
        plane, curve = "input[aria-label^='z₁']", ".columns input"
        phone.locator(curve).nth(3).press("ArrowUp")
        assert phone.get_by_role("button", name="Send my curve").is_enabled(), "drawn with keys alone"
        screen.locator(".scenes button[data-scene=beta]").click()
        phone.locator(plane).press("ArrowRight")
        phone.get_by_text("Your vote counts.").wait_for()
        votes(screen, 1)
