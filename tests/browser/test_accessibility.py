"""What a keyboard, a screen reader and a calm eye find: axe on every page, Tab through it, what is said, what moves."""

from itertools import cycle, islice

import pytest

from tests.parameters import rest_long

base = pytest.importorskip("axe_playwright_python.base")
pytestmark = pytest.mark.browser

SCENES = ("vae", "beta", "cost", "humps", "numbers", "plane", "collapse", "remedies", "really", "factors", "closing")
PAGES = {
    "": ".pad", "manifold": ".manifold", "elbo": ".elbo", "kl": ".beta", "compare": ".compare", "train": ".training",
    "primer": ".primer", "algorithm": ".walk", "likelihood": ".pixels", "gradients": ".arrows",
    "paper": ".figures", "toy": ".vanishing[data-kl]", "exercises": "h2.exercise",
    "glossary": ".glossary", "about": ".st-key-references",
}  # fmt: skip
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
GRAVE = ("serious", "critical")
STREAMLITS = {  # (rule, part of the selector or of the element): why it is Streamlit's and does no harm
    ("list", "stSidebarNavItems"): "the list of pages on a phone has menus in a div; each link is read, with its name",
    ("listitem", '<li class="st-emotion-cache-'): "and so its links stand in that div, not directly in the list",
}

# What has the focus, inside open shadow roots too: its name, and whether a ring is seen on it or on what holds it.
FOCUSED = """() => {
  let e = document.activeElement;
  while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  if (!e || e === document.body) return null;
  const seen = (x) => {
    const s = getComputedStyle(x);
    return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) === 3; // the one ring of style.css
  };
  const near = [e, e.parentElement, e.parentElement?.parentElement, e.closest("label"), ...e.querySelectorAll("i")];
  const said = [e.getAttribute("aria-label"), e.title, e.labels?.[0]?.textContent, e.textContent];
  return {
    tag: e.localName, name: (said.find((text) => text?.trim()) ?? "").trim().slice(0, 60),
    ring: near.filter(Boolean).some(seen), scrolls: e.matches(".stMain"),
    field: e.matches("input:not([type=range], [type=checkbox])"),  // their border turns to ink
  };
}"""
# Controls that are seen and not switched off, wherever they are.
CONTROLS = """() => {
  const found = [], walk = (root) => {
    for (const e of root.querySelectorAll("*")) {
      if (e.shadowRoot) walk(e.shadowRoot);
      const wanted = e.matches("button, select, input, summary, a[href], [tabindex='0']");
      const roving = e.matches("[role=radio]"), seen = e.checkVisibility({ visibilityProperty: true });
      if (wanted && seen && !roving && !e.disabled && e.tabIndex >= 0) found.push(e);
    }
  };
  walk(document.querySelector(".stMain"));
  return found.length;
}"""


@pytest.fixture(scope="module")
def lab(chromium):
    """A server with the models that come with the product."""
    from tests.server import served

    with served(OMP_NUM_THREADS="1") as address:
        yield address


@pytest.fixture
def screen(new_page, lab):
    """A page on a screen, opened and drawn; the tour was seen before."""

    def come(path: str, viewport: dict = DESK, **wishes):
        page = new_page(lab, viewport)
        page.emulate_media(**{"reduced_motion": "no-preference", **wishes})
        page.add_init_script(
            "localStorage.setItem('vae-lab-tour', 'seen'); sessionStorage.setItem('vae-lab-touched', 'yes')"
        )
        page.goto(f"{lab}/{path}")
        drawn(page, path)
        return page

    return come


def drawn(page, path: str) -> None:
    page.wait_for_selector(PAGES[path], timeout=180_000, state="attached")
    page.wait_for_selector(".stApp[data-test-script-state=notRunning]", timeout=180_000)
    page.wait_for_timeout(700)


def seen_as(page, viewport: dict, theme: str) -> None:
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=theme)
    page.wait_for_timeout(500)


