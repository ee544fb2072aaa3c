"""A stranger chooses, draws and opens images: the page shows where the model sees them."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from vae_core.analysis.latent_factors import TRAITS

pytestmark = pytest.mark.browser

INK, PAPER = np.array([26, 29, 33]), np.array([255, 255, 255])


def ready(visit, **choice):
    """Waits until the chosen image is on the page, as the browser has it from the server."""
    visit.page.wait_for_selector(".x-image:not([hidden])")
    visit.page.wait_for_selector(".pad:not(.asked)")
    return visit


def darkness(visit, canvas: str):
    """The pixels of a canvas from 0, paper, to 1, ink."""
    return ((PAPER - visit.pixels(canvas)) / (PAPER - INK)).mean(-1)


def observed(entry, index: int, seed: int = 0):
    """x of a test image, and its q(z|x), by the core alone: (X,), (D,), (D,)."""
    from vae_core.data.datasets import load_dataset

    x = load_dataset(entry.settings.data.name).observed("test", index, seed, entry.settings.data.pixels)
    q = entry.load().vae.posterior(x)
    return x[0].numpy(), q.mean[0].detach().numpy(), q.stddev[0].detach().numpy()


def text(visit, selector: str) -> list[float]:
    return [float(v) for v in visit.page.locator(selector).inner_text().replace("−", "-").split(",")]


def test_the_chosen_image_is_the_x_that_the_model_sees_and_z_is_its_mean(visit, models):
    guest = ready(visit().open("?model=own&i=7"))
    x, mean, sigma = observed(models["own"], 7)
    assert np.abs(darkness(guest, ".x-image") - x.reshape(28, 28)).max() < 0.02
    assert text(guest, ".mu") == pytest.approx(mean, abs=0.006)
    assert text(guest, ".sigma") == pytest.approx(sigma, abs=0.006)


def test_a_class_gives_an_image_of_it_and_again_the_next_one(visit, models):
    from vae_core.data.datasets import load_dataset

    labels = load_dataset(models["own"].settings.data.name).test_labels.numpy()
    first, second = np.flatnonzero(labels == 3)[:2]
    guest = ready(visit().open("?model=own"))
    three = guest.page.locator(".picks button[data-label='3']")
    three.click()
    guest.wait_for_address(f"i={first}")
    _, mean, _ = observed(models["own"], int(first))
    guest.wait_for_address("z=" + ",".join(f"{v:.3f}" for v in np.round(mean.astype(float), 3)))
    guest.page.wait_for_selector(".picks button[data-label='3'][aria-pressed='true']")
    three.click()
    guest.wait_for_address(f"i={second}")


def test_the_menu_finds_images_by_chance_by_their_bound_and_by_number(visit, models):
    from vae_core.data.datasets import load_dataset
    from vae_core.training.evaluate import scores

    x = load_dataset(models["own"].settings.data.name).observed("test", slice(None))
    bound = scores(models["own"].load().vae, x, 4).elbo.numpy()
    guest = ready(visit().open("?model=own"))

    def choose(what: str) -> None:
        guest.page.locator(".menu-button").click()
        guest.page.get_by_role("menuitem", name=what).click()

    choose("the worst ELBO")
    guest.wait_for_address(f"i={bound.argmin()}")
    guest.page.locator(".menu-button", has_text=f"test {bound.argmin()}").wait_for()
    choose("the worst ELBO")
    guest.wait_for_address(f"i={bound.argsort()[1]}")
    choose("the best ELBO")
    guest.wait_for_address(f"i={bound.argmax()}")
    choose("draw its black pixels again")
    guest.wait_for_address("seed=1")
    guest.page.locator(".menu-button").click()
    guest.page.get_by_label("number").fill("42")
    guest.page.get_by_role("button", name="show").click()
    guest.wait_for_address("i=42")


def test_log_p_of_x_given_z_is_the_cores_for_both_kinds_of_pixels(visit, models):
    for key in ("own", "grey"):
        guest = ready(visit().open(f"?model={key}&i=5&z=0.4,-0.3"))
        x, _, _ = observed(models[key], 5)
        with torch.no_grad():
            p = models[key].load().vae.observed(torch.tensor([0.4, -0.3]))
            expected = float(p.log_prob(torch.from_numpy(x)).double().sum())
        assert text(guest, ".log-fit")[0] == pytest.approx(expected, abs=0.06 + 1e-5 * abs(expected))


@pytest.mark.parametrize("index", [0, 1, 2, 3, 4])
def test_the_ellipse_on_the_plane_is_as_wide_as_the_models_sigma(visit, models, index):
    _, mean, sigma = observed(models["own"], index)
    guest = ready(visit().open(f"?model=own&i={index}&zoom={mean[0]},{mean[1]},1.5"))
    box, plane = (guest.page.locator(part).bounding_box() for part in (".one-sigma", ".plane"))
    line = float(guest.page.locator(".one-sigma").evaluate("e => getComputedStyle(e).strokeWidth").removesuffix("px"))
    for side, s in (("width", sigma[0]), ("height", sigma[1])):
        on_screen = (box[side] - (line if box[side] > 2 * 3 * s * plane["width"] / 3 else 0)) / plane["width"] * 3.0
        assert plane["width"] * s / 3 >= 100
        assert on_screen / 2 == pytest.approx(s, rel=0.02)
    middle = [box["x"] + box["width"] / 2 - plane["x"], box["y"] + box["height"] / 2 - plane["y"]]
    assert middle == pytest.approx([plane["width"] / 2] * 2, abs=1.5)


def test_noise_moves_z_around_the_mean_and_none_of_it_is_the_mean(visit, models):
    guest = ready(visit().open("?model=own&i=7"))
    _, mean, sigma = observed(models["own"], 7)
    guest.page.get_by_role("button", name="Resample q").click()
    guest.wait_for_address("z=")
    z = np.array([float(v) for v in guest.data()["z"].split(",")])
    assert 0 < np.abs((z - mean) / sigma).max() < 5
    slider = guest.page.locator(".noise input")
    slider.focus()
    slider.press("Home")
    guest.wait_for_address("z=" + ",".join(f"{v:.3f}" for v in np.round(mean.astype(float), 3)))
    guest.page.get_by_role("button", name="Undo").click()
    guest.page.wait_for_selector(f".pad[data-z='{z[0]:g},{z[1]:g}']")


def draw(page, points) -> None:
    page.get_by_role("button", name="Draw an image").click()
    box = page.locator(".sheet").bounding_box()
    at = [(box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=5)
    page.mouse.up()


def test_a_drawn_three_is_encoded_to_the_region_of_threes_and_stays_out_of_the_address(visit):
    guest = visit().open("?model=mnist-beta-1&i=3")
    guest.page.wait_for_selector(".chooser:not(.waiting)")
    before = guest.data()["z"]
    draw(guest.page, [(0.3, 0.25), (0.5, 0.15), (0.7, 0.3), (0.5, 0.48), (0.72, 0.65), (0.5, 0.88), (0.28, 0.75)])
    guest.page.wait_for_selector(f".pad:not([data-z='{before}'])")
    ready(guest)
    nearest = guest.data()["nearest"].split(",")
    assert nearest[0].split(":")[0] == "3"
    assert int(nearest[0].split(":")[1]) > 10
    x = darkness(guest, ".x-image")
    assert set(np.unique(x.round(2))) == {0.0, 1.0}
    rows, columns = np.flatnonzero(x.any(1)), np.flatnonzero(x.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20)  # fitted into a box of 20
    guest.wait_for_address("i=none")
    address = guest.page.url
    assert len(address) < 200
    guest.page.get_by_role("button", name="clear").click()
    guest.page.get_by_role("button", name="done").click()
    assert guest.page.locator(".sheet").is_hidden()


def here(guest) -> tuple[str, str]:
    """Which image, and where z is."""
    return guest.page.locator(".menu-button").inner_text(), guest.data()["z"]


def becomes(guest, image: str, z: str) -> None:
    guest.page.locator(".menu-button", has_text=image).wait_for()
    guest.page.wait_for_selector(f".pad[data-z='{z}']:not(.asked)")


def entries(guest) -> int:
    return guest.page.evaluate("history.length")


def test_an_image_is_one_entry_of_the_history_and_back_gives_the_former_one_with_its_point(visit):
    guest = ready(visit().open("?model=own&i=7"))
    opened, before = entries(guest), here(guest)
    guest.page.locator(".picks button[data-label='3']").click()
    guest.page.wait_for_selector(f".pad:not([data-z='{before[1]}']):not(.asked)")
    guest.wait_for_address("z=")
    three = here(guest)
    assert entries(guest) == opened + 1
    guest.page.get_by_role("link", name="Manifold").first.click()
    guest.page.wait_for_selector(".manifold[data-z]")
    guest.wait_for_address(f"z={three[1].split(',')[0]}")
    assert entries(guest) == opened + 2
    guest.page.go_back()
    guest.page.wait_for_selector(".pad")
    becomes(guest, *three)
    guest.page.go_back()
    becomes(guest, *before)
    assert "i=7" in guest.page.url
    assert entries(guest) == opened + 2


def test_undo_gives_back_the_image_and_the_point_also_of_a_drawing(visit):
    guest = ready(visit().open("?model=own&i=7&z=0.5,-0.25"))
    start = here(guest)
    draw(guest.page, [(0.3, 0.25), (0.5, 0.85)])
    guest.wait_for_address("i=none")
    guest.page.locator(".menu-button", has_text="Drawn").wait_for(state="attached")
    guest.page.wait_for_selector(f".pad:not([data-z='{start[1]}']):not(.asked)")
    guest.page.get_by_role("button", name="done").click()
    drawn = here(guest)
    guest.page.locator(".picks button[data-label='3']").click()
    guest.page.wait_for_selector(f".pad:not([data-z='{drawn[1]}']):not(.asked)")
    for expected in (drawn, start):
        guest.page.get_by_role("button", name="Undo").click()
        becomes(guest, *expected)
        guest.wait_for_address(f"z={float(expected[1].split(',')[0]):.3f}")


def test_a_reload_keeps_the_point_of_a_drawing_and_shows_no_other_image(visit):
    guest = ready(visit().open("?model=own&i=7"))
    before = guest.data()["z"]
    draw(guest.page, [(0.3, 0.25), (0.5, 0.85)])
    guest.page.wait_for_selector(f".pad:not([data-z='{before}']):not(.asked)")
    guest.wait_for_address("i=none")
    point = guest.data()["z"]
    guest.page.reload()
    guest.page.get_by_text("none chosen").wait_for()
    guest.settle()
    assert guest.data()["z"] == point
    assert guest.page.locator(".log-fit").inner_text() == "\u2013"


def test_the_sheet_and_x_never_show_two_different_images(visit):
    guest = ready(visit().open("?model=own&i=7"))
    draw_button = guest.page.get_by_role("button", name="Draw an image")
    draw_button.click()
    for part in (".lens", ".mu", ".sigma", ".of-q-plane >> nth=0"):  # nothing of another image beside an empty sheet
        assert guest.page.locator(part).is_hidden(), part
    assert guest.page.locator(".log-fit").inner_text() == "\u2013"
    plane, sheet = (guest.page.locator(part).bounding_box() for part in (".ticks .y >> nth=0", ".sheet"))
    assert sheet["x"] + sheet["width"] < plane["x"]
    guest.page.get_by_text("draw here").wait_for()
    assert guest.page.locator(".x-image").is_hidden()
    guest.page.get_by_role("button", name="done").click()
    assert guest.page.locator(".x-image").is_visible()
    draw(guest.page, [(0.3, 0.25), (0.5, 0.85)])
    ready(guest)
    assert guest.page.get_by_text("draw here").is_hidden()
    guest.page.get_by_role("button", name="done").click()
    guest.page.locator(".picks button[data-label='3']").click()
    guest.wait_for_address("i=")
    ready(guest)
    draw_button.click()
    guest.page.get_by_text("draw here").wait_for()
    assert guest.page.locator(".x-image").is_hidden()


def picture(size=(60, 80), mode="L", kind="PNG", **more) -> bytes:
    """A dark bar on light paper."""
    array = np.full(size[::-1], 240, np.uint8)
    array[size[1] // 4 : -size[1] // 4, size[0] // 3 : -size[0] // 3] = 20
    file = io.BytesIO()
    Image.fromarray(array).convert(mode).save(file, kind, **more)
    return file.getvalue()


def cut() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60), np.uint8)).save(file, "PNG")
    return file.getvalue()[:2000]


def sixteen_bits() -> bytes:
    array = np.full((50, 50), 60000, np.uint16)
    array[10:40, 20:30] = 1000
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # lay on its side
    return picture(kind="JPEG", exif=exif)


def animated() -> bytes:
    frames = [Image.open(io.BytesIO(picture(size))) for size in ((60, 80), (60, 80))]
    frames[1] = frames[1].point(lambda v: 255 - v)
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def wide(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


def test_each_hostile_picture_gets_one_sentence_and_harms_nothing(visit):
    guest = ready(visit().open("?model=own&i=7"))
    shown = guest.pixels(".x-image")
    refused = {
        "nothing.png": (b"this is no picture", "no whole picture"),
        "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no whole picture"),
        "cut.png": (cut(), "no whole picture"),
        "line.png": (wide(50000, 1), "is a line"),
        "large.png": (wide(9000, 9000), "9000x9000 pixels"),
        "white.png": (wide(60, 60), "no ink"),
    }
    for name, (data, said) in refused.items():
        guest.page.locator(".file").set_input_files({"name": name, "mimeType": "image/png", "buffer": data})
        note = guest.page.locator(".note p", has_text=said)
        note.wait_for()
        assert note.inner_text().count(".") <= 2, name
        assert (guest.pixels(".x-image") == shown).all(), name
        guest.page.get_by_role("button", name="understood").click()


def test_unusual_pictures_are_opened_and_it_is_said_what_was_done(visit):
    guest = ready(visit().open("?model=own&i=7"))
    opened = {
        "clear.png": (picture(mode="RGBA"), "centred"),
        "deep.png": (sixteen_bits(), "centred"),
        "turned.jpg": (turned(), "centred"),
        "moving.gif": (animated(), "nly the first frame"),
    }
    for name, (data, said) in opened.items():
        guest.page.locator(".file").set_input_files({"name": name, "mimeType": "image/png", "buffer": data})
        guest.page.locator(".note p", has_text=said).wait_for()
        ready(guest)
        x = darkness(guest, ".x-image")
        assert 0.05 < x.mean() < 0.4, name
        tall, across = np.ptp(np.flatnonzero(x.any(1))), np.ptp(np.flatnonzero(x.any(0)))
        assert (tall > across) == (name != "turned.jpg"), name
        guest.page.get_by_role("button", name="understood").click()
    assert "i=none" in guest.page.url


def test_without_test_images_one_draws_opens_or_takes_a_sample_of_the_model(visit):
    guest = visit().open("?model=lost")
    guest.page.wait_for_selector(".chooser:not(.waiting)")
    assert "no test images here" in guest.page.locator(".x-frame").inner_text()
    assert guest.page.locator(".picks button").count() == 3
    guest.page.get_by_role("button", name="A sample of the model itself").click()
    guest.wait_for_address("i=prior")
    ready(guest)
    assert 0 < darkness(guest, ".x-image").mean() < 1
    again = ready(visit().open(guest.page.url.removeprefix(guest.url + "/")))
    assert (again.pixels(".x-image") == guest.pixels(".x-image")).all()


def test_an_autoencoder_says_why_it_has_no_ellipse(visit):
    guest = ready(visit().open("?model=points"))
    assert "an autoencoder has no σ" in guest.page.locator(".q-none").inner_text()
    assert guest.page.get_by_role("button", name="Resample q").is_hidden()


def test_covered_pixels_are_filled_in_and_visible_ones_stay(visit, models):
    guest = ready(visit().open("?model=own&i=7"))
    guest.page.get_by_text("Cover half of it").click()
    guest.page.wait_for_selector(".filled canvas")
    x, _, _ = observed(models["own"], 7)
    assert guest.page.locator(".filled figure").count() == 7
    expected = darkness(guest, ".filled figure:first-child canvas")
    assert np.abs(expected[:14] - x.reshape(28, 28)[:14]).max() < 0.02
    assert np.abs(expected[14:] - x.reshape(28, 28)[14:]).max() > 0.1
    before = guest.page.locator(".told").inner_text()
    box = guest.page.locator(".brushed").bounding_box()
    guest.page.mouse.move(box["x"] + 20, box["y"] + 20)
    guest.page.mouse.down()
    guest.page.mouse.move(box["x"] + 150, box["y"] + 20, steps=6)
    guest.page.mouse.up()
    assert before.startswith("392 of 784")
    guest.until(lambda: int(guest.page.locator(".told").inner_text().split()[0]) < 392, "fewer visible pixels")


def test_what_a_dimension_learned_is_a_table_with_films(visit):
    guest = ready(visit().open("?model=own"))
    guest.page.get_by_text("What did this dimension learn?").click()
    guest.page.wait_for_selector(".learned tbody tr")
    assert guest.page.locator(".learned tbody tr").count() == 2
    assert guest.page.locator(".learned thead th").count() == 2 + len(TRAITS)


def test_a_picture_survives_its_way_to_the_server(visit):
    """What the browser sends of a drawing is the drawing: a bar on the left stays a bar."""
    guest = ready(visit().open("?model=own"))
    draw(guest.page, [(0.5, 0.2), (0.5, 0.8)])
    guest.page.wait_for_selector(".picks button[data-kind=drawn][aria-pressed=true]")
    x = darkness(guest, ".x-image")
    assert np.ptp(np.flatnonzero(x.any(1))) > 3 * np.ptp(np.flatnonzero(x.any(0)))
