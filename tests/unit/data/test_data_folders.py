"""Folders and archives of pictures are the same data, and what a data set is does not depend on them."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from dataset_files import COLOUR, IMAGES, KERAS, LABELS, SPLIT, drawn, in_order, npy, npz, png, zip_of
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)

from vae_core.data import uploads, user_images
from vae_core.data.datasets import load_dataset
from vae_core.registry import DATA_SETS


def both(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """The same files as a folder and as an archive."""
    for name, content in files.items():
        path = folder / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "mine.zip").write_bytes(zip_of(files))
    return [folder / "mine", folder / "mine.zip"]


PLACES = {
    "classes": ({f"{k}/{n}.png": drawn(3 * n + k) for k in (2, 10, 1) for n in range(3)}, ("1", "2", "10"), None),
    "train and test": (SPLIT, ("0", "1", "2"), 6),
    "train, valid and test": (SPLIT | {"valid/2/9.png": drawn(29)}, ("0", "1", "2"), 6),
    "one folder around": ({f"my set/data/{name}": c for name, c in SPLIT.items()}, ("0", "1", "2"), 6),
    "capital letters": ({name.replace("t", "T", 1): c for name, c in SPLIT.items()}, ("0", "1", "2"), 6),
    "train and test without classes": ({f"{p}/{n}.png": drawn(n) for p in ("train", "test") for n in range(4)}, (), 4),
    "vehicles": ({f"{p}/{n}.png": drawn(n) for p in ("train", "bus") for n in range(4)}, ("bus", "train"), None),
    "by-files": (
        {f"a/{n}.png": drawn(n) for n in range(3)} | {f"b/{n}.png": drawn(n) for n in range(3)}
        | {"__MACOSX/a/._0.png": b"x", "Thumbs.db": b"x", "a/.DS_Store": b"x", "b/desktop.ini": b"x"}, ("a", "b"), None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_folder_and_an_archive_of_it_are_the_same_data(tmp_path, place):
    files, classes, test = PLACES[place]
    folder, archive = (load_dataset(path) for path in both(tmp_path, files))
    assert folder.fingerprint == archive.fingerprint
    assert folder.classes == archive.classes == classes
    assert folder.remark == archive.remark
    if test is not None:
        assert len(folder.test) == test
        assert f"the {test} pictures of its test folder" in folder.remark
    else:
        assert folder.remark == ""


def test_numbers_in_names_are_in_their_order(tmp_path):
    for path in both(tmp_path, {f"{n}.png": drawn(n) for n in range(12)}):
        assert np.array_equal(in_order(path)[0], IMAGES[:12])


def test_an_archive_with_backslashes_has_folders(tmp_path):
    files = {f"my\\{k}\\{n}.png": drawn(3 * n + k) for k in range(3) for n in range(3)} | {"my\\empty\\": b""}
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    assert load_dataset(tmp_path / "x.zip").classes == ("0", "1", "2")


def test_names_of_macos_are_read_as_utf_8_and_composed(tmp_path):
    class Unflagged(zipfile.ZipInfo):
        def _encodeFilenameFlags(self):
            return self.filename.encode(), self.flag_bits & ~0x800

    decomposed = ("gro\u0308ße", "cafe\u0301", "数字")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for k, name in enumerate(decomposed):
            for n in range(2):
                archive.writestr(Unflagged(f"{name}/{n}.png"), drawn(2 * k + n))
    assert load_dataset(tmp_path / "x.zip").classes == ("café", "größe", "数字")
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.namelist()[0].startswith("gro╠"), "the naive control"


def test_unreadable_pictures_are_named_together(tmp_path):
    files = {f"{n}.png": drawn(n) for n in range(20)} | {f"bad {n}.png": b"x" for n in range(7)}
    for path in both(tmp_path, files):
        said = refusal(path)
        assert "7 of 27 pictures" in said
        assert "bad 0.png, bad 1.png, bad 2.png, bad 3.png, bad 4.png and 2 more" in said


def test_colour_is_kept_and_grey_pictures_beside_it_have_three_equal_channels(tmp_path):
    for path in both(tmp_path, {f"{n}.png": png(COLOUR[n] if n else IMAGES[n]) for n in range(4)}):
        found, remark = in_order(path)
        assert np.array_equal(found[1:], COLOUR[1:4])
        assert np.array_equal(found[0], np.repeat(IMAGES[0][..., None], 3, -1))
        assert remark == ""


def test_far_too_dark_pictures_are_said(tmp_path):
    twelve = tmp_path / "twelve"
    twelve.mkdir()
    for n in range(4):
        (twelve / f"{n}.png").write_bytes(png(IMAGES[n].astype(np.uint16) * 16))
    found, remark = in_order(twelve)
    assert np.abs(found - IMAGES[:4] * (255 / IMAGES[:4].max())).max() <= 0.5, "no level is lost"
    assert "so all were made" in remark


@pytest.mark.parametrize("colour", [False, True])
def test_jpegs_of_three_channels_may_be_grey(tmp_path, colour):
    ramp = np.tile(np.linspace(0, 255, 32).astype(np.uint8), (32, 1))
    image = np.stack([ramp, ramp, ramp.T if colour else ramp], -1)
    for n in range(3):
        (tmp_path / f"{n}.jpg").write_bytes(png(np.roll(image, n, 1), "JPEG"))
    assert load_dataset(tmp_path).shape == ((32, 32, 3) if colour else (32, 32))


@pytest.mark.parametrize("packing", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_tiffs_are_pictures(tmp_path, packing):
    for n in range(4):
        (tmp_path / f"{n}.tif").write_bytes(png(IMAGES[n], "TIFF", compression=packing))
    assert np.array_equal(in_order(tmp_path)[0], IMAGES[:4])


@pytest.mark.parametrize(
    ("image", "packing", "said"),
    [(IMAGES[0], "jpeg", "packed by jpeg"), (IMAGES[0].astype(np.float32), "raw", "floating")],
)
def test_rare_tiffs_are_refused_by_name(tmp_path, image, packing, said):
    (tmp_path / "a.tif").write_bytes(png(image, "TIFF", compression=packing))
    (tmp_path / "b.png").write_bytes(drawn(1))
    assert said in refusal(tmp_path)


@pytest.mark.parametrize("name", DATA_SETS)
def test_a_file_or_folder_never_has_the_name_of_a_built_in_data_set(tmp_path, name):
    np.savez(tmp_path / f"{name}.npz", images=IMAGES)
    (tmp_path / name).write_bytes(npy(IMAGES))
    folder = tmp_path / "in" / name
    folder.mkdir(parents=True)
    for n in range(3):
        (folder / f"{n}.png").write_bytes(drawn(n))
    for path in (tmp_path / f"{name}.npz", tmp_path / name, folder):
        data = load_dataset(str(path))
        assert data.name not in DATA_SETS
        assert not data.name.startswith("own/")
        assert Path(data.name).stem == name, "what people read stays"


def test_ink_and_photographs_are_told_by_the_border(tmp_path):
    ink = np.zeros((20, 12, 12), np.uint8)
    ink[:, 3:9, 3:9] = some_images(20, 6, 6)
    assert not load_dataset(npz(tmp_path, images=ink)).photograph
    for seen in (np.maximum(ink, 60), 255 - ink, some_images(20, 12, 12)):
        assert load_dataset(npz(tmp_path, images=seen)).photograph
    assert not load_dataset("strokes").photograph
    assert not user_images.is_photograph(ink)


def test_a_wrong_guess_is_corrected_for_good(tmp_path):
    path = npz(tmp_path, images=some_images(20, 12, 12))
    with path.open("rb") as file:
        upload = uploads.keep("mine.npz", file)
    assert upload.photograph
    before = load_dataset(upload.name)
    uploads.call_photograph(upload.name, False)
    uploads.call_photograph("../../etc", False)
    (kept,) = uploads.kept()
    assert not kept.photograph
    after = load_dataset(upload.name)
    assert (before.photograph, after.photograph) == (True, False)
    assert before.fingerprint == after.fingerprint, "it is the same data"


def test_an_upload_keeps_the_test_part_of_its_file(tmp_path):
    with npz(tmp_path, **KERAS).open("rb") as file:
        upload = uploads.keep("keras.npz", file)
    data = load_dataset(upload.name)
    assert (upload.train, len(data.train), len(data.test)) == (30, 30, 7)
    with npz(tmp_path, images=np.concatenate([IMAGES, IMAGES[:7]]), labels=np.r_[LABELS, LABELS[:7]]).open(
        "rb"
    ) as file:
        other = uploads.keep("all.npz", file)
    assert other.name != upload.name, "the same images, divided in another way"
    assert other.train == 32
