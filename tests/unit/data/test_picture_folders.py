"""Folders of pictures: every kind of picture arrives as it looks, and what cannot be used is named."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_files import png_of
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)
from PIL import Image, ImageFile

from vae_core.data import image_folders
from vae_core.data.datasets import load_dataset


def pictures(folder: Path, count=7, size=(20, 24), suffix="png") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(some_images(count, size[1], size[0])):
        Image.fromarray(image).save(folder / f"{number:03}.{suffix}")
    return folder


def only(folder: Path, image: Image.Image, name="a.png", **options) -> np.ndarray:
    """How `image` arrives when it stands first in a folder, before a plain picture of the same size."""
    folder.mkdir()
    image.save(folder / name, **options)
    Image.fromarray(np.full(image.size[::-1], 77, np.uint8)).save(folder / "z.png")
    data = load_dataset(folder, split="chronological")
    return data.train[0].reshape(data.shape).numpy()


@pytest.mark.parametrize("suffix", ["png", "bmp", "webp", "gif", "jpg", "JPEG"])
def test_a_folder_of_pictures_of_each_kind(tmp_path, suffix):
    data = load_dataset(str(pictures(tmp_path / "mine", suffix=suffix)))
    assert (data.name, len(data.train), len(data.test), data.shape) == ("mine/", 6, 1, (24, 20))


def test_png_pixels_arrive_unchanged(tmp_path):
    data = load_dataset(pictures(tmp_path / "mine"), split="chronological")
    assert torch.equal(torch.cat([data.train, data.test]), torch.from_numpy(some_images(7, 24, 20)).flatten(1))
    assert data.remark == ""


def test_subfolders_are_labels(tmp_path):
    for name in ("dogs", "cats"):
        pictures(tmp_path / "mine" / name)
    (tmp_path / "mine" / "empty").mkdir()
    data = load_dataset(tmp_path / "mine", split="chronological")
    assert data.classes == ("cats", "dogs")
    assert data.train_labels.tolist() == [0] * 7 + [1] * 5


def test_mixed_sizes_become_one_and_the_remark_says_so(tmp_path):
    pictures(tmp_path / "mine", 3, (40, 30))
    Image.fromarray(some_images(1, 50, 45)[0]).save(tmp_path / "mine" / "x.png")
    data = load_dataset(tmp_path / "mine")
    assert data.shape == (30, 30)
    assert "30x30" in data.remark


def test_large_pictures_are_made_smaller_and_the_remark_says_so(tmp_path):
    data = load_dataset(pictures(tmp_path / "mine", 3, (200, 100)))
    assert data.shape == (32, 64)
    assert "made smaller to at most 64 pixels a side (3)" in data.remark


def test_other_files_are_ignored_and_counted(tmp_path):
    folder = pictures(tmp_path / "mine")
    (folder / "notes.txt").write_text("x")
    (folder / "x.svg").write_text("<svg/>")
    (folder / ".DS_Store").write_text("x")
    data = load_dataset(folder)
    assert len(data.train) + len(data.test) == 7
    assert "other files are ignored: " in data.remark


def test_a_turned_photograph_stands_upright(tmp_path):
    falling = np.repeat(np.arange(12, dtype=np.uint8)[:, None], 12, axis=1)
    exif = Image.Exif()
    exif[274] = 6  # to be turned clockwise
    assert only(tmp_path / "mine", Image.fromarray(falling), exif=exif)[0].tolist() == list(range(11, -1, -1))
    with Image.open(tmp_path / "mine" / "a.png") as image:
        assert np.array_equal(np.asarray(image), falling)  # the naive control lies on its side


def test_transparent_parts_are_white(tmp_path):
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:, 4:, 3] = 255  # right half: opaque black
    arrived = only(tmp_path / "mine", Image.fromarray(pixels))
    assert arrived[0].tolist() == [255] * 4 + [0] * 4


def test_a_palette_with_transparency_is_understood(tmp_path):
    image = Image.fromarray(np.array([[0, 1]] * 2, np.uint8).repeat(4, 0).repeat(4, 1)).convert("P")
    image.putpalette([0, 0, 0, 100, 100, 100])
    arrived = only(tmp_path / "mine", image, transparency=bytes([0, 255]))
    assert arrived[0].tolist() == [255] * 4 + [100] * 4


def test_sixteen_bits_become_eight_without_clipping(tmp_path):
    deep = np.linspace(0, 65535, 64).reshape(8, 8).astype(np.uint16)
    arrived = only(tmp_path / "mine", Image.fromarray(deep))
    assert np.abs(arrived - deep / 257).max() <= 0.5
    with Image.open(tmp_path / "mine" / "a.png") as image:
        naive = np.asarray(image.convert("L"))
    assert np.abs(naive - deep / 257).max() > 200  # the naive control clips


def test_of_an_animation_only_the_first_frame_is_used_and_the_remark_says_so(tmp_path):
    frames = [Image.fromarray(np.full((8, 8), grey, np.uint8)) for grey in (10, 200)]
    (tmp_path / "mine").mkdir()
    frames[0].save(tmp_path / "mine" / "a.gif", save_all=True, append_images=frames[1:])
    frames[1].save(tmp_path / "mine" / "b.png")
    data = load_dataset(tmp_path / "mine", split="chronological")
    assert data.train.unique().tolist() == [10]
    assert "only the first frame is used (1)" in data.remark


@pytest.mark.parametrize("side", [9000, 10_000, 30_000])  # Pillow says nothing, warns, refuses
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path, monkeypatch, side):
    folder = pictures(tmp_path / "mine")
    (folder / "big.png").write_bytes(png_of(side, side, rows=10))
    decode = ImageFile.ImageFile.load

    def load(image):
        assert image.width < 9000, "decoded"
        return decode(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    sentence = refusal(folder)
    assert "big.png" in sentence
    assert "make it smaller" in sentence


def test_pillow_alone_decodes_81_million_pixels_without_a_warning():
    with Image.open(io.BytesIO(png_of(9000, 9000))) as image:
        assert np.asarray(image).size == 81_000_000  # the naive control


BAD_PICTURES = {
    "text": b"hello",
    "empty": b"",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "tiff in disguise": b"II*\0\x08\0\0\0\0\0",
    "truncated": png_of(20, 24)[:-25],
    "flipped": png_of(20, 24).replace(b"IDAT", b"IDAU"),
}


@pytest.mark.parametrize("bad", BAD_PICTURES)
def test_a_file_that_is_no_picture_is_named(tmp_path, bad):
    folder = pictures(tmp_path / "mine")
    (folder / "bad.png").write_bytes(BAD_PICTURES[bad])
    sentence = refusal(folder)
    assert str(folder / "bad.png") in sentence
    assert "repair or remove" in sentence


def test_a_folder_without_pictures_with_one_or_with_equal_ones(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    assert "no pictures" in refusal(folder)
    (folder / "x.txt").write_text("x")
    assert "no pictures" in refusal(folder)
    pictures(folder, 1)
    assert "one image" in refusal(folder)
    for name in ("a", "b"):
        (folder / f"{name}.png").write_bytes((folder / "000.png").read_bytes())
    assert "alike" in refusal(folder)


def test_pictures_beside_and_inside_subfolders_are_ambiguous(tmp_path):
    pictures(tmp_path / "mine")
    pictures(tmp_path / "mine" / "cats")
    assert "beside and inside" in refusal(tmp_path / "mine")


def test_a_line_of_fifty_thousand_pixels_is_too_thin_to_be_an_image(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.png").write_bytes(png_of(50_000, 1))
    assert "1x64" in refusal(folder)


def test_too_many_pictures_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(image_folders, "MANY", 5)
    assert "at most 5" in refusal(pictures(tmp_path / "mine"))


def test_a_link_to_the_folder_itself_is_not_followed(tmp_path):
    (pictures(tmp_path / "mine" / "a", 3) / "up").symlink_to("..")
    data = load_dataset(tmp_path / "mine")
    assert len(data.train) + len(data.test) == 3


def test_what_lies_there_instead_of_pictures_is_named(tmp_path):
    for n in range(3):
        (tmp_path / f"IMG_{n}.HEIC").write_bytes(b"x")
    assert "no pictures in" in refusal(tmp_path)
    assert "but .heic files" in refusal(tmp_path)