def findings(page) -> list[str]:
    """What axe has against the page, open shadow roots included, without what is known to be Streamlit's."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(base.AXE_SCRIPT)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    said = []
    for rule in found["violations"]:
        for node in rule["nodes"] if rule["impact"] in GRAVE else ():
            where = f"{node['target']} {node['html']}"
            if not any(rule["id"] == known and part in where for known, part in STREAMLITS):
                why = (node["any"] or node["all"] or node["none"] or [{}])[0].get("message", "")
                said.append(f"{rule['impact']} {rule['id']}: {node['html'][:120]} ({why[:120]})")
    return said


@pytest.mark.parametrize("path", rest_long(sorted(PAGES.keys() - {"kl"}), ["", "elbo", "train", "primer", "paper"]))
def test_axe_has_nothing_grave_against_a_page(screen, path):
    page = screen(path)
    assert findings(page) == []
    seen_as(page, PHONE, "dark")
    assert findings(page) == []


def test_axe_has_nothing_grave_against_any_scene_of_the_primer(screen):
    page = screen("primer")
    for scene in "12345":
        page.locator(f".scenes button[data-scene='{scene}']").click()
        page.wait_for_selector(f".primer[data-scene='{scene}']")
        page.wait_for_timeout(600)
        assert findings(page) == [], scene


@pytest.mark.parametrize("each", [1, pytest.param(2, marks=pytest.mark.long)])
def test_axe_has_nothing_grave_against_any_scene_of_the_lecture(screen, each):
    """Each scene once, the looks in turn; or in both."""
    page, said, looks = screen("kl"), {}, cycle([(DESK, "light"), (PHONE, "dark")])
    for scene in SCENES:
        page.locator(f".scenes button[data-scene={scene}]").click()
        for viewport, theme in islice(looks, each):
            seen_as(page, viewport, theme)
            said[scene, theme] = findings(page)
    assert {where: found for where, found in said.items() if found} == {}


def test_axe_has_nothing_grave_against_what_unfolds(screen):
    page = screen("")
    for title in page.locator("summary").all():
        title.click()
    page.wait_for_timeout(1500)
    assert findings(page) == []
    page.locator(".st-key-models button").first.click()
    page.wait_for_selector(".model-gallery .card button")
    page.wait_for_timeout(500)
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.evaluate("window.vaeLab.events.dispatchEvent(new Event('tour'))")
    page.wait_for_selector(".tour aside")
    page.wait_for_timeout(500)
    assert findings(page) == []
    page = screen("train")
    page.get_by_role("button", name="All settings").click()
    page.get_by_role("button", name="Close", exact=True).wait_for()
    page.wait_for_timeout(500)
    assert findings(page) == []


@pytest.mark.long
@pytest.mark.parametrize("path", PAGES)
def test_axe_in_both_themes_on_both_screens(screen, path):
    page = screen(path)
    for viewport in (DESK, PHONE):
        for theme in ("light", "dark"):
            seen_as(page, viewport, theme)
            for scene in SCENES if path == "kl" else ("",):
                if scene:
                    page.locator(f".scenes button[data-scene={scene}]").click()
                    page.wait_for_timeout(500)
                assert findings(page) == [], (path, scene, viewport, theme)


def test_axe_would_find_a_picture_without_a_name(screen):
    """The control: what has no name inside a shadow root, and grey on grey, are found."""
    page = screen("")
    page.locator(".pad .drawn").evaluate("e => e.removeAttribute('aria-label')")
    page.locator(".claim p").evaluate("e => { e.style.color = 'color-mix(in srgb, var(--ink2), var(--paper) 70%)'; }")
    found = " ".join(findings(page))
    assert "role-img-alt" in found
    assert "color-contrast" in found


@pytest.mark.parametrize("path", rest_long(PAGES, ["", "elbo", "kl", "train"]))
def test_tab_reaches_every_control_with_a_name_and_a_ring_and_leaves_the_page(screen, path):
    page = screen(path)
    count, reached = page.evaluate(CONTROLS), []
    for _ in range(count + 40):
        page.keyboard.press("Tab")
        page.wait_for_timeout(30)
        found = page.evaluate(FOCUSED)
        if found is None or (reached and found["name"] == "Skip to main content"):
            break
        reached.append(found)
    else:
        pytest.fail(f"the focus never leaves the page: {reached[-3:]}")
    start = next(k for k, found in enumerate(reached) if found["scrolls"])
    inside = reached[start + 1 :]
    assert len(inside) >= count - 1, (len(inside), count)  # the page itself may be one of them
    assert [found for found in reached if not (found["name"] or found["scrolls"])] == []
    assert [found for found in reached if not (found["ring"] or found["scrolls"] or found["field"])] == []


@pytest.mark.parametrize(("path", "part"), [("", ".plane"), ("manifold", ".grid"), ("kl", ".track")])
def test_an_arrow_key_moves_what_has_the_focus_and_says_so(screen, path, part):
    page = screen(path)
    spoken = page.locator(f"{PAGES[path]} .spoken")
    assert spoken.get_attribute("aria-live") == "polite"
    before = spoken.inner_text()
    page.locator(f"{PAGES[path]} {part}").first.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(800)
    assert spoken.inner_text() not in ("", before)


def test_who_wants_calm_sees_no_codes_walk_between_models(screen):
    """The lecture's codes walk to their new places; with less motion they are there at once."""
    for motion, fewest, most in (("no-preference", 3, 10_000), ("reduce", 0, 2)):
        page = screen("kl", reduced_motion=motion)
        page.evaluate("""() => {
          window.painted = 0;
          const fill = CanvasRenderingContext2D.prototype.fillRect;  // the ground of the codes, once per picture
          CanvasRenderingContext2D.prototype.fillRect = function (...box) {
            window.painted += (this.canvas.getAttribute("aria-label") || "").startsWith("Codes");
            return fill.apply(this, box);
          };
        }""")
        page.locator(".track").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(1500)
        assert fewest <= page.evaluate("window.painted") <= most, motion


def test_a_hidden_tab_holds_the_lecture_and_goes_on_when_it_is_seen_again(screen):
    page = screen("kl")
    page.evaluate("Object.defineProperty(document, 'hidden', { configurable: true, get: () => window.away === true })")
    page.evaluate("window.away = true")
    beta = page.locator(".track")
    before = beta.get_attribute("aria-valuetext") or beta.get_attribute("aria-valuenow")
    page.locator(".beta .play").click()
    page.wait_for_timeout(4000)
    assert (beta.get_attribute("aria-valuetext") or beta.get_attribute("aria-valuenow")) == before
    page.evaluate("window.away = false")
    page.wait_for_timeout(4000)
    assert (beta.get_attribute("aria-valuetext") or beta.get_attribute("aria-valuenow")) != before
