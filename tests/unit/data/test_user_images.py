"""The user's own data: what is understood, and one plain sentence for each thing that is not."""

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)
from PIL import Image, ImageFile

from vae_core.data import array_files, image_folders, uploads
from vae_core.data.datasets import DatasetError, load_dataset


def npz(folder: Path, **arrays) -> Path:
    path = folder / "mine.npz"
    np.savez(path, **arrays)
    return path


def test_a_npz_of_images_and_labels(tmp_path):
    images, labels = some_images(70), np.arange(70) % 3 + 5
    data = load_dataset(str(npz(tmp_path, images=images, labels=labels)), split="chronological")
    assert (data.name, len(data.train), len(data.test), data.shape) == ("mine.npz", 60, 10, (6, 5))
    assert torch.equal(data.test, torch.from_numpy(images[60:]).flatten(1))
    assert data.classes == ("5", "6", "7")
    assert data.train_labels[:4].tolist() == [0, 1, 2, 0]
    assert load_dataset(data.source, split="chronological").fingerprint == data.fingerprint


def test_the_standard_split_is_shuffled_once_and_for_all(tmp_path):
    path = npz(tmp_path, images=some_images(70))
    first, again = load_dataset(str(path)), load_dataset(path)
    assert torch.equal(first.test, again.test)
    assert first.fingerprint != load_dataset(path, split="chronological").fingerprint


@pytest.mark.parametrize(
    "images",
    [
        (some_images() / 255.0).astype(np.float64),
        (some_images() / 255.0).astype(np.float32),
        (some_images() / 255.0).astype(">f4"),
        np.asfortranarray(some_images()),
        some_images()[..., None],
    ],
)
def test_floats_big_endian_numbers_and_a_channel_axis_are_understood(tmp_path, images):
    data = load_dataset(npz(tmp_path, pictures=images), split="chronological")
    assert torch.equal(torch.cat([data.train, data.test]), torch.from_numpy(some_images()).flatten(1))


def test_booleans_are_black_and_white(tmp_path):
    data = load_dataset(npz(tmp_path, images=some_images() > 127))
    assert data.train.unique().tolist() == [0, 255]


def with_value(value) -> np.ndarray:
    images = some_images() / 255.0
    images[3, 2, 1] = value
    return images


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"images": with_value(np.nan)}, "not finite"),
        ({"images": with_value(np.inf)}, "not finite"),
        ({"images": with_value(-0.01)}, "-0.01"),
        ({"images": with_value(255.0)}, r"\[0, 1\]"),
        ({"images": some_images().astype(np.int64) * 300}, "from 0 to 76500"),
        ({"images": some_images().astype(np.int64) - 128}, "-128 to 127"),
        ({"images": some_images().astype(complex)}, "complex128"),
        ({"images": some_images().astype("U3")}, "<U3"),
        ({"images": some_images()[:0]}, "no image"),
        ({"images": some_images()[:1]}, "one image"),
        ({"images": np.full((5, 6, 5), 7, np.uint8)}, "alike"),
        ({"images": np.repeat(some_images()[:1], 5, axis=0)}, "alike"),
        ({"images": some_images(4, 129, 5)}, "129x5"),
        ({"images": some_images(4, 6, 1)}, "6x1"),
        ({"images": some_images(4, 6, 0)}, "6x0"),
        ({"images": some_images().reshape(12, 30)}, r"shape \(12, 30\)"),
        ({"images": np.stack([some_images()] * 4, axis=-1)}, r"shape \(12, 6, 5, 4\)"),
        ({"x_train": some_images(), "x_test": some_images(3, 7, 5)}, "do not belong together"),
        ({"x_train": some_images(), "x_test": some_images()[:0]}, "no image"),
        (
            {"x_train": some_images(), "y_train": np.arange(11), "x_test": some_images(), "y_test": np.arange(12)},
            "labels",
        ),
        ({"images": np.uint8(3)}, "shape"),
        ({"a": some_images(), "b": some_images()}, r"a \(12, 6, 5\), b \(12, 6, 5\).*call them images and labels"),
        ({}, "none"),
        ({"images": some_images(), "labels": np.arange(11)}, "labels"),
        ({"images": some_images(), "labels": np.linspace(0, 1, 12)}, "float64"),
        ({"images": some_images(), "labels": np.ones((12, 3), int)}, "one per image"),
        ({"images": some_images(), "labels": np.eye(12)[:, :11]}, "one per image"),
        ({"images": some_images(300), "labels": np.arange(300)}, "300 different labels"),
    ],
)
def test_each_strange_npz_gets_its_own_sentence(tmp_path, arrays, said):
    path = npz(tmp_path, **arrays)
    sentence = refusal(path)
    assert str(path) in sentence
    with pytest.raises(DatasetError, match=said):
        load_dataset(path)


