"""A stranger looks closer, pins points, takes the view along: by mouse, fingers and keys."""

import io
import json
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"


def seen(visit) -> list[float]:
    """The ranges of the plane that are shown: left, right, low, high."""
    return [float(v) for v in visit.data()["view"].split(",")]


def picture(visit, canvas: str) -> str:
    """All of a canvas, to be compared with another one."""
    return visit.page.locator(canvas).evaluate("c => c.toDataURL()")


def width(visit) -> float:
    left, right, _, _ = seen(visit)
    return right - left


def kept(visit) -> float:
    """Half the width of the plane, as the address has it."""
    (zoom,) = parse_qs(urlsplit(visit.page.url).query)["zoom"]
    return float(zoom.split(",")[-1])


def test_buttons_keys_and_wheel_zoom_and_the_address_keeps_it(visit):
    guest = visit().open("?model=two&z=1,1")
    whole = width(guest)
    guest.page.get_by_role("button", name="Zoom in").click()
    guest.wait_for_address("zoom=")
    assert width(guest) == pytest.approx(whole / 1.6)
    guest.page.locator(".plane").focus()
    guest.page.keyboard.press("+")
    guest.until(lambda: width(guest) == pytest.approx(whole / 1.6**2), "the second step")
    guest.page.locator(".plane").hover()
    guest.page.mouse.wheel(0, -120)
    guest.until(lambda: width(guest) < 0.99 * whole / 1.6**2, "the wheel's step")
    guest.until(lambda: 2 * kept(guest) == pytest.approx(width(guest), rel=1e-3), "the address")
    again = visit().open(guest.page.url.removeprefix(guest.url + "/"))
    assert seen(again) == pytest.approx(seen(guest), rel=1e-4)
    guest.page.keyboard.press("0")
    guest.until(lambda: width(guest) == pytest.approx(whole), "the whole plane")
    assert guest.data()["z"] == "1,1"


def test_a_wheel_over_a_plane_that_nobody_clicked_scrolls_the_page(visit):
    guest = visit(height=600).open("?model=two&z=1,1")
    whole = width(guest)
    guest.page.locator(".plane").hover()
    guest.page.mouse.wheel(0, 200)
    guest.page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 0")
    assert width(guest) == whole


def test_shift_and_drag_moves_the_view_and_not_the_point(visit):
    guest = visit().open("?model=two&z=0,0&zoom=0,0,1")
    box = guest.page.locator(".plane").bounding_box()
    guest.page.keyboard.down("Shift")
    guest.page.mouse.move(box["x"] + 300, box["y"] + 300)
    guest.page.mouse.down()
    guest.page.mouse.move(box["x"] + 300 + box["width"] / 4, box["y"] + 300, steps=4)
    guest.page.mouse.up()
    guest.page.keyboard.up("Shift")
    guest.page.wait_for_timeout(200)
    assert seen(guest) == pytest.approx([-1.5, 0.5, -1, 1], abs=0.02)
    assert guest.data()["z"] == "0,0"


def test_two_fingers_zoom_and_leave_point_and_page_where_they_were(visit):
    guest = visit(390, 844, touch=True).open("?model=two&z=1,1")
    box = guest.page.locator(".plane").bounding_box()
    x, y, whole = box["x"] + 180, box["y"] + 180, width(guest)
    hand = guest.page.context.new_cdp_session(guest.page)

    def touch(kind, *points):
        fingers = [{"x": a, "y": b, "id": k} for k, (a, b) in enumerate(points)]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", (x - 30, y))
    touch("touchStart", (x - 30, y), (x + 30, y))
    for k in range(1, 7):
        touch("touchMove", (x - 30 - 10 * k, y), (x + 30 + 10 * k, y))
    touch("touchEnd")
    guest.page.wait_for_timeout(300)
    assert width(guest) < 0.6 * whole
    assert guest.data()["z"] == "1,1"
    assert guest.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0


