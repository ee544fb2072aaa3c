"""The widget's front end in a page that stands for a notebook: what the hand does there reaches Python, and back."""

import base64
import json

import numpy as np
import pytest
import torch
from torch import nn

from tests.browser.test_saved_page import drawn, numbers, until, words
from vae_core.model.vae import build
from vae_core.notebook import explore
from vae_core.settings import ModelSettings

pytestmark = pytest.mark.browser
SHAPE = (8, 8)
IMAGES = (np.random.default_rng(0).random((40, *SHAPE)) < 0.3).astype(np.float32)
BYTES = ("pixels", "picture")

# What a notebook gives a widget: `model` with its traits, an element, and a kernel that hears what was saved.
NOTEBOOK = """<!doctype html><body style="background: %s"><div id="cell"></div><script type="module">
const listeners = {}, state = {}, saved = {};
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const text = (view) => btoa(String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)));
window.receive = (traits) => {
  const news = Object.entries(traits).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(state[name]));
  for (const [name, value] of news) state[name] = value;
  for (const [name] of news) for (const heard of listeners[`change:${name}`] ?? []) heard();
};
const model = {
  get: (name) => (["pixels", "picture"].includes(name) ? bytes(state[name] ?? "") : state[name]),
  set(name, value) { saved[name] = state[name] = value instanceof DataView ? text(value) : value; },
  on: (event, heard) => { (listeners[event] ??= []).push(heard); },
  off() {},
  async save_changes() {
    const traits = { ...saved };
    for (const name of Object.keys(saved)) delete saved[name];
    receive(JSON.parse(await kernel(JSON.stringify(traits))));
  },
};
Object.assign(state, JSON.parse(await kernel("{}")));
const script = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
(await import(script)).default.render({ model, el: document.querySelector("#cell") });
</script>"""


def traits(widget, more: tuple[str, ...] = ()) -> dict:
    names = ("z", "index", "image_name", "question", "picture", "code", "bound_line", *more)
    found = {name: getattr(widget, name) for name in names}
    return {name: base64.b64encode(value).decode() if name in BYTES else value for name, value in found.items()}


@pytest.fixture
def notebook(chromium):
    """A widget shown by a notebook of a width, light or dark; gives its page and the frame."""
    contexts, trouble = [], []

    def show(widget, width: int = 1000, behind: str = "white"):
        def kernel(text: str) -> str:
            changes = json.loads(text)
            if not changes:
                return json.dumps(traits(widget, ("page", "_esm")))
            before = traits(widget) | changes
            widget.set_state(changes | {name: base64.b64decode(changes[name]) for name in BYTES if name in changes})
            return json.dumps({name: value for name, value in traits(widget).items() if value != before[name]})

        context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda said: trouble.append(said.text) if said.type in ("error", "warning") else None)
        page.expose_function("kernel", kernel)
        page.set_content(NOTEBOOK % behind)
        frame = page.frame_locator("iframe")
        frame.locator("html[data-ready] .pad[data-frames]").wait_for()
        frame.locator("[data-mount=cell-bound] span").first.wait_for()
        return page, frame

    yield show
    for context in contexts:
        context.close()
    assert trouble == []


def send(page, widget) -> None:
    """What Python has set, as the kernel would send it."""
    page.evaluate("traits => receive(traits)", traits(widget))


