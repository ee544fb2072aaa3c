"""The glossary in a real browser: a word on a page opens its entry, the glossary shows it, and finds others."""

import pytest

pytestmark = pytest.mark.browser


def test_a_word_opens_its_entry_and_the_glossary_finds_others(visit):
    guest = visit(theme="dark").open("manifold?model=two", ".manifold")
    word = guest.page.locator("h1 .term", has_text="prior")
    word.focus()
    guest.page.keyboard.press("Enter")
    card = guest.page.get_by_role("dialog", name="prior")
    card.wait_for()
    look = "(e, name) => getComputedStyle(e)[name]"
    assert card.evaluate(look, "backgroundColor") == guest.page.locator(".stApp").evaluate(look, "backgroundColor")
    guest.page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    guest.page.get_by_role("radio", name="linear").click()  # the title is written anew, and its word is marked again
    guest.page.locator("h1", has_text="ninth").locator(".term").click()
    guest.page.get_by_role("link", name="In the glossary").click()
    guest.page.wait_for_selector(".glossary[data-frames] #prior.wanted")
    search = guest.page.get_by_role("searchbox", name="Search")
    search.fill("kullb")
    guest.page.locator(".found", has_text=" of ").wait_for()
    assert guest.page.locator(".entry:visible dt").first.inner_text().startswith("Kullback–Leibler divergence")
    search.fill("zebra")
    guest.page.locator(".found", has_text="No term fits").wait_for()
    figure = guest.page.locator("#entropy canvas")
    search.fill("entropy")
    before = figure.evaluate("c => c.toDataURL()")
    figure.hover(position={"x": 20, "y": 60})
    assert figure.evaluate("c => c.toDataURL()") != before