def test_a_class_is_switched_off_and_on_by_its_digit(visit):
    guest = visit().open("?model=two&z=3,3")
    before = picture(guest, ".backdrop")
    three = guest.page.get_by_role("button", name="codes of class 3")
    three.click()
    guest.wait_for_address("hide=3")
    assert three.get_attribute("aria-pressed") == "false"
    assert picture(guest, ".backdrop") != before
    three.click()
    guest.until(lambda: picture(guest, ".backdrop") == before, "the codes of class 3")


def test_holes_are_hatched_and_their_share_is_counted(visit):
    guest = visit().open("?model=two&back=holes")
    text = guest.page.locator(".legend")
    text.locator("b").wait_for()
    assert "20,000 draws, q(z) of 500 test images" in text.inner_text()  # it was published without training codes
    guest.page.wait_for_selector(".pad[data-hatched]:not([data-hatched=''])")
    assert "few test codes" in guest.page.locator(".said").first.inner_text()


def test_holes_of_a_bundled_model_are_those_of_its_training_codes(visit):
    guest = visit().open("?model=mnist-2d&back=holes")  # strokes would be drawn first, which takes long
    guest.page.wait_for_selector(".pad[data-hatched]:not([data-hatched=''])")
    legend = guest.page.locator(".legend")
    legend.get_by_text("test codes lie there").wait_for()
    assert "q(z) of 55,000 training images" in legend.inner_text()
    hatched = picture(guest, ".backdrop")
    guest.page.get_by_role("radio", name="codes", exact=True).click()
    guest.page.wait_for_selector(".pad[data-backdrop=codes]")
    assert picture(guest, ".backdrop") != hatched


def test_sampled_pixels_are_ink_or_paper_and_stay_while_nothing_moves(visit):
    guest = visit().open("?model=two&z=0.5,0.5")
    guest.page.get_by_role("radio", name="sample").click()
    guest.wait_for_address("pixels=sample")
    first = guest.pixels(".drawn")
    assert len(np.unique(first.reshape(-1, 3), axis=0)) == 2
    guest.page.get_by_role("radio", name="sample").click()
    guest.wait_for_address("draw=2")
    second = guest.pixels(".drawn")
    assert (first != second).any()
    again = visit().open(guest.page.url.removeprefix(guest.url + "/"))
    assert (again.pixels(".drawn") == second).all()


def test_from_pin_to_pin_the_way_is_drawn_straight_or_on_a_sphere(visit):
    guest = visit().open("?model=ten&z=2,0,0,0,0,0,0,0,0,0&axes=1,2")
    guest.page.wait_for_selector(".chooser:not(.waiting)")
    guest.page.get_by_role("button", name="Pin A").click()
    guest.wait_for_address("a=2.000")
    guest.page.get_by_role("button", name="Pin B").wait_for()
    guest.page.locator(".plane").focus()
    for key in ["Alt+ArrowLeft"] * 8 + ["Alt+ArrowUp"] * 8:
        guest.page.keyboard.press(key)
    guest.wait_for_address("z=0.000,2.000")
    guest.page.get_by_role("button", name="Pin B").click()
    guest.page.wait_for_selector(".way-page[data-films]")
    track = guest.page.locator(".track")
    track.focus()
    for key, expected in (("Home", [2, 0]), ("End", [0, 2])):
        guest.page.keyboard.press(key)
        guest.wait_for_address("z=" + ",".join(f"{v:.3f}" for v in expected))
    guest.page.get_by_role("radio", name="spherical").click()
    guest.wait_for_address("via=spherical")
    guest.page.wait_for_timeout(500)
    box = track.bounding_box()
    guest.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    guest.wait_for_address("z=1.4")  # on the sphere of radius 2, half way: sqrt 2; the straight way has 1
    guest.page.get_by_role("button", name="Unpin").click()
    guest.page.wait_for_selector(".way-page", state="detached")


