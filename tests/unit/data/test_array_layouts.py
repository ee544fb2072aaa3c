"""Data as other programs write them: each layout is read, and what was done to the numbers is said."""

import contextlib
import gzip
import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)
from PIL import Image

from vae_core.data import array_files, array_layouts, uploads, user_images
from vae_core.data.datasets import DatasetError, load_dataset
from vae_core.registry import DATA_SETS

IMAGES = some_images(30, 8, 8)
LABELS = np.arange(30) % 3
COLOUR = np.stack([some_images(30, 8, 8, seed) for seed in range(3)], -1)
DARK = np.minimum(IMAGES, 16)


def luma(colour: np.ndarray) -> np.ndarray:
    return np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in colour])


def npz(folder: Path, **arrays) -> Path:
    path = folder / "mine.npz"
    np.savez(path, **arrays)
    return path


def in_order(path) -> tuple[np.ndarray, str]:
    """All images in their own order, and the remark."""
    data = load_dataset(path, split="chronological")
    return torch.cat([data.train, data.test]).reshape(-1, *data.shape).numpy(), data.remark


# -- shapes, types and scales ------------------------------------------------------------------------------------------

SAME = "numbers up to 255 were read as grey levels"
LEVELS = {
    "int64": (IMAGES.astype(np.int64), IMAGES, SAME),
    "big-endian int32": (IMAGES.astype(">i4"), IMAGES, SAME),
    "float32 from 0 to 255": (IMAGES.astype(np.float32), IMAGES, SAME),
    "float16 from 0 to 1": ((IMAGES / 255).astype(np.float16), IMAGES, ""),
    "Fortran order, reversed": (np.asfortranarray(IMAGES)[:, ::-1], IMAGES[:, ::-1], ""),
    "both signs": (IMAGES.astype(np.float32) / 127.5 - 1, IMAGES, "from −1 to 1 were read as black to white"),
    "minus one and one": (np.where(IMAGES > 127, 1, -1), np.where(IMAGES > 127, 255, 0), "from −1 to 1"),
    "0 and 1": ((IMAGES > 127).astype(np.uint8), np.where(IMAGES > 127, 255, 0), "read as black and white"),
    "bool": (IMAGES > 127, np.where(IMAGES > 127, 255, 0), ""),
    "divided by 255 twice": (IMAGES / 255.0 / 255.0, IMAGES, "was 0.003922 of 1, so all were made 255 times as bright"),
    "levels 0 to 16": (DARK, np.rint(DARK * (255 / 16)), "was 16 of 255, so all were made 15.9 times as bright"),
    "the same as floats": (DARK.astype(float), np.rint(DARK * (255 / 16)), "was 16 of 255"),
    "16 bits": (IMAGES.astype(np.uint16) * 257, IMAGES, "up to 65,535 were read as 16 bits"),
    "12 bits in 16": (IMAGES.astype(np.uint16) * 16, IMAGES, "was 4080 of 65,535, so all were made 16.1 times"),
    "flat": (IMAGES.reshape(30, 64), IMAGES, "rows of 64 numbers were read as images of 8x8"),
    "(N, 1, H, W)": (IMAGES[:, None], IMAGES, ""),
    "(N, H, W, 1)": (IMAGES[..., None], IMAGES, ""),
    "(N, H, W, 3)": (COLOUR, luma(COLOUR), "colour was made grey"),
    "(N, 3, H, W)": (np.moveaxis(COLOUR, -1, 1), luma(COLOUR), "colour was made grey"),
    "floats in colour": (COLOUR / 255.0, luma(COLOUR), "colour was made grey"),
    "three equal channels": (np.stack([IMAGES] * 3, -1), IMAGES, "three equal channels were read as one"),
}


@pytest.mark.parametrize("layout", LEVELS)
def test_the_same_pixels_arrive_from_each_way_to_write_them(tmp_path, layout):
    given, expected, said = LEVELS[layout]
    found, remark = in_order(npz(tmp_path, images=given))
    assert np.array_equal(found, expected)
    assert (said in remark) if said else remark == ""


