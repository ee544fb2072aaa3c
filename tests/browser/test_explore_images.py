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

    choose("lowest ELBO")
    guest.wait_for_address(f"i={bound.argmin()}")
    guest.page.locator(".menu-button", has_text=f"test {bound.argmin()}").wait_for()
    choose("lowest ELBO")
    guest.wait_for_address(f"i={bound.argsort()[1]}")
    choose("highest ELBO")
    guest.wait_for_address(f"i={bound.argmax()}")
    choose("Draw its black pixels again")
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
    """On x itself."""
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
    guest.settle()  # the point has come to the stroke's code
    nearest = guest.data()["nearest"].split(",")
    assert nearest[0].split(":")[0] == "3"
    assert int(nearest[0].split(":")[1]) > 10
    x = darkness(guest, ".x-image")
    assert set(np.unique(x.round(2))) == {0.0, 1.0}
    rows, columns = np.flatnonzero(x.any(1)), np.flatnonzero(x.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20)  # fitted into a box of 20
    guest.wait_for_address("i=drawn-28x28-2-")
    address = guest.page.url
    assert len(address) < 330
    guest.page.get_by_role("button", name="clear").click()
    guest.page.get_by_text("draw here").wait_for()
    assert guest.page.locator(".x-image").is_hidden()
    # Where there is no MNIST, the model has no test images: what is chosen instead is a sample of its own.
    guest.page.locator(".picks button[data-kind='test'], .picks button[data-kind='prior']").first.click()
    ready(guest)
    assert guest.page.get_by_role("button", name="clear").is_hidden()


def here(guest) -> tuple[str, str]:
    """Which image, and where z has come to."""
    guest.settle()
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
    guest.wait_for_address("i=drawn-28x28-2-")
    guest.page.locator(".menu-button", has_text="Drawn").wait_for(state="attached")
    guest.page.wait_for_selector(f".pad:not([data-z='{start[1]}']):not(.asked)")
    guest.settle()  # the point has come to the stroke's code
    drawn = here(guest)
    guest.page.locator(".picks button[data-label='3']").click()
    guest.page.wait_for_selector(f".pad:not([data-z='{drawn[1]}']):not(.asked)")
    for expected in (drawn, start):
        guest.page.get_by_role("button", name="Undo").click()
        becomes(guest, *expected)
        guest.wait_for_address(f"z={float(expected[1].split(',')[0]):.3f}")


def test_a_drawing_survives_a_reload_and_another_person_sees_it_by_its_link(visit):
    guest = ready(visit().open("?model=own&i=7"))
    before = guest.data()["z"]
    draw(guest.page, [(0.3, 0.25), (0.5, 0.85)])
    guest.page.wait_for_selector(f".pad:not([data-z='{before}']):not(.asked)")
    guest.wait_for_address("i=drawn-28x28-2-")
    guest.settle()  # the point has come to the stroke's code
    point, x = guest.data()["z"], darkness(guest, ".x-image")
    guest.wait_for_address(f"z={float(point.split(',')[0]):.3f}")
    link = guest.page.url
    assert x.any()
    guest.page.reload()
    other = visit().open(link.partition("/?")[2].join(("?", "")))
    for one in (guest, other):
        one.page.locator(".menu-button", has_text="Drawn").wait_for(state="attached")
        ready(one)
        assert one.data()["z"] == point
        assert np.array_equal(darkness(one, ".x-image"), x)


