"""A stranger drags a point: the canvas shows what the Python decoder computes, and Python learns the point."""

from itertools import pairwise

import numpy as np
import pytest
import torch

pytestmark = pytest.mark.browser

INK, PAPER = np.array([26, 29, 33]), np.array([255, 255, 255])
LIGHT, NIGHT = np.array([242, 243, 240]), np.array([10, 12, 14])


def drawn(entry, z, ground=PAPER, ink=INK):
    """The mean image at z from the model in torch, as ink on its ground: (H, W, 3)."""
    with torch.no_grad():
        mean = entry.load().vae.mean(torch.tensor(z, dtype=torch.float32)).numpy().clip(0, 1)
    if len(entry.shape) == 3:
        return 255 * mean.reshape(entry.shape)  # in both themes
    mean = mean.reshape(*entry.shape, 1)
    return ground + (ink - ground) * mean.clip(0, 1)


def point(visit) -> list[float]:
    return [float(value) for value in visit.data()["z"].split(",")]


def drag(page, by=(90, -60), steps=12):
    box = page.locator(".plane").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, steps + 1):
        page.mouse.move(x + by[0] * k / steps, y + by[1] * k / steps)
    page.mouse.up()


def confirmed(visit) -> list[float]:
    """The point that the pad shows, once Python has it in the address."""
    z = point(visit)
    visit.wait_for_address("z=" + ",".join(f"{value:.3f}" for value in z))
    return z


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_a_dragged_point_draws_what_python_decodes_and_python_confirms_it(visit, models, theme):
    guest = visit(theme=theme).open("?model=two&z=0,0")
    frames = int(guest.data()["frames"])
    drag(guest.page)
    z = confirmed(guest)
    assert z[0] > 0.5
    assert z[1] > 0.3
    assert int(guest.data()["frames"]) > frames
    colours = (PAPER, INK) if theme == "light" else (NIGHT, LIGHT)
    assert np.abs(guest.pixels(".drawn") - drawn(models["two"], z, *colours)).max() <= 2
    knobs = guest.page.locator(".slider .knob")
    guest.until(lambda: knobs.all_inner_texts() == [f"{v:.2f}" for v in z], "the handles of the strips")
    guest.page.wait_for_selector(".pad:not(.asked)")


@pytest.mark.parametrize("key", ["ten", "one", "face", "conv", "colour"])
def test_every_kind_of_decoder_draws_what_python_decodes(visit, models, key):
    guest = visit().open(f"?model={key}")
    drag(guest.page, by=(40, 30))
    z = confirmed(guest)
    assert np.abs(guest.pixels(".drawn") - drawn(models[key], z)).max() <= 2


def test_a_finger_drags_the_point_and_not_the_page(visit, models):
    guest = visit(390, 844, touch=True).open("?model=two&z=0,0")
    box = guest.page.locator(".plane").bounding_box()
    hand = guest.page.context.new_cdp_session(guest.page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def touch(kind, *points):
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in points]})

    touch("touchStart", (x, y))
    for k in range(1, 9):
        touch("touchMove", (x + 6 * k, y - 10 * k))
    touch("touchEnd")
    z = confirmed(guest)
    assert z[0] > 0.3
    assert z[1] > 0.5
    assert guest.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    assert np.abs(guest.pixels(".drawn") - drawn(models["two"], z)).max() <= 2


def test_arrow_keys_move_the_point_by_a_twentieth_and_with_shift_by_a_hundredth(visit):
    guest = visit().open("?model=two&z=0.5,0.5")
    guest.page.locator(".plane").focus()
    guest.page.keyboard.press("ArrowRight")
    guest.page.keyboard.press("ArrowDown")
    guest.page.keyboard.press("Shift+ArrowLeft")
    guest.wait_for_address("z=0.540,0.450")


def test_a_strip_is_a_slider_for_keys(visit, models):
    guest = visit().open("?model=two&z=0.5,-0.5")
    first, second = guest.page.get_by_role("slider", name="z").filter(has=guest.page.locator(".knob")).all()
    first.focus()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowLeft"):
        guest.page.keyboard.press(key)
    guest.wait_for_address("z=0.590,-0.500")
    assert np.abs(guest.pixels(".drawn") - drawn(models["two"], [0.59, -0.5])).max() <= 2
    second.focus()
    guest.page.keyboard.press("Home")
    low = float(second.get_attribute("aria-valuemin"))
    guest.wait_for_address(f"z=0.590,{low:.3f}")
    assert second.get_attribute("aria-valuetext") == f"−{-low:.2f}"
    assert float(second.get_attribute("aria-valuenow")) == low


def test_a_strip_is_a_slider_that_draws_while_it_moves(visit):
    guest = visit().open("?model=two&z=0,0")
    box = guest.page.locator(".strip").first.bounding_box()
    guest.page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 20)
    z = confirmed(guest)
    assert z[0] > 1
    assert z[1] == 0
    knob, strip = (guest.page.locator(f".slider {part}").first.bounding_box() for part in (".knob", ".strip"))
    assert abs(knob["x"] + knob["width"] / 2 - strip["x"] - 0.75 * strip["width"]) < 2


