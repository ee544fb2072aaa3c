"""What people have, each as its producer writes it: by the command line and by the page, the same images arrive."""

import gzip
import io
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from dataset_files import idx, npy, png, zip_of
from dataset_helpers import own_cache, some_images  # noqa: F401 (the fixture is used by its name, cache)

from dashboard.train import image_upload
from tests.colour_pictures import discs
from vae_core.__main__ import main
from vae_core.data import datasets, uploads
from vae_core.data.array_layouts import NOBODY_SAID
from vae_core.jobs import trainer

X, Y = some_images(30, 8, 8), np.repeat([0, 1, 2], 10)  # classes one after the other, as folders have them
TEST, TEST_LABELS = some_images(9, 8, 8, seed=1), np.repeat([0, 1, 2], 3)
PIXELS = [f"pixel{k}" for k in range(64)]


class Layout(NamedTuple):
    file: str  # its name; one that ends in / is a folder, and "files" what lies in it
    files: dict[str, bytes] | bytes
    roles: Mapping[str, str] = NOBODY_SAID


def savez(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def csv(images=X, labels=None, names=("label", *PIXELS)) -> bytes:
    """As pandas writes it, without an index."""
    import pandas

    columns = images.reshape(len(images), -1)
    columns = columns if labels is None else np.column_stack([labels, columns])
    return pandas.DataFrame(columns, columns=names[-columns.shape[1] :]).to_csv(index=False).encode()


def parquet(image: list, **columns) -> bytes:
    import pyarrow
    from pyarrow import parquet as writer

    names = {"label": {"names": ["cat", "dog", "eel"], "_type": "ClassLabel"}}
    about = {b"huggingface": json.dumps({"info": {"features": names}}).encode()}
    buffer = io.BytesIO()
    writer.write_table(pyarrow.table({"image": image, **columns}).replace_schema_metadata(about), buffer)
    return buffer.getvalue()


def pictures(images=X, labels=Y, top="") -> dict[str, bytes]:
    return {f"{top}{label}/{k:03}.png": png(image) for k, (image, label) in enumerate(zip(images, labels, strict=True))}


IDX = {
    "train-images-idx3-ubyte": idx(X), "train-labels-idx1-ubyte": idx(Y),
    "t10k-images-idx3-ubyte": idx(TEST), "t10k-labels-idx1-ubyte": idx(TEST_LABELS),
}  # fmt: skip
COLUMN = {"train_labels": Y[:, None].astype(np.uint8), "test_labels": TEST_LABELS[:, None].astype(np.uint8)}
WORDS = np.array(["cat", "dog", "eel"])
PARTS = {"x_train": X, "y_train": Y, "x_test": TEST, "y_test": TEST_LABELS}
PACKED = {f"{name}.gz": gzip.compress(content) for name, content in IDX.items()}
LABELLED = {
    "images, labels": Layout("a.npz", savez(images=X, labels=Y)),
    "X, y": Layout("a.npz", savez(X=X, y=Y)),
    "names that say nothing": Layout("a.npz", savez(alpha=X, beta=Y, gamma=X), {"images": "alpha", "labels": "beta"}),
    "savez(X, y)": Layout("a.npz", savez(arr_0=X, arr_1=Y), {"images": "arr_0", "labels": "arr_1"}),
    "(N, 1, H, W)": Layout("a.npz", savez(images=X[:, None], labels=Y)),
    "(N, H, W, 1)": Layout("a.npz", savez(images=X[..., None], labels=Y)),
    "flat": Layout("a.npz", savez(images=X.reshape(30, -1), labels=Y)),
    "floats": Layout("a.npz", savez(images=X / 255, labels=Y)),
    "both signs": Layout("a.npz", savez(images=X.astype(np.float32) / 127.5 - 1, labels=Y)),
    "int64": Layout("a.npz", savez(images=X.astype(np.int64), labels=Y)),
    "big-endian": Layout("a.npz", savez(images=X.astype(">f4"), labels=Y.astype(">i4"))),
    "Fortran order": Layout("a.npz", savez(images=np.asfortranarray(X), labels=Y)),
    "three equal channels": Layout("a.npz", savez(images=np.stack([X] * 3, -1), labels=Y)),
    "flat, equal planes": Layout("a.npz", savez(images=np.stack([X] * 3, 1).reshape(30, -1), labels=Y)),
    "labels: words": Layout("a.npz", savez(images=X, labels=WORDS[Y])),
    "labels: floats": Layout("a.npz", savez(images=X, labels=Y.astype(float))),
    "labels: a column": Layout("a.npz", savez(images=X, labels=Y[:, None])),
    "labels: one-hot": Layout("a.npz", savez(images=X, labels=np.eye(3)[Y])),
    "Kaggle's table": Layout("train.csv", csv(labels=Y)),
    "a table in a zip": Layout("archive.zip", zip_of({"train.csv": csv(labels=Y)})),
    "a table with another title": Layout("a.csv", csv(labels=Y, names=("species", *PIXELS)), {"labels": "species"}),
    "Hugging Face": Layout("a.parquet", parquet([{"bytes": png(x), "path": None} for x in X], label=Y.tolist())),
    "a file for each class": Layout(
        "quickdraw.zip",
        zip_of({f"full_numpy_bitmap_{WORDS[k]}.npy": npy(X[k == Y].reshape(-1, 64)) for k in range(3)}),
    ),
    "a folder for each class": Layout("pictures/", pictures()),
    "the same in a zip": Layout("pictures.zip", zip_of(pictures(top="my pictures/"))),
}  # fmt: skip
UNLABELLED = {
    "one .npy": Layout("a.npy", npy(X)),
    "a flat .npy, as QuickDraw": Layout("cat.npy", npy(X.reshape(30, -1))),
    "one idx file": Layout("mine-images-idx3-ubyte", idx(X)),
    "the same packed": Layout("mine-images-idx3-ubyte.gz", gzip.compress(idx(X))),
    "a table of pixels": Layout("a.csv", csv()),
    "images alone": Layout("a.npz", savez(images=X)),
    "labels with fractions": Layout("a.npz", savez(images=X, labels=np.linspace(0, 1, 30))),
    "pictures in one folder": Layout("flat/", {f"IMG_{k}.png": png(x) for k, x in enumerate(X)}),
    "the same in a zip": Layout("flat.zip", zip_of({f"IMG_{k}.png": png(x) for k, x in enumerate(X)})),
}
DIVIDED = {
    "Keras": Layout("mnist.npz", savez(**PARTS)),
    "MedMNIST": Layout("pathmnist.npz", savez(train_images=X, test_images=TEST, **COLUMN)),
    "idx": Layout("MNIST/", {f"raw/{name}": content for name, content in IDX.items()}),
    "idx, packed": Layout("MNIST/", PACKED),
    "idx in a zip": Layout("MNIST.zip", zip_of({f"MNIST/{name}": content for name, content in PACKED.items()})),
    "two tables": Layout("Kaggle/", {"mnist_train.csv": csv(labels=Y), "mnist_test.csv": csv(TEST, TEST_LABELS)}),
    "two parquet files": Layout(
        "data.zip",
        zip_of({
            "train-00000-of-00001.parquet": parquet([png(x) for x in X], label=Y.tolist()),
            "test-00000-of-00001.parquet": parquet([png(x) for x in TEST], label=TEST_LABELS.tolist()),
        }),
    ),
    "train and test": Layout("mine/", pictures(top="train/") | pictures(TEST, TEST_LABELS, "test/")),
    "roles": Layout(
        "a.npz", savez(a=X, b=Y, c=TEST, d=TEST_LABELS),
        {"images": "a", "labels": "b", "test_images": "c", "test_labels": "d"},
    ),
}  # fmt: skip

C = discs(30)
COLOURED = {
    "(N, H, W, 3)": Layout("a.npz", savez(images=C, labels=Y)),
    "(N, 3, H, W)": Layout("a.npz", savez(images=C.transpose(0, 3, 1, 2), labels=Y)),
    "flat planes, as CIFAR": Layout("a.npz", savez(images=C.transpose(0, 3, 1, 2).reshape(30, -1), labels=Y)),
    "floats of both signs": Layout("a.npz", savez(images=C.astype(np.float32) / 127.5 - 1, labels=Y)),
    "a folder for each class": Layout("pictures/", pictures(C)),
    "the same in a zip": Layout("pictures.zip", zip_of(pictures(C, top="my pictures/"))),
}


class Loaded(Exception):
    """The command has read its data, and need not train."""


def by_command(monkeypatch, folder: Path, layout: Layout):
    """What `train` would train on, of a file or folder made by its producer."""
    path = folder / layout.file
    files = layout.files if isinstance(layout.files, dict) else {"": layout.files}
    for name, content in files.items():
        (path / name if name else path).parent.mkdir(parents=True, exist_ok=True)
        (path / name if name else path).write_bytes(content)

    def taken(settings, dataset, *others, **more):
        raise Loaded(dataset)

    monkeypatch.setattr(trainer, "train_run", taken)
    roles = ",".join(f"{role}={name}" for role, name in layout.roles.items())
    with pytest.raises(Loaded) as loaded:
        main(
            [
                "train",
                "--dataset",
                str(path),
                "--encoder",
                "4",
                "--decoder",
                "4",
                *["--arrays", roles][: 2 * bool(roles)],
            ]
        )
    return loaded.value.args[0]


def by_page(monkeypatch, layout: Layout):
    """What the Train page would train on, once the file was chosen there and its question, if it asks one, answered."""
    content = layout.files if isinstance(layout.files, bytes) else zip_of(layout.files)
    file = layout.file.replace("/", ".zip")
    state = {"key": [SimpleNamespace(name=file, getvalue=lambda: content)], "uploads": 0}
    monkeypatch.setattr(image_upload, "st", SimpleNamespace(session_state=state))
    monkeypatch.setattr(image_upload.access, "may_train", lambda: True)
    chosen = []
    image_upload.taken("key", "strokes", chosen.append)
    assert image_upload.REFUSED not in state
    assert bool(layout.roles) == (image_upload.ASKED in state), "it asks where, and only where, names say too little"
    if layout.roles:
        name, content = state[image_upload.ASKED]
        chosen = [uploads.keep(name, io.BytesIO(content), layout.roles).name]
    return datasets.load_dataset(*chosen)


def check(monkeypatch, folder: Path, layout: Layout, images, test, labels):
    """The same data by both ways, and what it should be."""
    both = by_command(monkeypatch, folder, layout), by_page(monkeypatch, layout)
    assert both[0].fingerprint == both[1].fingerprint
    expected = uploads.OwnData(np.concatenate([images, test]), labels, ("",) * 3, test=len(test))
    same = datasets.of_own(expected, "expected", "expected", "standard")
    for found in both:
        assert found.fingerprint == same.fingerprint, "the same pictures and labels, in the same order"
        assert len(found.classes) == (0 if labels is None else 3)
    assert both[0].remark == both[1].remark


NOTHING = X[:0]


@pytest.mark.parametrize("name", LABELLED)
def test_images_with_labels(monkeypatch, tmp_path, name):
    check(monkeypatch, tmp_path, LABELLED[name], X, NOTHING, Y.astype(np.uint8))


@pytest.mark.parametrize("name", UNLABELLED)
def test_images_alone(monkeypatch, tmp_path, name):
    check(monkeypatch, tmp_path, UNLABELLED[name], X, NOTHING, None)


@pytest.mark.parametrize("name", COLOURED)
def test_images_in_colour(monkeypatch, tmp_path, name):
    check(monkeypatch, tmp_path, COLOURED[name], C, C[:0], Y.astype(np.uint8))


@pytest.mark.parametrize("name", DIVIDED)
def test_a_given_test_part_is_the_test_part(monkeypatch, tmp_path, name):
    check(monkeypatch, tmp_path, DIVIDED[name], X, TEST, np.concatenate([Y, TEST_LABELS]).astype(np.uint8))