def test_a_copied_link_reopens_the_same_pixels_elsewhere(visit):
    guest = visit()
    guest.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    guest.open("?model=own&i=7")
    guest.page.wait_for_selector(".x-image:not([hidden])")
    guest.page.get_by_role("radio", name="density").click()
    guest.page.get_by_role("radio", name="sample").click()
    guest.page.get_by_role("button", name="Zoom in").click()
    guest.page.get_by_role("button", name="Resample q").click()
    guest.wait_for_address("zoom=")
    guest.wait_for_address("z=")
    guest.settle()
    guest.page.get_by_role("button", name="Copy link").click()
    guest.page.get_by_text("Copied this view: model, point, image, backdrop, axes, pins.").wait_for()
    link = guest.page.evaluate("navigator.clipboard.readText()")
    other = visit().open(link.removeprefix(guest.url + "/"))
    other.page.wait_for_selector(".x-image:not([hidden])")
    other.settle()
    for canvas in (".x-image", ".drawn", ".backdrop"):
        guest.until(lambda canvas=canvas: picture(guest, canvas) == picture(other, canvas), f"the same {canvas}")


def test_pictures_are_saved_large_and_can_be_read_back(visit):
    guest = visit().open("?model=two&z=0.5,0.5")
    with guest.page.expect_download() as download:
        guest.page.get_by_role("button", name="Image as PNG").click()
    image = np.asarray(Image.open(download.value.path()).convert("RGB"), float)
    assert image.shape == (1120, 1120, 3)
    assert (image[20::40, 20::40] == guest.pixels(".drawn")).all()
    for layer in ("codes", "tiles"):
        guest.page.get_by_role("radio", name=layer).click()
        with guest.page.expect_download() as download:
            guest.page.get_by_role("button", name="Plane as PNG").click()
        plane = np.asarray(Image.open(download.value.path()).convert("RGB"), float)
        assert plane.shape == (2400, 2400, 3)
        assert plane[400:2000, 400:2000].std() > 5


def test_the_plane_is_saved_as_a_drawing_of_its_codes(visit, models):
    guest = visit().open("?model=two&z=0.5,0.5&zoom=0,0,1.5")
    for layer in ("codes", "tiles"):
        guest.page.get_by_role("radio", name=layer).click()
        with guest.page.expect_download() as download:
            guest.page.get_by_role("button", name="Plane as SVG").click()
        assert download.value.suggested_filename == f"two-for-tests-{models['two'].key[:6]}-plane.svg"
        root = ElementTree.parse(download.value.path()).getroot()
        codes = root.find(f".//{SVG}g[@class='codes']")
        assert 50 < len(codes.findall(f"{SVG}circle")) <= 500
        assert root.find(f".//{SVG}image") is None
        z = root.find(f".//{SVG}circle[@class='z']")
        side = float(root.find(f".//{SVG}clipPath/{SVG}rect").get("width"))
        assert [float(z.get("cx")), float(z.get("cy"))] == pytest.approx([side * 2 / 3, side / 3], abs=0.1)


def test_codes_and_decoder_are_saved_as_files(visit, models):
    from safetensors.numpy import load

    guest = visit().open("?model=two")
    with guest.page.expect_download() as download:
        guest.page.get_by_role("button", name="Download codes (CSV)").click()
    table = download.value.path().read_text().splitlines()
    assert table[0] == "label,mu_1,mu_2,sigma_1,sigma_2"
    assert len(table) == 501
    with guest.page.expect_download() as download:
        guest.page.get_by_role("button", name="Download decoder").click()
    data = download.value.path().read_bytes()
    weights = models["two"].weights()
    assert {name for name in weights if name.startswith("decoder")} == set(load(data))
    head = json.load(io.BytesIO(data[8 : 8 + int.from_bytes(data[:8], "little")]))
    assert json.loads(head["__metadata__"]["settings"])["model"]["latent_dim"] == 2


def test_on_paper_it_is_light_and_without_what_only_a_hand_can_use(visit):
    guest = visit(theme="dark").open("?model=two")
    guest.page.emulate_media(media="print")
    ground = "getComputedStyle(document.querySelector('{}')).backgroundColor"
    assert guest.page.evaluate(ground.format(".stApp")) == "rgb(255, 255, 255)"
    assert guest.page.evaluate(ground.format("body")) == "rgb(255, 255, 255)"
    assert not guest.page.locator(".stAppHeader").is_visible()
    assert guest.page.locator(".pad").is_visible()