def test_every_dimension_has_a_strip_those_that_carry_least_are_folded_away(visit):
    guest = visit().open("?model=ten&z=" + ",".join(["0"] * 10))
    assert guest.page.locator(".slider .strip:visible").count() == 4
    guest.page.locator(".sliders summary").click()
    assert guest.page.locator(".slider .strip:visible").count() == 10
    last = guest.page.locator(".slider .strip").last
    guest.until(lambda: int(last.get_attribute("data-films") or 0) > 0, "the film of the last dimension")
    last.focus()
    guest.page.keyboard.press("PageUp")
    guest.until(lambda: sorted(point(guest)) == [0] * 9 + [0.5], "the last dimension to move")


def test_an_answer_never_pulls_the_point_from_under_the_hand(visit):
    guest = visit().open("?model=two&z=0,0")
    drag(guest.page)
    box = guest.page.locator(".plane").bounding_box()
    guest.page.mouse.move(box["x"] + 60, box["y"] + 60)
    guest.page.mouse.down()  # before the answer to the first drag is here
    guest.page.mouse.move(box["x"] + 80, box["y"] + 80)
    guest.page.wait_for_timeout(1000)
    held = point(guest)
    assert held[0] < -1
    guest.page.mouse.up()
    assert confirmed(guest)[0] < -1


def test_sampling_the_prior_and_reset_reach_python(visit):
    guest = visit().open("?model=two&z=1.5,1.5")
    guest.page.get_by_role("button", name="Sample the prior").click()
    first = confirmed(guest)
    guest.page.get_by_role("button", name="Sample the prior").click()
    assert confirmed(guest) != first
    guest.page.get_by_role("button", name="Reset").click()
    confirmed(guest)


def test_readouts_are_those_of_the_standard_normal(visit):
    guest = visit().open("?model=two&z=0.9,-1.35")
    readouts = guest.page.locator(".readouts").inner_text()
    assert "−3.15" in readouts  # log N(z; 0, I) = -log 2 pi - |z|^2 / 2
    assert "27 %" in readouts  # exp(-|z|^2 / 2)


def test_backdrops_change_at_once_and_leave_the_point(visit):
    guest = visit().open("?model=two&z=0.5,0.5")
    for name in guest.page.locator(".segments button").all_inner_texts():
        guest.page.get_by_role("radio", name=name).click()
        guest.page.wait_for_timeout(300)
        assert guest.page.get_by_role("radio", name=name).get_attribute("aria-checked") == "true"
    assert point(guest) == [0.5, 0.5]


def test_the_axes_of_the_plane_can_be_chosen(visit):
    guest = visit().open("?model=ten")
    guest.page.get_by_label("dimension across").select_option("4")
    guest.wait_for_address("axes=5,")


def test_a_model_is_picked_from_the_list(visit):
    guest = visit().open("?model=two")
    guest.page.locator(".st-key-models button").click()
    guest.page.locator(".model-gallery[data-frames] [data-pick=one]").click()
    guest.wait_for_address("model=one")
    guest.page.get_by_test_id("stPopoverBody").wait_for(state="hidden")  # it would cover the picture
    guest.page.wait_for_function("document.body.innerText.includes('MNIST, 1 dimension')")


def test_the_networks_show_their_hidden_layers_at_the_point(visit, models):
    guest = visit().open("?model=two&z=-2,-2")
    cells = guest.pixels(".decoder canvas")
    guest.page.locator(".plane").press("Alt+ArrowRight")
    confirmed(guest)
    assert (guest.pixels(".decoder canvas") != cells).any()
    units = models["two"].settings.model.decoder[0]
    said = guest.page.locator(".decoder").get_attribute("title")
    assert f"its first hidden layer at this point: {units} units" in said


def test_all_of_the_picture_and_the_strips_fit_a_laptop(visit):
    guest = visit(1366, 768).open("?model=own&i=7&z=0,0")
    guest.page.locator(".lens").wait_for()  # once the image is encoded
    for part in (".x-frame", ".encoder", ".lens", ".plane", ".decoder", ".image", ".actions", ".slider .knob >> nth=1"):
        box = guest.page.locator(part).bounding_box()
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= 1366, part
        assert box["y"] + box["height"] <= 768, part
    parts = (".x-frame", ".encoder", ".plane", ".decoder", ".image")
    for left, right in pairwise([guest.page.locator(part).bounding_box() for part in parts]):
        assert left["x"] + left["width"] <= right["x"]


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_no_screen_is_too_small(visit, width, height, theme):
    guest = visit(width, height, theme).open("?model=two")
    page = guest.page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    plane, image = (page.locator(part).bounding_box() for part in (".plane", ".image"))
    assert plane["x"] >= 0
    assert plane["x"] + plane["width"] <= width
    assert image["y"] + image["height"] <= height
    assert abs(plane["width"] - plane["height"]) < 1