def test_an_image_number_on_the_last_axis_is_found(tmp_path):
    many = some_images(200, 8, 8)
    found, remark = in_order(npz(tmp_path, images=np.moveaxis(many, 0, -1)))
    assert np.array_equal(found, many)
    assert "last axis" in remark


def test_parts_share_one_scale(tmp_path):
    bright, dim = IMAGES.astype(float), np.minimum(IMAGES, 20).astype(float)
    data = load_dataset(npz(tmp_path, x_train=bright, x_test=dim))
    assert data.test.max() == 20


@pytest.mark.parametrize("brightest", [31, 32])
def test_what_is_dim_and_not_far_too_dark_stays_as_it_is(tmp_path, brightest):
    found, remark = in_order(npz(tmp_path, images=np.minimum(IMAGES, brightest)))
    assert found.max() == (255 if brightest < array_layouts.DIM else brightest)
    assert bool(remark) == (brightest < array_layouts.DIM)


# -- names of arrays ---------------------------------------------------------------------------------------------------

KERAS = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:7], "y_test": LABELS[:7]}


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("X_train", "Y_train", "X_test", "Y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("trainX", "trainY", "testX", "testY"),
        ("xtrain", "ytrain", "xtest", "ytest"),
        ("XTrain", "YTrain", "XTest", "YTest"),
        ("train_x", "train_y", "test_x", "test_y"),
        ("images-train", "labels-train", "images-test", "labels-test"),
        ("Xtr", "Ytr", "Xte", "Yte"),
        ("train", "train_labels", "test", "test_labels"),
    ],
)
def test_a_given_test_part_is_kept(tmp_path, names):
    data = load_dataset(npz(tmp_path, **dict(zip(names, KERAS.values(), strict=True))))
    assert torch.equal(data.train, torch.from_numpy(IMAGES).flatten(1)), "in its own order"
    assert torch.equal(data.test, torch.from_numpy(IMAGES[:7]).flatten(1))
    assert data.train_labels.tolist() == LABELS.tolist()
    assert data.test_labels.tolist() == LABELS[:7].tolist()
    assert data.classes == ("0", "1", "2")
    assert data.remark == "its 7 test images are kept as the test images"
    assert "its split is standard" in refusal(data.source, split="random")


@pytest.mark.parametrize(
    "names", [("images", "labels"), ("X", "y"), ("x", "targets"), ("data", "target"), ("imgs", "y")]
)
def test_images_and_labels_by_their_usual_names(tmp_path, names):
    data = load_dataset(npz(tmp_path, **dict(zip(names, (IMAGES, LABELS), strict=True))), split="chronological")
    assert data.train_labels.tolist() == LABELS[:26].tolist()
    assert (len(data.train), len(data.test), data.remark) == (26, 4, "")


def test_medmnist_has_a_validation_part_and_columns_of_labels(tmp_path):
    arrays = {"train_images": IMAGES, "val_images": IMAGES[::-1], "test_images": IMAGES[:5]}
    arrays |= {name.replace("images", "labels"): LABELS[: len(a), None] for name, a in arrays.items()}
    data = load_dataset(npz(tmp_path, **arrays))
    assert (len(data.train), len(data.test)) == (60, 5)
    watched = data.training(30)[1]
    assert torch.equal(watched, torch.from_numpy(IMAGES[::-1].copy()).flatten(1)), "the last of the training images"
    assert "its 30 validation images are the last of the training images" in data.remark


@pytest.mark.parametrize("named", [(1, "square"), (2, "ellipse")])
def test_dsprites_brings_its_factors(tmp_path, named):
    kind, shape = named
    values = np.random.default_rng(0).random((30, 6))
    values[:, 1] = 3
    values[::2, 1] = kind
    objects = np.array({"a": 1}, dtype=object)
    arrays = {"imgs": (IMAGES > 127).astype(np.uint8), "latents_values": values, "metadata": objects}
    path = npz(tmp_path, **arrays, latents_classes=np.zeros((30, 6), int))
    data = load_dataset(path, split="chronological")
    assert data.factors.names == ("colour", "shape", "scale", "orientation", "x", "y")
    assert torch.equal(data.factors.test, torch.from_numpy(values[26:].astype(np.float32)))
    assert data.classes == (shape, "heart")
    shuffled = load_dataset(path)
    order = [(data.train if k < 26 else data.test)[k - 26 * (k >= 26)] for k in range(30)]
    found = next(k for k in range(30) if torch.equal(order[k], shuffled.test[0]))
    assert torch.equal(shuffled.factors.test[0], torch.from_numpy(values[found].astype(np.float32)))
    with path.open("rb") as file:
        upload = uploads.keep("dsprites.npz", file)
    again = load_dataset(upload.name, split="chronological")
    assert again.factors.names == data.factors.names
    assert torch.equal(again.factors.train, data.factors.train)


