"""A lecture hall: who opened the secret's address once presents, phones vote on each question, and viewers follow."""

import io
import re
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

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


class Hall:
    """A server behind a path, its projector and its phones. What a test opens is closed after it."""

    def __init__(self, chromium, cache) -> None:
        self.chromium, self.cache, self.address = chromium, cache, ""
        self.contexts, self.complaints = [], []

    @contextmanager
    def server(self):
        """Also the one that is started again: at the same address, with the same cache."""
        variables = {"VAE_CACHE_DIR": str(self.cache), "VAE_LAB_PRESENTER": "open sesame", "OMP_NUM_THREADS": "1"}
        variables |= {"STREAMLIT_SERVER_BASE_URL_PATH": "lab", "VAE_LAB_ADDRESS": "http://hall.example:8501/lab"}
        with served(port=urlsplit(self.address).port, **variables) as self.address:
            yield self

    def somebody(self, theme="light", screen=PHONE):
        context = self.chromium.new_context(viewport=screen, color_scheme=theme, has_touch=screen is PHONE)
        self.contexts.append(context)
        context.set_default_timeout(90_000)
        context.add_init_script("localStorage.setItem('vae-lab-tour', 'seen')")
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def presenter(self, scene, theme="light"):
        """The projector at a scene's question; what another test has voted is gone."""
        page = self.somebody(theme, DESK)
        page.goto(f"{self.address}/vote{SECRET}")
        page.evaluate(
            "fetch('hall', {method: 'POST', headers: {'content-type': 'application/json'}, body: '{\"clear\": true}'})"
        )
        page.goto(f"{self.address}/kl?scene={scene}&beta=2&present=1")
        page.wait_for_selector(".beta[data-ballot]")
        return page

    def close(self) -> None:
        while self.contexts:
            self.contexts.pop().close()
        assert self.complaints == []


@pytest.fixture(scope="module")
def started(chromium, tmp_path_factory):
    with Hall(chromium, tmp_path_factory.mktemp("hall")).server() as hall:
        yield hall


@pytest.fixture
def hall(started):
    yield started
    started.close()


def votes(page, count: int) -> None:
    page.wait_for_selector(f".beta[data-votes='{count}']")


def decoded(page, code: str) -> str:
    """What a camera reads from the projector."""
    reader = pytest.importorskip("zxingcpp")
    from PIL import Image

    return reader.read_barcodes(Image.open(io.BytesIO(page.locator(code).screenshot())))[0].text


def apart(boxes) -> bool:
    """No two of them overlap."""
    return all(
        a is b or a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
        for a in boxes
        for b in boxes
    )


def graves(page) -> list[str]:
    """What axe has against it."""
    axe = pytest.importorskip("axe_playwright_python.base")
    page.evaluate(axe.AXE_SCRIPT)
    return page.evaluate("""() => axe.run(document, { resultTypes: ["violations"] }).then((found) => found.violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)))""")


def test_a_question_its_votes_the_answer_and_the_next_one(hall):
    screen, phones = hall.presenter("plane"), [hall.somebody(theme) for theme in ("dark", "light", "dark")]
    assert decoded(screen, ".follow svg") == "http://hall.example:8501/lab/vote"
    window = screen.context.new_page()
    window.goto(f"{hall.address}/hall")
    screen.bring_to_front()
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
    boxes = [screen.locator(part).evaluate(BOX) for part in (".room", ".ballot", ".follow", "p.count")]
    assert apart(boxes), boxes
    phones[2].context.set_offline(True)
    phones[2].get_by_role("button", name="B").click()  # somebody thinks again
    phones[2].get_by_text("Not sent yet").wait_for()
    phones[2].context.set_offline(False)
    phones[2].get_by_text("instead of the one before").wait_for()  # by itself, though the presenter does nothing
    assert [graves(page) for page in (phones[0], window)] == [[], []]
    phones[0].reload()
    phones[0].locator("[aria-pressed=true]").get_by_text("β = 1").wait_for()
    paper = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    light = screen.evaluate(paper)
    screen.emulate_media(color_scheme="dark")
    until(lambda: screen.evaluate(paper) != light, "the dark theme")
    boxes = [screen.locator(part).evaluate(BOX) for part in (".room", ".ballot", ".follow", "p.count")]
    assert apart(boxes), boxes

    screen.keyboard.press("PageDown")  # the answer
    screen.wait_for_selector(".bars .right")
    assert "β = 1" in screen.locator(".bars .right").inner_text()
    assert "highest bound" in screen.locator(".told").inner_text()
    for phone in phones:
        assert phone.locator(".verdict").inner_text() == "You were right."
        assert "100 % of you said “β = 1”." in phone.locator(".body").inner_text()

    screen.keyboard.press("PageDown")  # the scene
    assert screen.locator(".claim-of").is_visible()
    assert screen.locator(".voted").inner_text() == "100 % of you said “β = 1”."
    phones[0].get_by_role("heading", name="Look at the screen").wait_for()
    screen.locator(".scenes button[data-scene=beta]").click()
    screen.wait_for_selector(".beta[data-ballot=tap]")
    for k, phone in enumerate(phones):
        pad = phone.locator(".pad svg")
        pad.wait_for()
        pad.tap(position={"x": 170 + 20 * k, "y": 180})
    votes(screen, 3)
    assert screen.locator(".votes .tap").count() == 3
    assert graves(phones[0]) == []
    phones[0].locator("input[aria-label^='z₁']").press("ArrowRight")
    phones[0].get_by_text("instead of the one before").wait_for()

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
    assert graves(phones[1]) == []
    phones[0].locator(".columns input").nth(3).press("ArrowUp")
    phones[0].get_by_role("button", name="Send my curve").press("Enter")
    phones[0].get_by_text("instead of the one before").wait_for()
    assert screen.locator(".votes .one-curve").count() == 3
    screen.keyboard.press("PageDown")
    screen.wait_for_selector(".votes .truth")
    assert phones[1].locator(".over .own").count() == 1
    screen.keyboard.press("PageDown")
    screen.wait_for_selector(".claim-of >> visible=true")
    screen.locator(".scenes button[data-scene=closing]").click()
    for _ in range(3):  # the three things to take home
        screen.keyboard.press("PageDown")
    assert decoded(screen, ".try svg") == "http://hall.example:8501/lab/kl"
    screen.locator(".scenes button[data-scene=humps]").click()
    phones[0].get_by_role("button", name="on one hump").tap()
    votes(screen, 1)
    screen.keyboard.press("Escape")  # while the question stands
    screen.locator(".save summary").click()
    with screen.context.expect_page() as sheet:
        screen.locator(".handout").click()
    sheet.value.wait_for_selector("table")
    for scene, said in [("plane", "β = 1"), ("humps", "on one hump")]:
        assert (
            f"100 % of you said “{said}”." in sheet.value.locator(f"[data-scene={scene}].sheet > p").first.inner_text()
        )
        assert sheet.value.locator(f"[data-scene={scene}].sheet .answer b").inner_text() == f"Answer: {said}."