def test_one_draws_on_x_itself_and_nothing_of_another_image_stands_beside_a_drawing(visit):
    guest = ready(visit().open("?model=own&i=7"))
    before, box = here(guest), guest.page.locator(".x-frame").bounding_box()
    assert box["width"] == guest.page.locator(".image").bounding_box()["width"] >= 220
    guest.page.mouse.click(box["x"] + 90, box["y"] + 60)  # a slip of the hand is no drawing
    guest.page.wait_for_timeout(300)
    assert here(guest) == before
    assert guest.page.locator(".mu").is_visible()
    guest.page.mouse.move(box["x"] + 80, box["y"] + 60)
    guest.page.mouse.down()
    guest.page.mouse.move(box["x"] + 160, box["y"] + 200, steps=4)
    for part in (".x-image", ".lens", ".mu", ".sigma", ".of-q-plane >> nth=0"):
        assert guest.page.locator(part).is_hidden(), part
    assert guest.page.locator(".log-fit").inner_text() == "\u2013"
    guest.page.mouse.up()
    guest.page.locator(".menu-button", has_text="Drawn").wait_for()
    ready(guest)
    inset = guest.page.locator(".x-image").bounding_box()  # as the model sees it, in the corner
    assert inset["width"] < box["width"] / 3
    assert guest.page.locator(".mu").is_visible()
    guest.page.locator(".picks button[data-label='3']").click()
    guest.page.locator(".menu-button", has_text="Drawn").wait_for(state="hidden")
    ready(guest)
    assert guest.page.locator(".x-image").bounding_box()["width"] > 0.9 * box["width"]
    assert float(guest.page.locator(".sheet").evaluate("e => getComputedStyle(e).opacity")) == 0
    guest.page.get_by_role("button", name="Undo").click()  # back to the drawing, whose strokes are still there
    guest.page.locator(".menu-button", has_text="Drawn").wait_for()


def test_a_chosen_image_sends_a_pulse_through_the_picture_but_not_to_who_wants_calm(visit):
    for motion, pulses in (("no-preference", "1"), ("reduce", None)):
        guest = visit()
        guest.page.emulate_media(reduced_motion=motion)
        ready(guest.open("?model=own&i=7"))
        before = guest.data()["z"]
        guest.page.locator(".picks button[data-label='3']").click()
        guest.page.wait_for_selector(f".pad:not([data-z='{before}']):not(.asked)")
        guest.settle()
        assert guest.data().get("pulses") == pulses


def test_a_dot_shows_its_test_image_and_the_nearest_images_show_their_dots(visit, models):
    from vae_core.data.datasets import load_dataset

    dataset, guest = load_dataset(models["own"].settings.data.name), ready(visit().open("?model=own&i=7"))
    guest.page.locator(".thumb").first.wait_for()
    mean = models["own"].codes().mean[7].astype(float)
    box, view = guest.page.locator(".plane").bounding_box(), [float(v) for v in guest.data()["view"].split(",")]
    wide, ring = view[1] - view[0], guest.page.locator(".lit-dot")
    guest.page.mouse.move(
        box["x"] + (mean[0] - view[0]) / wide * box["width"], box["y"] + (view[3] - mean[1]) / wide * box["height"]
    )
    card = guest.page.locator(".dot-card")
    card.get_by_text("test image 7").wait_for()
    assert card.inner_text().split("\n")[0] == str(int(dataset.test_labels[7]))
    card.locator("canvas:not([hidden])").wait_for()
    shown = darkness(guest, ".dot-card canvas")
    assert np.abs(shown - dataset.test[7].numpy().reshape(28, 28) / 255).max() < 0.02
    assert ring.is_visible()
    assert guest.page.locator(".thumb.of-dot").get_attribute("data-index") == "7"
    guest.page.mouse.move(box["x"] + 5, box["y"] - 40)
    assert ring.is_hidden()
    other = guest.page.locator(".thumb:not([data-index='7'])").first
    index = int(other.get_attribute("data-index"))
    other.hover()
    assert ring.is_visible()
    at = [float(ring.get_attribute(name)) / box["width"] * wide for name in ("cx", "cy")]
    assert [view[0] + at[0], view[3] - at[1]] == pytest.approx(models["own"].codes().mean[index], abs=0.02)
    other.click()
    guest.wait_for_address(f"i={index}")


