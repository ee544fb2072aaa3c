"""Symbols answer on every page that has a figure of theirs: what is pointed at is lit, the rest steps back."""

import pytest

from tests.parameters import rest_long

# page: (what is drawn there, the symbol that is pointed at, what lights up, what steps back)
PAGES = {
    "manifold?model=two": (".manifold", ".of-image .symbol", ".image", ".grid"),
    "compare?models=two,own": (".compare", ".label .asks[data-symbol=kl]", ".cell[data-symbol=kl]", ".cell canvas"),
    "gradients?model=two": (".arrows", "small .noise", ".cloud", ".fan canvas"),
    "likelihood?model=two": (".variance", ".of-bounds .asks", ".bounds", ".errors"),
    "primer?model=one&scene=3": (".primer", ".explains .mu", ".two g[data-symbol=q]", ".two g[data-symbol=p]"),
    "algorithm?model=two": (".walk", ".lines .symbol.noise", ".node.noise", ".node.z"),
    "toy": (".vanishing", "h3 .symbol.mu", ".decoder polyline[data-symbol=q]", ".decoder polyline[data-symbol=p]"),
    "kl?scene=vae": (".beta", ".of-vae .symbol.mu", "canvas.of-q", "canvas.of-drawn"),
    "kl?scene=cost": (".beta", ".sums .asks[data-symbol=kl]", ".two path[data-symbol=kl]", ".two path[data-symbol=q]"),
    "kl?scene=humps": (".beta", ".sums .symbol.mu", ".two path[data-symbol=q]", ".two path[data-symbol=p]"),
    "kl?scene=numbers": (".beta", ".article .asks[data-symbol=elbo]", ".multiple.elbo", ".multiple.reconstruction"),
}  # fmt: skip
SHORT = ("primer?model=one&scene=3", "algorithm?model=two", "kl?scene=cost")
STEPS_BACK = 0.5  # of its strength at most
STRENGTH = """(mark) => {
  let strength = 1;
  for (let e = mark; e; e = e.parentElement) strength *= getComputedStyle(e).opacity;
  return strength;
}"""


@pytest.mark.parametrize("path", rest_long(PAGES, SHORT))
def test_a_symbol_lights_up_its_quantity(visit, path):
    component, symbol, lit, other = PAGES[path]
    guest = visit(1366, 768)
    guest.page.emulate_media(reduced_motion="reduce")
    guest.page.goto(f"{guest.url}/{path}")
    guest.page.wait_for_selector(component)
    strength = lambda mark: guest.page.locator(f".stMain {mark}").first.evaluate(STRENGTH)  # noqa: E731
    guest.page.locator(f".stMain {lit}").first.wait_for()
    before = strength(lit), strength(other)
    guest.page.locator(f".stMain {symbol}").first.hover()
    guest.until(lambda: strength(other) < STEPS_BACK * before[1], "the rest to step back")
    assert strength(lit) == before[0]
    guest.page.locator("h1").first.hover()
    guest.until(lambda: strength(other) == before[1], "all to come back")
