"""Images from outside. The independent check: a digit of the data set, drawn large somewhere, comes back as itself."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from vae_core.data.preprocessing import ImageError, Picture, centred, drawn, uploaded

SHAPE = (28, 28)


def png(image: Image.Image | np.ndarray, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, kind, **options)
    return file.getvalue()


def seven(height: int = 200, width: int = 160) -> np.ndarray:
    """Bright ink, a seven with its bar at the top."""
    grey = np.zeros((height, width), np.uint8)
    grey[30:50, 40:120] = 255
    for y in range(50, 170):
        grey[y, 115 - (y - 50) // 3 : 130 - (y - 50) // 3] = 255
    return grey


def on_canvas(digit: np.ndarray, times: int, at: tuple[int, int], smooth: bool) -> np.ndarray:
    """A 28x28 digit drawn `times` as large on a canvas of 500x420."""
    method = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    large = np.asarray(Image.fromarray(digit).resize((28 * times, 28 * times), method))
    canvas = np.zeros((500, 420), np.uint8)
    canvas[at[0] : at[0] + len(large), at[1] : at[1] + len(large)] = large
    return canvas


def errors(digits: np.ndarray, times: int, at: tuple[int, int], smooth: bool) -> np.ndarray:
    """Per digit, the mean absolute difference over the pixels that have ink in either, in grey levels."""
    found = []
    for digit in digits.reshape(-1, 28, 28):
        back = drawn(on_canvas(digit, times, at, smooth), SHAPE).grey.astype(float)
        inked = (digit.ravel() > 0) | (back > 0)
        found.append(np.abs(back - digit.ravel())[inked].mean())
    return np.array(found)


def test_an_mnist_digit_drawn_large_with_hard_pixels_comes_back_as_itself(mnist):
    error = errors(mnist.test[:300].numpy(), 12, (100, 40), smooth=False)
    assert (error < 1).mean() > 0.95


def test_an_mnist_digit_drawn_large_and_smooth_comes_back_but_for_its_edges(mnist):
    error = errors(mnist.test[:300].numpy(), 12, (100, 40), smooth=True)
    assert np.median(error) < 30  # grey levels, over the pixels with ink
    assert np.quantile(error, 0.9) < 55  # those that moved by one pixel are among them


def test_the_model_sees_nearly_the_same_mnist_digit(mnist):
    digits = mnist.test[:300].numpy()
    canvases = [on_canvas(digit.reshape(28, 28), 12, (3, 77), smooth=True) for digit in digits]
    shared = [overlap(drawn(c, SHAPE).grey > 127, d > 127) for c, d in zip(canvases, digits, strict=True)]
    assert np.median(shared) > 0.8


@pytest.mark.parametrize("times", [5, 14])
def test_a_digit_of_strokes_comes_back_but_for_its_size_and_place(digits, times):
    """These vary in size and are centred by the pen's path: they are compared where they overlap best."""
    shared = []
    for digit in digits.test[:60].numpy().reshape(-1, 28, 28):
        back = drawn(on_canvas(digit, times, (20, 7), smooth=True), SHAPE).grey.reshape(SHAPE)
        assert mass(back) == pytest.approx((14.5, 14.5), abs=0.51)
        shared.append(overlap(shifted(back, digit) > 127, digit > 127))
    assert np.median(shared) > 0.7


def mass(image: np.ndarray) -> tuple[float, float]:
    y, x = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    return (y * image).sum() / image.sum(), (x * image).sum() / image.sum()


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return (a & b).sum() / (a | b).sum()


def shifted(image: np.ndarray, like: np.ndarray) -> np.ndarray:
    down, right = (round(b - a) for a, b in zip(mass(image), mass(like), strict=True))
    return np.roll(image, (down, right), (0, 1))


def test_the_longer_side_fills_twenty_pixels_and_the_mass_is_in_the_middle():
    back = drawn(seven(), SHAPE).grey.reshape(SHAPE)
    rows, columns = np.flatnonzero(back.any(1)), np.flatnonzero(back.any(0))
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 == round(20 * 90 / 140)  # proportions are kept
    assert mass(back) == pytest.approx((14.5, 14.5), abs=0.51)


@pytest.mark.parametrize("shape", [(28, 28), (28, 20), (64, 64), (8, 8)])
def test_every_shape_has_its_own_box(shape):
    back = drawn(seven(), shape).grey.reshape(shape)
    assert np.ptp(np.flatnonzero(back.any(1))) + 1 <= round(20 / 28 * shape[0])
    assert np.ptp(np.flatnonzero(back.any(0))) + 1 <= round(20 / 28 * shape[1])


def test_a_single_dot_and_a_whole_canvas_of_ink_are_pictures_too():
    dot = np.zeros((300, 300), np.uint8)
    dot[7, 290] = 255
    assert drawn(dot, SHAPE).grey.max() > 0
    assert drawn(np.full((300, 300), 255, np.uint8), SHAPE).grey.sum() == 400 * 255