def test_who_asks_for_a_symbol_sees_where_it_stands(visit):
    guest = ready(visit().open("?model=own&i=7"))
    lit, dim = ".pad .lit", ".pad .dim"
    guest.page.locator(".of-q .symbol").hover()
    for state, parts in (("lit", (".lens", ".of-mu", ".one-sigma")), ("dim", (".image", ".x-place"))):
        for part in parts:
            assert state in guest.page.locator(f".pad {part}").get_attribute("class"), part
    guest.page.locator(".of-image .symbol").hover()  # within the same component
    assert "lit" in guest.page.locator(".pad .image").get_attribute("class")
    rings = "e => getComputedStyle(e).opacity"  # of the prior: nothing unless somebody asks for it
    assert guest.page.locator(".pad .of-p").evaluate(rings) == "0"
    guest.page.locator(".claim").hover()
    assert guest.page.locator(lit).count() == guest.page.locator(dim).count() == 0
    guest.page.locator(".article .asks[data-symbol=kl]").first.hover()  # from another component
    assert "lit" in guest.page.locator(".pad .of-p").get_attribute("class")
    guest.page.keyboard.press("Escape")
    guest.page.locator(".of-x button.symbol").focus()
    guest.page.keyboard.press("Enter")
    assert guest.page.locator(".of-x button.symbol").get_attribute("aria-pressed") == "true"
    assert "lit" in guest.page.locator(".x-place").get_attribute("class")
    guest.page.keyboard.press("Escape")
    assert guest.page.locator(lit).count() == guest.page.locator(dim).count() == 0


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
    assert "i=opened-28x28-2-" in guest.page.url


def test_without_test_images_one_draws_opens_or_takes_a_sample_of_the_model(visit):
    guest = visit().open("?model=lost")
    guest.page.wait_for_selector(".chooser:not(.waiting)")
    assert "no test images here" in guest.page.locator(".x-frame").inner_text()
    assert guest.page.locator(".picks button").count() == 2
    guest.page.get_by_role("button", name="An image sampled from the model").click()
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
    guest.page.get_by_text("Hide half, let the model fill it in").click()
    guest.page.wait_for_selector(".filled canvas")
    x, _, _ = observed(models["own"], 7)
    assert guest.page.locator(".filled figure").count() == 7
    expected = darkness(guest, ".filled figure:first-child canvas")
    assert np.abs(expected[:14] - x.reshape(28, 28)[:14]).max() < 0.02
    assert np.abs(expected[14:] - x.reshape(28, 28)[14:]).max() > 0.1
    before = guest.page.locator(".told").inner_text()
    guest.page.locator(".brushed").scroll_into_view_if_needed()
    box = guest.page.locator(".brushed").bounding_box()
    guest.page.mouse.move(box["x"] + 20, box["y"] + 20)
    guest.page.mouse.down()
    guest.page.mouse.move(box["x"] + 150, box["y"] + 20, steps=6)
    guest.page.mouse.up()
    assert before.startswith("392 of 784")
    guest.until(lambda: int(guest.page.locator(".told").inner_text().split()[0]) < 392, "fewer visible pixels")


@pytest.mark.parametrize(("key", "rows", "films"), [("own", 2, 0), ("calm10", 10, 10)])
def test_what_a_dimension_learned_is_a_table_with_the_films_that_are_not_above_it(visit, key, rows, films):
    guest = ready(visit().open(f"?model={key}"))
    guest.page.get_by_text("What has each dimension learned?").click()
    guest.page.wait_for_selector(".learned .dimensions tr")
    assert guest.page.locator(".learned .dimensions tr").count() == rows
    assert guest.page.locator(".learned .between tr").count() == len(TRAITS)
    assert guest.page.locator(".learned .strip").count() == films
    assert guest.page.locator(".learned thead th").count() == 1 + bool(films) + len(TRAITS)


def test_a_picture_survives_its_way_to_the_server(visit):
    """What the browser sends of a drawing is the drawing: a bar on the left stays a bar."""
    guest = ready(visit().open("?model=own"))
    draw(guest.page, [(0.5, 0.2), (0.5, 0.8)])
    guest.page.locator(".menu-button", has_text="Drawn").wait_for()
    ready(guest)
    x = darkness(guest, ".x-image")
    assert np.ptp(np.flatnonzero(x.any(1))) > 3 * np.ptp(np.flatnonzero(x.any(0)))