def test_a_viewer_follows_lets_go_and_follows_again_without_a_run_of_the_page(hall):
    screen, phone = hall.presenter("beta", "dark"), hall.somebody("dark")
    sent = []  # what it asks of the page's script, but for the looks after what is computed in the background

    def asks(frame) -> None:
        message = BackMsg.FromString(frame)
        if not message.rerun_script.is_auto_rerun:
            sent.append(message)

    phone.on("websocket", lambda socket: socket.on("framesent", asks))
    phone.goto(f"{hall.address}/kl?follow=1")
    along, room = phone.locator(".along"), phone.locator(".room")
    along.get_by_text("You follow the presenter.").wait_for()
    room.get_by_text("If codes cost nothing").wait_for()
    assert along.get_by_role("link", name="Vote").is_visible()
    assert not phone.locator(".claim-of").is_visible(), "nor is the answer seen here"
    before = -1
    while len(sent) > before:  # its own page is still being drawn
        before = len(sent)
        phone.wait_for_timeout(1000)
    for beta in ("0", "1"):
        screen.keyboard.press("PageDown")
        phone.wait_for_selector(f".beta[data-scene=beta][data-beta='{beta}']:not([data-asking])")
    screen.locator(".square canvas").first.hover(position={"x": 100, "y": 100})
    phone.wait_for_selector(".beta[data-covering*=ellipses]")
    phone.wait_for_timeout(500)
    assert sent[before:] == [], "who follows costs no run of a script"
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
    room.get_by_text("p has two humps").wait_for()
    for d in ("4.00", "5.50"):
        screen.keyboard.press("PageDown")
        phone.locator(".of-humps label b").get_by_text(d).wait_for()
    phone.locator(".of-humps input").press("ArrowLeft")
    along.get_by_role("button", name="Follow again").tap()
    phone.locator(".of-humps label b").get_by_text("5.50").wait_for()
    screen.locator(".scenes button[data-scene=vae]").click()
    screen.keyboard.press("PageDown")
    chosen = screen.locator(".pick button").nth(3)
    chosen.click()
    named = chosen.get_attribute("aria-label")
    phone.locator(f".pick button[aria-checked=true][aria-label='{named}']").wait_for()


def test_a_server_that_starts_again_and_a_phone_without_network_lose_no_vote(chromium, tmp_path):
    hall = Hall(chromium, tmp_path)
    with hall.server():
        screen, phone, late = hall.presenter("really"), hall.somebody(), hall.somebody()
        phone.goto(f"{hall.address}/vote")
        phone.get_by_role("button", name="A").click()
        phone.get_by_text("Your vote counts.").wait_for()
        votes(screen, 1)
        phone.context.set_offline(True)
        phone.get_by_role("button", name="C").click()
        phone.get_by_text("Not sent yet").wait_for()
    phone.context.set_offline(False)
    with hall.server():
        phone.get_by_text("instead of the one before").wait_for()
        late.goto(f"{hall.address}/vote")
        late.get_by_role("button", name="C").click()
        late.get_by_text("Your vote counts.").wait_for()
        votes(screen, 2)
        assert [n.inner_text() for n in screen.locator(".bars .number").all()] == ["0", "0", "2"]

        window = screen.context.new_page()
        window.goto(f"{hall.address}/hall")
        window.get_by_text("Only you see: A mean over 784 pixels").wait_for()
        window.keyboard.press("PageDown")
        late.get_by_text("You were right.").wait_for()
        other = screen.context.new_page()
        other.goto(f"{hall.address}/kl?scene=cost&present=1")
        late.get_by_role("heading", name="A code q lies 1.2 off the centre").wait_for()
        screen.bring_to_front()
        screen.keyboard.press("PageDown")
        screen.get_by_text("Another window presents now").wait_for()
        assert late.locator("h1").inner_text().startswith("A code q lies"), "one window leads"
        assert hall.somebody().goto(f"{hall.address}/hall").status == 403
        hall.close()