def test_the_only_array_that_can_be_images_is_taken_and_the_rest_is_named(tmp_path):
    data = load_dataset(npz(tmp_path, arr_0=IMAGES, arr_1=LABELS))
    assert data.train_labels is None
    assert data.remark == "the arrays arr_1 were not used; call arr_1 labels if it holds them"


# -- labels ------------------------------------------------------------------------------------------------------------

WORDS = np.array(["ten", "two", "a"])
NUMBERED = {
    "numbers with gaps": (np.array([5, 7, 9])[LABELS], ("5", "7", "9")),
    "more than nine": (np.array([2, 10, 1])[LABELS], ("1", "2", "10")),
    "negative": (np.array([-1, 0, 1])[LABELS], ("-1", "0", "1")),
    "texts": (WORDS[LABELS], ("a", "ten", "two")),
    "texts of numbers": (np.array(["10", "2", "1"])[LABELS], ("1", "2", "10")),
    "numbers in texts": (np.array(["class 10", "class 9", "b"])[LABELS], ("b", "class 9", "class 10")),
    "bytes": (WORDS.astype("S5")[LABELS], ("a", "ten", "two")),
    "umlauts": (np.array(["größe".encode(), b"gr\xf6\xdfer", b"x"])[LABELS], ("größe", "größer", "x")),
    "whole floats": (np.array([5.0, 7.0, 9.0])[LABELS], ("5", "7", "9")),
    "a column": (np.array([5, 7, 9])[LABELS][:, None], ("5", "7", "9")),
    "one-hot": (np.eye(3)[LABELS], ("0", "1", "2")),
    "one-hot of bools": (np.eye(4, dtype=bool)[LABELS + 1], ("1", "2", "3")),
    "bool": (LABELS == 1, ("False", "True")),
}


@pytest.mark.parametrize("kind", NUMBERED)
def test_labels_keep_their_names_in_natural_order(tmp_path, kind):
    labels, classes = NUMBERED[kind]
    data = load_dataset(npz(tmp_path, images=IMAGES, labels=labels), split="chronological")
    assert data.classes == classes
    first = [data.train_labels.tolist().index(k) for k in range(len(classes))]
    groups = LABELS == 1 if kind == "bool" else LABELS
    assert len({bool(groups[i]) if kind == "bool" else int(groups[i]) for i in first}) == len(classes)
    if kind in ("more than nine", "texts of numbers"):
        assert data.train_labels[:3].tolist() == ([1, 2, 0] if kind == "more than nine" else [2, 1, 0])


# -- files -------------------------------------------------------------------------------------------------------------


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def table(header: str = "", labels=None, delimiter=",") -> bytes:
    rows = [list(map(str, image.ravel())) for image in IMAGES]
    rows = rows if labels is None else [[str(label), *row] for label, row in zip(labels, rows, strict=True)]
    return (header + "\n".join(delimiter.join(row) for row in rows) + "\n").encode()


def parquet(**columns) -> bytes:
    import pyarrow
    from pyarrow import parquet

    buffer, metadata = io.BytesIO(), columns.pop("metadata", None)
    made = pyarrow.table(columns)
    parquet.write_table(made.replace_schema_metadata(metadata) if metadata else made, buffer)
    return buffer.getvalue()


def png(image: np.ndarray, kind="PNG", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, **options)
    return buffer.getvalue()


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


