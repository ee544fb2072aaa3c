"""The choice of light, dark or the system's colours, in a real browser: at once, on all pages, and after a reload."""

import pytest

pytestmark = pytest.mark.browser
LOOK = "e => getComputedStyle(e).colorScheme"


def test_a_chosen_theme_lasts_on_every_page_and_the_logo_leads_home(visit):
    guest = visit(theme="light")
    guest.page.goto(f"{guest.url}/about")
    guest.page.locator(".st-key-references").wait_for()
    app = guest.page.locator(".stApp")
    assert app.evaluate(LOOK) == "light"
    guest.page.get_by_label("Theme").select_option("Dark")
    guest.until(lambda: app.evaluate(LOOK) == "dark", "a dark page")
    guest.page.goto(f"{guest.url}/manifold?model=two&n=5")  # from its first picture on: nothing flashes
    guest.page.wait_for_selector(".stApp")
    assert app.evaluate(LOOK) == "dark"
    bare = guest.page.context.new_page()  # as it is before any script of Streamlit's has come
    bare.emulate_media(color_scheme="light")
    bare.route("**/static/js/*", lambda route: route.abort())
    bare.goto(f"{guest.url}/manifold")
    assert bare.locator("html").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(21, 24, 27)"
    bare.close()
    guest.page.get_by_label("Theme").wait_for()
    assert guest.page.get_by_label("Theme").input_value() == "Dark"
    guest.page.get_by_test_id("stLogoLink").first.click()
    guest.page.locator(".pad").wait_for()
    assert guest.page.evaluate("location.pathname") == "/"
    guest.page.get_by_label("Theme").select_option("System")
    guest.until(lambda: app.evaluate(LOOK) == "light", "the system's colours")