def test_a_model_that_the_browser_knows_goes_both_ways(notebook):
    settings = ModelSettings(encoder=(12,), decoder=(12,), activation="tanh", latent_dim=3)
    vae = build(settings, SHAPE, torch.Generator().manual_seed(0)).eval().requires_grad_(False)
    widget = explore(vae, IMAGES, np.arange(40) % 3, name="mine")
    page, frame = notebook(widget, behind="rgb(20, 20, 20)")
    plane = frame.locator(".plane")
    before = list(widget.z)
    plane.click(position={"x": 60, "y": 60})
    until(page, lambda: widget.z != before, "a move of the hand in Python")
    axes = [int(box.input_value()) for box in frame.locator(".pad .axes select").all()]

    def there() -> bool:
        return np.allclose(numbers(frame, ".pad .where"), [widget.z[d] for d in axes], atol=0.006)

    until(page, there, "the same z")
    widget.z = [0.5, -0.25, 1.0]
    send(page, widget)
    until(page, there, "the point where Python put it")
    page.wait_for_timeout(900)
    assert widget.z == [0.5, -0.25, 1.0]
    frame.locator(".picks button[data-label='2']").click()
    until(page, lambda: widget.index == 2, "the chosen image in Python")
    until(page, lambda: np.allclose(widget.z, widget.code_of(widget.images[2]), atol=2e-3), "its code in Python")
    said = words(frame, "[data-mount=cell-bound]")
    assert f"image 2: ELBO {widget.bound.elbo:.2f}" in said.replace("\n", " ").replace("  ", " ")
    widget.index = 11
    send(page, widget)
    until(page, lambda: "test 11" in words(frame, ".menu-button"), "the image that Python chose")
    assert widget.index == 11
    assert frame.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(21, 24, 27)"
    assert frame.locator("p.which").inner_text() == "mine, 3 dimensions"
    assert words(frame, ".pad .coming") == "", "two of the three dimensions are on the plane"
    tall = frame.locator(".stMainBlockContainer").evaluate("e => e.offsetHeight")
    assert page.locator("iframe").bounding_box()["height"] == pytest.approx(tall, abs=1)


def test_a_function_is_decoded_by_python_on_each_move_and_encodes_a_drawing(notebook):
    torch.manual_seed(0)
    encoder, decoder = nn.Linear(64, 4), nn.Linear(2, 64)
    widget = explore(lambda z: torch.sigmoid(3 * decoder(z)) ** 2, IMAGES, encode=encoder, name="a function")
    page, frame = notebook(widget, width=620)
    image, plane = drawn(frame), frame.locator(".plane")
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    heard = []
    widget.observe(lambda change: heard.append(change["new"]), "z")
    page.mouse.move(box["x"] + 200, box["y"] + 180, steps=5)
    until(page, lambda: len(heard) > 1, "moves before the hand lets go")
    until(page, lambda: drawn(frame) != image, "the image at the new point")
    page.mouse.up()
    assert frame.get_by_text("drawn by Python").is_visible()
    assert not frame.locator(".notice, .undrawn").filter(visible=True).all_inner_texts(), "nothing is missing here"
    until(page, lambda: np.allclose(numbers(frame, ".pad .where"), widget.z, atol=0.006), "the same z")
    levels = frame.locator(".pad .drawn").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((_, k) => k % 4 === 0)"
    )
    ground, ink = 255, 26  # of the light theme
    until(page, lambda: len(levels) == 64, "an image of its size")
    np.testing.assert_allclose((ground - np.array(levels)) / (ground - ink), widget.decoded.ravel(), atol=0.02)
    sheet = frame.locator(".sheet")
    sheet.scroll_into_view_if_needed()
    box, before = sheet.bounding_box(), words(frame, ".pad .mu")
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
    page.mouse.up()
    until(page, lambda: words(frame, ".pad .mu") != before, "the code of the drawing")
    mean = numbers(frame, ".pad .mu")
    until(page, lambda: widget.index is None, "a drawing in Python")
    np.testing.assert_allclose(mean, widget.code_of(widget.x.ravel()), atol=0.006)
    until(page, lambda: words(frame, "[data-mount=cell-bound]").startswith("Drawn:"), "its bound")


def test_a_file_of_a_function_says_what_it_cannot_do(chromium, tmp_path):
    """Nobody decodes there: neither a blank image nor a number that never comes."""
    decoder = nn.Linear(2, 64)
    widget = explore(lambda z: torch.sigmoid(decoder(z)) ** 2, IMAGES, latent_dim=2, name="a function")
    with pytest.warns(UserWarning, match="draws nothing at z"):
        widget.save(tmp_path / "page.html")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    until(page, lambda: "test 0" in words(page, ".menu-button"), "the images, which are in it")
    assert words(page, ".notice") == widget.lacking
    assert words(page, ".pad .undrawn") == "Only Python computes this decoder."
    assert "drawn by Python" not in words(page, "main")
    assert not page.locator(".of-fit").is_visible()
    context.close()