PIXELS = ",".join(f"pixel{k}" for k in range(64))
FACES = {b"huggingface": json.dumps({"info": {"features": {"label": {"names": ["cat", "dog", "eel"]}}}}).encode()}
STORED = [{"bytes": png(image), "path": f"{k}.png"} for k, image in enumerate(IMAGES)]
FILES = {
    "a.npy": (npy(IMAGES), ()),
    "a.idx3-ubyte": (idx(IMAGES), ()),
    "own-images-idx3-ubyte.gz": (gzip.compress(idx(IMAGES)), ()),
    "kaggle.csv": (table(f"label,{PIXELS}\n", LABELS), ("0", "1", "2")),
    "kaggle.csv.gz": (gzip.compress(table(f"label,{PIXELS}\n", LABELS)), ("0", "1", "2")),
    "unlabelled.csv": (table(f"{PIXELS}\n"), ()),
    "without a header.csv": (table("", LABELS), ("0", "1", "2")),
    "nothing but pixels.csv": (table(), ()),
    "words.csv": (table(f"class,{PIXELS}\n", np.array(["cat", "dog", "eel"])[LABELS]), ("cat", "dog", "eel")),
    "semicolons.csv": (table(f"label;{PIXELS.replace(',', ';')}\n", LABELS, ";"), ("0", "1", "2")),
    "bom.csv": (b"\xef\xbb\xbf" + table(f"label,{PIXELS}\n", LABELS), ("0", "1", "2")),
    "pandas.csv": (table(f",{','.join(map(str, range(64)))}\n", range(30)), ()),
    "a.parquet": (parquet(image=STORED, label=LABELS.tolist()), ("0", "1", "2")),
    "named.parquet": (parquet(image=STORED, label=LABELS.tolist(), metadata=FACES), ("cat", "dog", "eel")),
    "bytes.parquet": (parquet(img=[each["bytes"] for each in STORED], target=["x", "y", "z"] * 10), ("x", "y", "z")),
    "pixels.parquet": (parquet(pixels=[image.ravel().tolist() for image in IMAGES]), ()),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("way", ["path", "upload"])
def test_a_file_of_each_kind_is_read(tmp_path, name, way):
    content, classes = FILES[name]
    (tmp_path / name).write_bytes(content)
    source = tmp_path / name if way == "path" else uploads.keep(name, io.BytesIO(content)).name
    data = load_dataset(source, split="chronological")
    assert torch.equal(torch.cat([data.train, data.test]), torch.from_numpy(IMAGES).flatten(1))
    assert data.classes == classes
    if classes:
        assert data.train_labels.tolist() == LABELS[:26].tolist()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("around", ["", "raw/"])
def test_a_folder_of_idx_files_is_read_by_their_names(tmp_path, packed, around):
    names = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
    for name, array in zip(names, KERAS.values(), strict=True):
        path = tmp_path / "set" / around / (name + ".gz" * packed)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    data = load_dataset(tmp_path / "set")
    assert torch.equal(data.test, torch.from_numpy(IMAGES[:7]).flatten(1))
    assert data.test_labels.tolist() == LABELS[:7].tolist()


def test_emnist_is_stood_upright(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "emnist-letters-train-images-idx3-ubyte").write_bytes(idx(IMAGES.transpose(0, 2, 1)))
    assert np.array_equal(in_order(tmp_path / "set")[0], IMAGES)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.csv", b"", "no rows of pixels"),
        ("x.csv", b"a,b\n1,2\n", "a column for each pixel is needed"),
        ("x.csv", table(f"label,{PIXELS}\n", LABELS)[:-20], "no table of numbers"),
        ("x.csv", table(f"label,{PIXELS}\n", LABELS).replace(b"\n1,", b"\n1,x", 1), "no table of numbers"),
        ("x.csv", f"label,{PIXELS}\n".encode(), "no rows of pixels"),
        ("x.csv", b'"' + b"x" * 200_000 + b'",1\n', "no table of numbers"),
        ("x.npy", npy(IMAGES)[:-9], "damaged"),
        ("x.npy", b"hello", "damaged"),
        ("x.parquet", b"hello", "damaged"),
        ("x.parquet", parquet(image=STORED)[:-30], "damaged"),
        ("x.parquet", parquet(a=[1, 2], b=[3, 4]), "has the columns a, b"),
        ("x.parquet", parquet(image=[1, 2]), "holds no picture"),
        ("x.parquet", parquet(image=[b"hello"] * 3), "row 0 of"),
        ("x.parquet", parquet(image=[png(IMAGES[0]), png(IMAGES[0][:4])]), "different sizes"),
        ("x.parquet", parquet(image=STORED[:0] or [None]), "holds no picture"),
        ("x.gz", gzip.compress(idx(IMAGES), mtime=0)[:-40], "damaged"),
        ("x.gz", gzip.compress(b"hello", mtime=0), "neither a .npz"),
        ("x-idx3-ubyte", idx(IMAGES)[:-1], "damaged"),
        ("x.png", png(IMAGES[0]), "one picture"),
    ],
)
def test_a_file_that_is_not_what_it_says_gets_one_sentence(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    assert said in refusal(tmp_path / name)


def test_bombs_are_refused_before_they_are_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(array_files, "LIMIT", 100_000)
    monkeypatch.setattr(array_files, "TABLE", 50_000)
    (tmp_path / "x.gz").write_bytes(gzip.compress(idx(np.zeros((300, 28, 28)))))
    (tmp_path / "x.npy").write_bytes(npy(np.zeros((300, 28, 28), np.uint8)))
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(table() * 20))
    (tmp_path / "x.parquet").write_bytes(parquet(image=[png(np.zeros((500, 500), np.uint8) + 1)] * 400))
    assert (tmp_path / "x.gz").stat().st_size < 5000
    for name in ("x.gz", "x.npy", "x.csv.gz", "x.parquet"):
        assert "MB" in refusal(tmp_path / name), name


