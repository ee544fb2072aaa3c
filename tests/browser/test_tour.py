"""The tour is offered once, goes through the pages, and never comes back uninvited."""

import pytest


def card(guest):
    return guest.page.locator(".tour aside")


def test_the_card_hides_nothing_that_its_step_is_about(visit):
    for width, height, touch in ((390, 844, True), (1440, 900, False)):
        guest = visit(width, height, touch=touch, first=True).open()
        guest.page.get_by_role("button", name="Show me").click()
        for number in (1, 2, 3):
            guest.page.locator(f".tour .count:text('{number} of 6')").wait_for()
            guest.page.locator(".tour .ring:not(.lost)").wait_for()
            guest.page.wait_for_timeout(400)  # the ring glides
            over, ring = card(guest).bounding_box(), guest.page.locator(".tour .ring").bounding_box()
            assert ring["height"] < 0.9 * height
            assert ring["y"] > 0
            apart = (
                ring["y"] + ring["height"] <= over["y"] or over["y"] + over["height"] <= ring["y"]
                or ring["x"] + ring["width"] <= over["x"] or over["x"] + over["width"] <= ring["x"]
            )  # fmt: skip
            assert apart, (number, width)
            card(guest).get_by_role("button", name="Next").click()


@pytest.mark.parametrize(("width", "height", "touch"), [(390, 844, True), (1000, 700, False), (1366, 768, False)])
def test_the_offer_hides_nothing_of_the_page(visit, width, height, touch):
    guest = visit(width, height, touch=touch, first=True).open()
    card(guest).get_by_text("New here?").wait_for()
    offer, seen = card(guest).bounding_box(), guest.page.locator(".stMain").bounding_box()
    heading = guest.page.locator(".claim h1").bounding_box()
    assert seen["y"] + seen["height"] <= offer["y"] or offer["y"] + offer["height"] <= heading["y"]
    card(guest).get_by_role("button", name="No, thanks").click()
    card(guest).wait_for(state="hidden")
    assert guest.page.locator(".stMain").evaluate("e => innerHeight - e.getBoundingClientRect().bottom") == 0


def test_on_a_narrow_screen_the_list_of_pages_closes_and_takes_the_tap_beside_it(visit):
    guest = visit(390, 844, touch=True).open("manifold", ".manifold")
    before = guest.page.url
    opener, sidebar = guest.page.get_by_test_id("stExpandSidebarButton"), guest.page.get_by_test_id("stSidebar")
    opener.click()
    guest.page.locator("[data-testid=stSidebar][data-collapsed=false]").wait_for()
    guest.page.wait_for_timeout(400)  # it slides
    guest.page.touchscreen.tap(370, 500)
    guest.page.locator("[data-testid=stSidebar][data-collapsed=true]").wait_for(state="attached")
    assert guest.page.url == before  # no tile was pressed
    opener.click()
    sidebar.get_by_role("link", name="Explore").click()
    guest.page.wait_for_selector(".pad")
    guest.page.locator("[data-testid=stSidebar][data-collapsed=true]").wait_for(state="attached")


def test_a_first_visit_is_offered_the_tour_and_can_take_it(visit):
    guest = visit(first=True).open()
    card(guest).get_by_text("New here?").wait_for()
    guest.page.get_by_role("button", name="Show me").click()
    titles = []
    for number in range(1, 7):
        guest.page.locator(f".tour .count:text('{number} of 6')").wait_for()
        titles.append(card(guest).locator("h2").inner_text())
        ring = guest.page.locator(".tour .ring:not(.lost)")
        ring.wait_for()
        if number == 6:
            button, over = guest.page.locator(".st-key-train button").bounding_box(), card(guest).bounding_box()
            assert button["y"] + button["height"] <= over["y"] or button["x"] + button["width"] <= over["x"]
        card(guest).get_by_role("button", name="Done" if number == 6 else "Next").click()
    assert len(set(titles)) == 6
    assert guest.page.url.split("?")[0].endswith("/train")
    card(guest).wait_for(state="hidden")
    guest.page.reload()
    guest.page.goto(guest.url)
    guest.page.wait_for_selector(".pad")
    guest.settle()
    assert not card(guest).is_visible()


@pytest.mark.long
def test_no_click_is_lost_however_soon_the_next_one_follows(visit):
    guest = visit(first=True).open()
    guest.page.get_by_role("button", name="Show me").click()
    for number in range(1, 6):
        guest.page.locator(f".tour .count:text('{number} of 6')").wait_for()  # shown at once, the page comes later
        card(guest).get_by_role("button", name="Next").click()
    guest.page.locator(".tour .count:text('6 of 6')").wait_for()
    guest.page.wait_for_url("**/train*")
    guest.page.wait_for_selector(".training")
    guest.page.wait_for_timeout(1500)  # what was asked for meanwhile has been answered
    assert guest.page.locator(".tour .count").inner_text() == "6 of 6"
    guest.page.get_by_role("link", name="Manifold").first.click()
    guest.page.wait_for_selector(".manifold")
    guest.page.wait_for_timeout(1500)
    assert "/manifold" in guest.page.url, "who goes elsewhere is not taken back"


def test_who_declines_is_not_asked_again_and_can_still_ask(visit):
    guest = visit(first=True).open()
    guest.page.get_by_role("button", name="No, thanks").click()
    card(guest).wait_for(state="hidden")
    guest.page.goto(f"{guest.url}/glossary")
    guest.page.wait_for_selector(".glossary")
    assert not card(guest).is_visible()
    guest.page.get_by_role("button", name="Take the tour").click()
    guest.page.locator(".tour .count:text('1 of 6')").wait_for()
    guest.page.wait_for_selector(".pad")
    guest.page.keyboard.press("Escape")
    card(guest).wait_for(state="hidden")
