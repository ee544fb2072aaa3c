"""The Likelihood page in a browser: the dial computes on the spot, numbers are Python's, and the address keeps it."""

import re

import pytest
import torch

from tests.server import served
from tests.small_models import publish

pytestmark = pytest.mark.browser

DESK = {"width": 1366, "height": 768}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A server with the bundled models and one of a test, without any data set."""
    cache = tmp_path_factory.mktemp("likelihood")
    publish(cache, "bits", latent_dim=3)
    with served(OMP_NUM_THREADS="1", VAE_CACHE_DIR=str(cache), VAE_DATA_DIR=None, HOME=str(cache)) as address:
        yield address


@pytest.fixture
def come(chromium, new_page, lab):
    complaints, touched = [], []

    def opened(path: str = "likelihood", viewport: dict = DESK, touch: bool = False):
        if touch:
            touched.append(chromium.new_page(viewport=viewport, has_touch=True, bypass_csp=True))
        page = touched[-1] if touch else new_page(lab, viewport)
        page.add_init_script("localStorage.setItem('vae-lab-tour', 'seen')")
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{lab}/{path}")
        page.wait_for_selector(".variance[data-pixel]", timeout=90_000)
        page.wait_for_selector(".floor[data-frames]")
        return page

    yield opened
    for page in touched:
        page.close()
    assert complaints == []


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


def sums(page) -> list[float]:
    return [number(text) for text in page.locator(".variance .sum dd").all_inner_texts()]


def levels(page, selector: str):
    return page.locator(selector).evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((_, k) => k % 4 === 0)"
    )


def test_arrow_keys_go_from_stop_to_stop_and_everything_follows(come):
    page = come("likelihood?c=0.02")
    dial, seen = page.locator(".variance .dial input"), []
    dial.focus()
    for stop in ("0.02", "learned", "0.1", "1", "5"):
        page.wait_for_selector(f".variance[data-c='{stop}']:not(.waits)")
        found = sums(page)
        assert found[0] + found[1] + found[2] == pytest.approx(found[3], abs=0.16)
        seen.append((found[3], tuple(levels(page, ".variance .of-mean canvas"))))
        page.keyboard.press("ArrowRight")
    assert len({bound for bound, _ in seen}) == 5
    assert len({picture for _, picture in seen}) == 5
    page.wait_for_function("location.search.includes('c=5')")
    page.wait_for_function("document.querySelector('h1').innerText.includes('put down to noise')")
    again = come("likelihood?" + page.url.split("?", 1)[1])
    again.wait_for_selector(".variance[data-c='5']")


def test_another_sample_is_another_and_the_mean_stays(come):
    page = come("likelihood?c=1")
    before = [levels(page, f".variance {picture} canvas") for picture in (".of-mean", ".of-sample")]
    page.get_by_role("button", name="Another sample").click()
    after = [levels(page, f".variance {picture} canvas") for picture in (".of-mean", ".of-sample")]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_a_pixel_of_the_mean_has_the_density_that_torch_gives_it(come):
    """The image is a sample of the prior, since no data set is here; the words have two decimals."""
    from vae_core.runs.store import bundled

    page = come("likelihood?c=0.1&i=prior0")
    words = page.locator(".variance .said-of-pixel").inner_text()
    k = int(page.locator(".variance").get_attribute("data-pixel"))
    observed, mean, sigma = (float(v) for v in re.search(r"is (\S+); the decoder says (\S+) ± (\S+)\.", words).groups())
    expected = torch.distributions.Normal(mean, 0.1**0.5).log_prob(torch.tensor(observed)).item()
    assert number(re.search(r"logarithm (\S+) nats", words)[1]) == pytest.approx(expected, abs=0.03)
    assert sigma == pytest.approx(0.32)
    vae = bundled().get("mnist-c-0.1").load().vae
    assert vae.likelihood.variance == pytest.approx(0.1)
    assert 0 <= k < 784


def test_a_pointer_a_finger_and_keys_choose_a_pixel(come):
    page = come("likelihood?model=frey-2d", touch=True)
    page.wait_for_selector(".pixels[data-frames]")
    frame = page.locator(".pixels .of-mean .frame")
    frame.scroll_into_view_if_needed()
    box = page.locator(".pixels .of-mean canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 10.5 / 20, box["y"] + box["height"] * 5.5 / 28)
    page.wait_for_selector(".pixels[data-pixel='110']")
    assert "Row 6, column 11" in page.locator(".pixels .said-of-pixel").inner_text()
    page.mouse.down()
    page.mouse.up()
    page.wait_for_function("location.search.includes('pixel=110')")
    page.mouse.move(2, 2)
    page.wait_for_selector(".pixels[data-pixel='110']")
    frame.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(".pixels[data-pixel='130']")
    page.touchscreen.tap(box["x"] + box["width"] * 0.5 / 20, box["y"] + box["height"] * 0.5 / 28)
    page.wait_for_selector(".pixels[data-pixel='0']")


def test_the_faces_are_there_unasked_and_another_model_has_bars(come):
    page = come()
    page.wait_for_selector(".pixels[data-frames]")
    assert "have their σ at the floor of 0.01" in page.locator(".pixels .of-sigmas").inner_text()
    assert page.locator(".pixels .curve rect").count() == 0
    index = page.locator(".pixels").get_attribute("data-index")
    page.get_by_role("button", name="Next image").click()
    page.wait_for_selector(f".pixels[data-index='{int(index) + 1}']")
    page.wait_for_function("location.search.includes('j=1')")
    other = come("likelihood?model=bits")
    other.wait_for_selector(".pixels .curve rect.area")
    assert other.locator(".pixels .curve rect.area").count() == 2


def test_the_dials_of_the_curves_answer_at_once_and_are_kept(come):
    page = come("likelihood?sigma=0.01&logit=2")
    live = page.locator(".floor .live")
    assert "3.69" in live.inner_text()
    page.locator(".floor input").focus()
    for _ in range(40):  # a decade
        page.keyboard.press("ArrowLeft")
    assert "5.99" in live.inner_text()
    page.wait_for_function("location.search.includes('sigma=0.001')")
    page.locator(".grey input").focus()
    page.keyboard.press("Home")
    page.wait_for_selector(".grey[data-logit='-8']")
    area = number(page.locator(".grey .sum dd").nth(1).inner_text())
    assert area == pytest.approx(0.125, abs=0.001)
    page.wait_for_function("location.search.includes('logit=-8')")


def test_a_loss_is_read_as_a_variance(come):
    page = come()
    words = page.locator(".of-loss-words")
    assert "784 / (2 × 1) = 392" in words.inner_text()
    page.locator(".reduction").select_option("sum")
    assert "1 / (2 × 1) = 0.5" in words.inner_text()
    page.locator(".weight").fill("0")
    assert "must be a number above 0" in words.inner_text()
    page.locator(".weight").fill("2")
    page.get_by_role("link", name="What β is it really?").click()
    page.wait_for_selector(".beta[data-scene='really']", timeout=180_000)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (768, 1024), (1366, 768)])
def test_nothing_is_wider_than_the_screen(come, width, height):
    page = come(viewport={"width": width, "height": height})
    wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
    assert wide <= width