def test_a_table_of_too_many_rows_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(array_files, "ROWS", 20)
    (tmp_path / "x.parquet").write_bytes(FILES["a.parquet"][0])
    assert "30 rows" in refusal(tmp_path / "x.parquet")


# -- folders and archives ----------------------------------------------------------------------------------------------


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def both(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """The same files as a folder and as an archive."""
    for name, content in files.items():
        path = folder / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "mine.zip").write_bytes(zip_of(files))
    return [folder / "mine", folder / "mine.zip"]


def drawn(number: int) -> bytes:
    return png(IMAGES[number])


SPLIT = {
    f"{part}/{k}/{n}.png": drawn(3 * n + k)
    for part in ("train", "test")
    for k in range(3)
    for n in range(2 + (part == "train"))
}
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


def test_colour_and_far_too_dark_pictures_are_said(tmp_path):
    folder, _ = both(tmp_path, {f"{n}.png": png(COLOUR[n]) for n in range(4)})
    found, remark = in_order(folder)
    assert np.array_equal(found, luma(COLOUR[:4]))
    assert remark == "colour was made grey (4)"
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
    assert ("colour was made grey (3)" in load_dataset(tmp_path).remark) == colour


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


# -- what a data set is ------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("name", ["x.npz", "x.csv", "x.parquet", "x.zip", "x.npy", "x.gz", "x-idx3-ubyte"])
def test_no_byte_that_is_flipped_is_more_than_a_sentence(tmp_path, name):
    contents = {
        "x.npz": npz(tmp_path, **KERAS).read_bytes(), "x.csv": FILES["kaggle.csv"][0], "x.npy": FILES["a.npy"][0],
        "x.parquet": FILES["named.parquet"][0], "x.zip": zip_of(SPLIT), "x.gz": gzip.compress(idx(IMAGES)),
        "x-idx3-ubyte": idx(IMAGES),
    }  # fmt: skip
    good, rng = contents[name], np.random.default_rng(0)
    for _ in range(60):
        bad = bytearray(good)
        for place in rng.integers(0, len(bad), 3):
            bad[place] ^= 1 << int(rng.integers(8))
        cut = bytes(bad)[: int(rng.integers(1, len(bad)))] if rng.random() < 0.3 else bytes(bad)
        with contextlib.suppress(DatasetError):
            user_images.load(Path(name), lambda text: None, io.BytesIO(cut))