def test_an_empty_drawing_is_asked_for_ink():
    with pytest.raises(ImageError, match="no ink here yet"):
        drawn(np.zeros((280, 280), np.uint8), SHAPE)


@pytest.mark.parametrize("canvas", [np.zeros((3, 3, 4), np.uint8), np.zeros((3, 3)), np.zeros((0, 5), np.uint8)])
def test_what_is_no_canvas_is_said_to_be_none(canvas):
    with pytest.raises(ImageError, match="grey levels"):
        drawn(canvas, SHAPE)


# Uploads: the image rows of reliability.md.


def same_seven(picture: Picture) -> bool:
    return np.abs(picture.grey.astype(float) - drawn(seven(), SHAPE).grey).mean() < 2


def test_bright_ink_is_taken_as_it_is():
    picture = uploaded(png(seven()), SHAPE)
    assert same_seven(picture)
    assert "turned" not in picture.remark


def test_dark_ink_on_light_paper_is_turned_and_that_is_said():
    picture = uploaded(png(255 - seven()), SHAPE)
    assert same_seven(picture)
    assert "dark ink on light paper was turned" in picture.remark


def test_a_grey_and_uneven_photograph_of_paper_is_still_paper():
    noise = np.random.default_rng(0).normal(0, 4, (200, 160))
    paper = np.clip(190 - 0.45 * seven() + noise, 0, 255).astype(np.uint8)
    picture = uploaded(png(paper, "JPEG", quality=80), SHAPE)
    assert overlap(picture.grey > 127, drawn(seven(), SHAPE).grey > 127) > 0.8


def test_a_digit_that_lies_in_a_corner_does_not_look_like_paper():
    corner = np.full((400, 400), 250, np.uint8)
    corner[20:220, 10:170] -= np.where(seven() > 0, 240, 0).astype(np.uint8)
    assert same_seven(uploaded(png(corner), SHAPE))


def test_transparent_paper_is_white():
    rgba = np.zeros((200, 160, 4), np.uint8)
    rgba[..., 3] = seven()  # black ink on nothing
    picture = uploaded(png(Image.fromarray(rgba, "RGBA")), SHAPE)
    assert same_seven(picture)
    assert "transparent parts are white" in picture.remark


def test_sixteen_bits_are_eight():
    assert same_seven(uploaded(png(Image.fromarray(seven().astype(np.uint16) * 257)), SHAPE))


def test_the_camera_s_orientation_is_applied():
    turned = Image.fromarray(np.rot90(seven()))  # lies on its side, and says so
    exif = Image.Exif()
    exif[0x0112] = 6
    assert same_seven(uploaded(png(turned, exif=exif), SHAPE))


def test_only_the_first_frame_of_an_animation_is_used_and_that_is_said():
    frames = [Image.fromarray(frame) for frame in (seven(), seven()[::-1], seven().T)]
    picture = uploaded(png(frames[0], "GIF", save_all=True, append_images=frames[1:]), SHAPE)
    assert same_seven(picture)
    assert "only the first frame" in picture.remark


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture at all", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n", png(seven())[:150],
     b"%PDF-1.4", b"II*\0\x08\0\0\0\0\0", b"\xff\xd8\xff\xe0" + bytes(200), b"GIF89a" + bytes(9)],
)  # fmt: skip
def test_what_is_no_picture_is_refused_in_one_sentence(data):
    with pytest.raises(ImageError, match=r"known kind \(PNG, JPEG.*choose another one\.$"):
        uploaded(data, SHAPE)


def huge(width: int, height: int) -> bytes:
    """A PNG that promises a size and holds hardly anything."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(9000, 9000), (60_000, 60_000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(width, height):
    with pytest.raises(ImageError, match=r"pixels.*make it smaller"):
        uploaded(huge(width, height), SHAPE)


@pytest.mark.parametrize("shape", [(1, 50_000), (50_000, 1)])
def test_a_line_is_no_picture(shape):
    with pytest.raises(ImageError, match="a line of"):
        uploaded(png(np.tile(np.uint8([0, 255]), 25_000).reshape(shape)), SHAPE)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank_paper_is_asked_for_ink(level):
    with pytest.raises(ImageError, match="no ink in this picture"):
        uploaded(png(np.full((90, 80), level, np.uint8)), SHAPE)


def test_a_photograph_keeps_its_levels_and_loses_only_its_margins():
    ramp = np.tile(np.linspace(0, 255, 300).astype(np.uint8)[:, None], (1, 400))
    picture = uploaded(png(ramp), (28, 20), photograph=True)
    face = picture.grey.reshape(28, 20).astype(float)
    assert picture.remark == ""
    assert np.abs(np.diff(face.mean(1)) - 255 / 28).max() < 1.5  # the full height
    assert np.ptp(face, axis=1).max() <= 1


def test_a_data_set_s_own_digit_uploaded_as_it_is_comes_back(digits):
    digit = centred(seven(), SHAPE)
    again = uploaded(png(digit.reshape(SHAPE)), SHAPE).grey
    assert np.abs(again.astype(float) - digit).mean() < 2