class Bomb:
    """What a pickle in an object array would run."""

    def __reduce__(self):
        return exec, ("import os; os.environ['VAE_BOMB'] = 'went off'",)


@pytest.mark.parametrize("key", ["images", "labels"])
def test_python_objects_in_a_npz_are_never_opened(tmp_path, monkeypatch, key):
    monkeypatch.delenv("VAE_BOMB", raising=False)
    objects = np.array([Bomb()] * 12, dtype=object)
    path = npz(tmp_path, **({"images": some_images()} | {key: objects}))
    assert "Python objects" in refusal(path)
    assert "VAE_BOMB" not in os.environ
    monkeypatch.setenv("VAE_BOMB", "not yet")
    with np.load(path, allow_pickle=True) as archive:
        archive[key]
    assert os.environ["VAE_BOMB"] == "went off"  # the naive control


def zipped(path: Path, content: bytes, key="images", method=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(f"{key}.npy", content)
    return path


def npy_header(shape, dtype="|u1") -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": dtype, "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def test_a_zip_bomb_is_refused_by_its_header_before_it_is_unpacked(tmp_path, monkeypatch):
    path = zipped(tmp_path / "bomb.npz", npy_header((1_000_000, 28, 28)) + bytes(1_000_000))
    monkeypatch.setattr(np.lib.format, "read_array", None)  # would fail if it were called
    assert "748 MB" in refusal(path)


def test_numpy_alone_would_unpack_a_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(array_files, "LIMIT", 1_000_000)
    path = zipped(tmp_path / "bomb.npz", npy_header((5000, 28, 28)) + bytes(5000 * 784))
    assert path.stat().st_size < 10_000
    with np.load(path) as archive:
        assert archive["images"].nbytes == 3_920_000  # the naive control
    assert "use fewer" in refusal(path)


NPZ_HARM = {
    "truncated": lambda good: good[:-30],
    "flipped": lambda good: good[:300] + bytes([good[300] ^ 1]) + good[301:],
    "empty": lambda good: b"",
    "text": lambda good: b"images,labels\n",
    "npy": lambda good: npy_header((2, 2, 2)) + bytes(8),
}


@pytest.mark.parametrize("harm", NPZ_HARM)
def test_a_damaged_npz_is_named(tmp_path, harm):
    path = npz(tmp_path, images=some_images())
    path.write_bytes(NPZ_HARM[harm](path.read_bytes()))
    assert f"{path} is damaged" in refusal(path)


@pytest.mark.parametrize(
    "content",
    [
        npy_header((12, 6, 5)) + bytes(359),  # too little
        npy_header((12, 6, 5)) + bytes(361),  # too much
        npy_header((-12, -6, 5)) + bytes(360),
        npy_header((-12, 6, 5)) + bytes(360),
        b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b" " * 1000,  # a header without end
        b"\x93NUMPY\x09\x00" + b" " * 100,
        b"no array",
        b"",
    ],
)
def test_an_entry_that_lies_about_itself_is_refused(tmp_path, content):
    assert "damaged" in refusal(zipped(tmp_path / "x.npz", content))


def test_another_kind_of_file_is_refused(tmp_path):
    (tmp_path / "x.pt").write_bytes(b"whatever")
    assert "neither a .npz" in refusal(tmp_path / "x.pt")


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
    assert "other files are ignored (2)" in data.remark


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


def png_of(width: int, height: int, rows: int | None = None) -> bytes:
    """A tiny PNG of many black pixels, or one that promises more rows than it has."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    lines = zlib.compress(bytes((-(-width // 8) + 1) * (height if rows is None else rows)), 9)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


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


def packed(path: Path, files: dict[str, bytes], method=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def png(seed: int, height=24, width=20) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(some_images(1, height, width, seed)[0]).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("top", ["", "mine/", "a/b/"])
def test_a_zip_of_pictures_is_read_as_the_folder_in_it_would_be(tmp_path, top):
    files = {f"{top}{name}/{k}.png": png(10 * k + len(name)) for k in range(4) for name in ("cats", "dog")}
    more = {f"{top}notes.txt": b"x", f"__MACOSX/{top}cats/._0.png": b"x", f"{top}cats/.hidden.png": b"x"}
    data = load_dataset(packed(tmp_path / "mine.zip", files | more), split="chronological")
    for name, content in files.items():
        (tmp_path / "folder" / name.removeprefix(top)).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name.removeprefix(top)).write_bytes(content)
    folder = load_dataset(tmp_path / "folder", split="chronological")
    assert data.fingerprint == folder.fingerprint
    assert data.classes == ("cats", "dog")
    assert "other files are ignored (1)" in data.remark


def test_a_zip_of_pictures_in_one_folder_has_no_labels(tmp_path):
    data = load_dataset(packed(tmp_path / "mine.zip", {f"all/{k}.png": png(k) for k in range(5)}))
    assert (len(data.train) + len(data.test), data.train_labels, data.shape) == (5, None, (24, 20))


def test_a_zip_bomb_of_a_picture_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = packed(tmp_path / "bomb.zip", {"a.png": png(0), "b.png": bytes(60 * 2**20)})
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "read", None)  # would fail if it were called
    assert "b.png" in refusal(path)
    assert "unpacks to 60 MB" in refusal(path)


def test_a_picture_of_too_many_pixels_in_a_zip_is_refused(tmp_path):
    assert "make it smaller" in refusal(packed(tmp_path / "x.zip", {"a.png": png(0), "b.png": png_of(9000, 9000, 10)}))


def test_names_in_a_zip_never_become_paths(tmp_path):
    outside = {f"/evil/{k}.png": png(k) for k in range(3)}
    assert len(load_dataset(packed(tmp_path / "x.zip", outside)).train) == 2
    assert "no pictures" in refusal(packed(tmp_path / "y.zip", {f"../../evil/{k}.png": png(k) for k in range(3)}))
    assert not list(tmp_path.parent.rglob("evil"))


ZIP_HARM = {
    "text": lambda good: b"hello",
    "empty": lambda good: b"",
    "truncated": lambda good: good[:-40],
    "flipped": lambda good: good[:200] + bytes([good[200] ^ 1]) + good[201:],
    "crowded": lambda good: b"PK\x01\x02" * 300_000,
}


@pytest.mark.parametrize("harm", ZIP_HARM)
def test_a_damaged_zip_is_named(tmp_path, harm):
    path = packed(tmp_path / "x.zip", {f"{k}.png": png(k) for k in range(4)})
    path.write_bytes(ZIP_HARM[harm](path.read_bytes()))
    assert str(path) in refusal(path)


def test_a_zip_with_nothing_of_use_gets_a_sentence(tmp_path):
    assert "no pictures" in refusal(packed(tmp_path / "a.zip", {"x.txt": b"x"}))
    assert "beside and inside" in refusal(packed(tmp_path / "b.zip", {"x.png": png(0), "in/y.png": png(1)}))
    assert "one image" in refusal(packed(tmp_path / "c.zip", {"x.png": png(0)}))
    assert "x.png" in refusal(packed(tmp_path / "d.zip", {"x.png": b"<svg/>", "y.png": png(1)}))


def in_memory(**arrays) -> io.BytesIO:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    buffer.seek(0)
    return buffer


def test_an_upload_is_a_data_set_by_its_content_now_and_after_a_restart():
    arrays = {"images": some_images(70), "labels": np.arange(70) % 3}
    upload = uploads.keep("my digits.npz", in_memory(**arrays))
    again = uploads.keep("another name.npz", in_memory(**arrays))
    assert again == upload, "the same content is the same data set"
    assert uploads.kept() == [upload], "read from the disk"
    data = load_dataset(upload.name)
    assert (data.name, data.source) == (upload.name, upload.name)
    assert load_dataset(data.source).fingerprint == data.fingerprint
    assert Path(data.name).stem == "my digits"
    assert data.classes == ("0", "1", "2")
    assert sorted([len(data.train), len(data.test)]) == [10, 60]
    other = uploads.keep("my digits.npz", in_memory(images=some_images(70, seed=1)))
    assert other.name != upload.name


def test_an_upload_has_the_images_of_the_file(tmp_path):
    images = some_images(70)
    upload = uploads.keep("x.npz", in_memory(images=images))
    data = load_dataset(upload.name, split="chronological")
    assert torch.equal(torch.cat([data.train, data.test]), torch.from_numpy(images).flatten(1))
    pictures_zip = packed(tmp_path / "x.zip", {f"{k}.png": png(k) for k in range(5)})
    with pictures_zip.open("rb") as file:
        assert uploads.keep("x.zip", file).count == 5


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("digits.npz", "digits.npz"),
        ("../../etc/passwd.npz", "passwd.npz"),
        ("C:\\me\\digits.npz", "digits.npz"),
        ("<b>x<b> **y**.npz", "-b-x-b- --y--.npz"),
        ("\u202egnp.sti\u0000gid.npz", "gnp.stigid.npz"),
        ("numbers 🎉 ziffern-äöü.npz", "numbers 🎉 ziffern-äöü.npz"),
        ("x" * 300 + ".npz", "x" * 56 + ".npz"),
    ],
)
def test_the_name_of_an_upload_is_plain_text(file, shown):
    upload = uploads.keep(file, in_memory(images=some_images()))
    assert upload.file == shown
    assert load_dataset(upload.name).name == upload.name


def test_what_cannot_be_used_is_refused_by_its_own_name_and_nothing_is_kept():
    with pytest.raises(DatasetError, match=r"^odd\.npz has values that are not finite"):
        uploads.keep("odd.npz", in_memory(images=with_value(np.nan)))
    with pytest.raises(DatasetError, match=r"^odd\.txt is neither"):
        uploads.keep("odd.txt", io.BytesIO(b"x"))
    assert uploads.kept() == []


@pytest.mark.parametrize(
    "name", ["own/" + "0" * 24 + "/x.npz", "own/" + "f" * 24 + "/../../x", "own/" + "a" * 24 + "/"]
)
def test_an_upload_that_is_not_here_gets_a_sentence(name):
    assert "upload its file again" in refusal(name)


def test_an_upload_that_was_altered_on_the_disk_is_never_used():
    upload = uploads.keep("x.npz", in_memory(images=some_images()))
    (path,) = uploads.folder().glob("*.safetensors")
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    assert "damaged here" in refusal(upload.name)


def test_a_removed_upload_is_gone():
    upload = uploads.keep("x.npz", in_memory(images=some_images()))
    uploads.forget(upload.name)
    uploads.forget("../../etc")
    assert uploads.kept() == []
    assert list(uploads.folder().iterdir()) == []
    assert "upload its file again" in refusal(upload.name)