def test_the_mouse_previews_what_lies_under_it_and_leaves_the_point_where_it_is(visit, models):
    guest = visit().open("?model=two&z=0.5,-0.5")
    box, before = guest.page.locator(".plane").bounding_box(), guest.pixels(".drawn")
    view = [float(v) for v in guest.data()["view"].split(",")]
    guest.page.mouse.move(box["x"] + 100, box["y"] + 60)
    guest.page.wait_for_selector(".pad[data-hovers]")
    guest.page.wait_for_timeout(100)
    wide = view[1] - view[0]
    z = [view[0] + 100 / box["width"] * wide, view[3] - 60 / box["height"] * wide]
    assert np.abs(guest.pixels(".drawn") - drawn(models["two"], z)).max() <= 2
    assert point(guest) == [0.5, -0.5]
    assert "z=0.5" in guest.page.url
    guest.page.mouse.move(box["x"] - 30, box["y"] - 30)
    guest.page.wait_for_selector(".pad:not([data-hovers])")
    assert (guest.pixels(".drawn") == before).all()
    guest.page.mouse.move(box["x"] + 100, box["y"] + 60)
    guest.page.wait_for_selector(".pad[data-hovers]")
    guest.page.locator(".plane").press("ArrowRight")
    guest.page.wait_for_selector(".pad:not([data-hovers])")
    assert point(guest) == [0.55, -0.5], "a key moves the point, and its image is shown"
    guest.page.mouse.down()
    guest.page.mouse.up()
    guest.settle()
    assert point(guest) == pytest.approx(z, abs=0.01), "a press takes what was previewed"


TRAVELS = ".pad[data-travels]"


def test_the_point_travels_through_classes_until_a_key_stops_it_and_never_again_by_itself(visit):
    guest = visit(arrives=True)
    guest.page.goto(guest.url)
    guest.page.wait_for_selector(TRAVELS)
    seen, told = set(), guest.page.url
    for _ in range(6):
        guest.page.wait_for_timeout(700)
        seen.add((guest.data()["z"], str(guest.pixels(".drawn").sum())))
    assert len(seen) == 6, "the image changes with the point"
    assert guest.page.locator(".trail line").count() > 10
    assert guest.page.locator(".faint.seen").count() == 1
    assert guest.page.url == told, "Python hears nothing of it"
    guest.page.keyboard.press("Shift")
    stopped = guest.data()["z"]
    assert guest.page.locator(TRAVELS).count() == guest.page.locator(".trail line").count() == 0
    assert guest.page.locator(".faint.seen").count() == 0
    guest.wait_for_address("z=")
    guest.settle()
    assert guest.data()["z"] == stopped
    kept = [float(v) for v in guest.page.url.partition("z=")[2].split("&")[0].replace("%2C", ",").split(",")]
    assert kept == point(guest)
    guest.page.goto(guest.url)
    guest.page.wait_for_function("window.vaeLab && [...window.vaeLab.shelf.values()].some((item) => item.layers)")
    guest.settle()
    assert guest.page.locator(".pad[data-invites]").count() == 0


def test_a_hand_takes_the_travelling_point_at_once(visit):
    guest = visit(arrives=True)
    guest.page.goto(guest.url)
    guest.page.wait_for_selector(TRAVELS)
    box = guest.page.locator(".plane").bounding_box()
    guest.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    guest.page.mouse.down()
    guest.page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2, steps=5)
    guest.page.mouse.up()
    guest.settle()
    assert [float(v) for v in guest.data()["z"].split(",")] == pytest.approx([-1.625, 0], abs=0.02)
    guest.page.click(".undo-move")
    guest.settle()
    assert guest.page.locator(TRAVELS).count() == 0


def test_who_leaves_while_it_travels_gets_the_other_page_whole_and_it_stays(visit):
    """The click that leads away also stops the point, which tells Python where: after the other page was asked for."""
    guest = visit(arrives=True)
    guest.page.goto(guest.url)
    guest.page.wait_for_selector(TRAVELS)
    guest.page.get_by_role("link", name="ELBO").first.click()
    guest.page.wait_for_selector(".elbo[data-complete='true']")
    guest.page.wait_for_timeout(1500)
    assert guest.page.locator(".elbo[data-complete='true']").count() == 1
    assert "z=" not in guest.page.url


def test_who_wants_calm_sees_an_invitation_that_stays_where_it_is(visit):
    guest = visit(arrives=True)
    guest.page.emulate_media(reduced_motion="reduce")
    guest.page.goto(guest.url)
    guest.page.wait_for_selector(".pad[data-invites]")
    guest.settle()
    before = guest.data()["z"]
    guest.page.wait_for_timeout(500)
    assert guest.data()["z"] == before
    assert guest.page.locator(TRAVELS).count() == 0
    assert guest.page.locator(".drag-me").is_visible()


def test_an_address_that_asks_for_something_gets_that(visit):
    guest = visit(arrives=True).open("?model=two&z=0.5,-0.5")
    assert guest.data()["z"] == "0.5,-0.5"
    assert guest.page.locator(".pad[data-invites]").count() == 0
