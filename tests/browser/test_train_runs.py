"""A stranger keeps house on the Train page: names, pins, overlays, takes along, brings back, deletes, brings images."""

import re

import pytest

from tests.small_models import own_digits, publish
from vae_core.runs.store import Runs

pytestmark = pytest.mark.browser
ONE, TWO = "c1" * 12, "c2" * 12
SETTINGS = {"name": "strokes", "steps": 40, "encoder": (8,), "decoder": (8,)}


@pytest.fixture
def runs(models):
    """Two more runs on the server, taken away afterwards with whatever came of them."""
    here = Runs(models["cache"] / "runs")
    before = {entry.key for entry in here.list()}
    for key, beta in ((ONE, 1.0), (TWO, 4.0)):
        publish(models["cache"], key, beta=beta, **SETTINGS)
    yield here
    for entry in here.list():
        if entry.key not in before:
            here.remove(entry.key)


def come(visit, path="", **screen):
    guest = visit(**screen)
    guest.page.goto(f"{guest.url}/train{path}")
    guest.page.wait_for_selector(".runs tbody tr")
    return guest


def line(guest, key):
    return guest.page.locator(f".runs tr[data-key='{key}']")


def press(guest, key):
    guest.page.locator(f".st-key-{key} button").first.click()


def test_a_click_selects_a_row_and_a_box_adds_one(visit, runs):
    guest = come(visit)
    line(guest, ONE).locator(".name").click()
    guest.page.wait_for_selector(".st-key-run-show")
    line(guest, TWO).locator("input").click()
    guest.page.wait_for_selector(".st-key-runs-overlay")
    assert guest.data(".runs")["selected"].split(",") == [ONE, TWO]
    line(guest, TWO).locator(".name").click()
    guest.page.wait_for_selector(".st-key-run-show")
    assert guest.data(".runs")["selected"] == TWO
    before = line(guest, TWO).bounding_box()
    line(guest, TWO).locator(".name").click()
    guest.page.wait_for_selector(".st-key-run-show", state="detached")
    assert line(guest, TWO).bounding_box() == before, "the table stays where it is"


def test_a_row_by_the_keyboard(visit, runs):
    guest = come(visit)
    box = line(guest, ONE).locator("input")
    box.focus()
    box.press("Space")
    guest.page.wait_for_selector(".st-key-run-show")
    assert guest.data(".runs")["selected"] == ONE
    assert line(guest, ONE).locator("input").evaluate("e => e.getRootNode().activeElement === e")


def test_two_runs_lie_over_each_other_and_stand_side_by_side(visit, runs):
    guest = come(visit, f"?run={ONE}")
    for key in (ONE, TWO):
        line(guest, key).locator("input").click()
    guest.page.wait_for_selector(".st-key-runs-overlay")
    press(guest, "runs-overlay")
    guest.wait_for_address(f"over={TWO}")
    press(guest, "runs-compare")
    guest.page.wait_for_url("**/compare**")
    guest.page.wait_for_function("() => location.search.includes('models=')")
    assert {ONE, TWO} <= set(re.findall(r"c[12]{1}(?:c[12]){11}", guest.page.url))


def test_open_in_explore(visit, runs):
    guest = come(visit)
    line(guest, TWO).locator(".name").click()
    guest.page.wait_for_selector(".st-key-run-explore")
    press(guest, "run-explore")
    guest.page.wait_for_selector(".pad")
    guest.wait_for_address(f"model={TWO}")


def test_a_strange_name_is_text_here_and_in_the_list_of_models(visit, runs):
    guest = come(visit, f"?run={ONE}")
    told = []
    guest.page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    name = "<img src=x onerror=alert(1)> **b** [l](javascript:alert(2)) \u202egnp 🎉"
    line(guest, ONE).locator(".name").click()
    guest.page.wait_for_selector(".st-key-run-naming")
    press(guest, "run-naming")
    field = guest.page.locator("[data-testid=stPopoverBody] input").first
    field.fill(name)
    field.press("Enter")
    shown = "<img src=x onerror=alert(1)> **b** [l](javascript:alert(2)) gnp 🎉"
    guest.page.locator(".claim h1", has_text="onerror").wait_for()
    line(guest, ONE).locator(".name", has_text="onerror").wait_for()
    assert line(guest, ONE).locator(".name").inner_text().strip() == shown
    guest.page.goto(f"{guest.url}/?model=two")
    guest.page.wait_for_selector(".pad")
    guest.page.locator(".st-key-models button").first.click()
    label = guest.page.locator(f"[data-pick='{ONE}']", has_text="onerror")  # the text follows its button
    label.wait_for()
    assert shown in label.inner_text()
    assert guest.page.locator("img[src='x']").count() == 0
    assert told == []


def test_a_run_is_taken_along_deleted_and_brought_back(visit, runs, tmp_path):
    guest = come(visit, f"?run={TWO}")
    line(guest, TWO).locator(".name").click()
    guest.page.wait_for_selector(".st-key-run-export")
    with guest.page.expect_download() as download:
        press(guest, "run-export")
    download.value.save_as(tmp_path / "run.zip")
    press(guest, "run-deleting")
    press(guest, "run-delete")
    line(guest, TWO).wait_for(state="detached")
    assert runs.get(TWO) is None
    press(guest, "run-importing")
    guest.page.locator("[data-testid=stPopoverBody] input[type=file]").set_input_files(tmp_path / "run.zip")
    guest.page.wait_for_selector("text=has been imported")
    key = re.search(r"run=([0-9a-f]{24})", guest.page.url)[1]  # its settings' own key, no longer the test's name
    assert line(guest, key).locator(".origin").inner_text() == "imported"
    assert runs.get(key).metrics["elbo"] == -147.2


@pytest.mark.long
def test_a_new_training_appears_in_the_table_and_its_end_too(visit, runs, tmp_path):
    guest = come(visit)
    press(guest, "own-images")
    files = guest.page.locator("[data-testid=stPopoverBody] input[type=file]")
    files.set_input_files(own_digits(tmp_path))
    guest.page.wait_for_selector("text=700 images of 28x28, 10 classes")
    guest.page.keyboard.press("Escape")
    wanted = "%22name%22%3A%22own"
    guest.page.wait_for_function("part => location.search.includes(part)", arg=wanted)
    address = guest.page.url.replace("%22name%22", "%22steps%22%3A60%2C%22encoder%22%3A%5B16%5D%2C%22name%22")
    guest.page.goto(address)
    guest.page.wait_for_selector(".st-key-train button:not([disabled])")
    guest.page.wait_for_timeout(1000)
    press(guest, "train")
    guest.page.wait_for_function("() => /run=[0-9a-f]{24}/.test(location.search)")
    key = re.search(r"run=([0-9a-f]{24})", guest.page.url)[1]
    line(guest, key).wait_for()
    guest.until(lambda: line(guest, key).locator(".status").inner_text() == "done", "the training's end")
    assert line(guest, key).locator(".data").inner_text() == "digits"


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_on_a_phone_the_table_scrolls_inside_itself(visit, runs, theme):
    guest = come(visit, width=390, height=844, theme=theme, touch=True)
    guest.page.wait_for_timeout(500)
    assert guest.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    wide = guest.page.locator(".runs .scroller").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide[0] > wide[1]
    line(guest, ONE).locator("label").tap()
    guest.page.wait_for_selector(".st-key-run-show")
    assert guest.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
