"""Arrays as other programs lay them out: each way is read, and what was done to the numbers is said."""

import numpy as np
import pytest
import torch
from dataset_files import COLOUR, IMAGES, KERAS, LABELS, in_order, npz
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)

from vae_core.data import array_layouts, uploads
from vae_core.data.datasets import load_dataset

DARK = np.minimum(IMAGES, 16)
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
    "(N, 1, H, W)": (IMAGES[:, None], IMAGES, "the second axis, of 1, was read as the channels"),
    "(N, H, W, 1)": (IMAGES[..., None], IMAGES, "the last axis, of 1, was read as the channel"),
    "(N, H, W, 3)": (COLOUR, COLOUR, ""),
    "(N, 3, H, W)": (np.moveaxis(COLOUR, -1, 1), COLOUR, "the second axis, of 3, was read as the channels"),
    "floats in colour": (COLOUR / 255.0, COLOUR, ""),
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
    assert data.remark == "the arrays arr_1 were not used (--arrays labels=arr_1, if those are the labels)"


NO_CLASSES = {
    "fractions": (np.linspace(0, 1, 30), "they have fractions"),
    "several for each image": (np.ones((30, 14), int), "each image has 14 of them"),
    "hardly one-hot": (np.eye(30)[:, :29], "each image has 29 of them"),
    "too many": (np.arange(300), "there are 300 different ones"),
}


@pytest.mark.parametrize("kind", NO_CLASSES)
def test_labels_that_are_no_classes_are_left_out_and_that_is_said(tmp_path, kind):
    labels, said = NO_CLASSES[kind]
    data = load_dataset(npz(tmp_path, images=some_images(len(labels)), labels=labels))
    assert data.train_labels is None
    assert data.remark.startswith(f"labels are left out: {said}")


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
