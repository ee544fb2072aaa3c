"""Files of every kind, as paths and as uploads: they are read, or refused in one sentence."""

import contextlib
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_files import (
    IMAGES,
    KERAS,
    LABELS,
    SPLIT,
    idx,
    in_order,
    npy,
    npz,
    png,
    zip_of,
)
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)

from vae_core.data import array_bundles, array_files, table_files, uploads, user_images
from vae_core.data.datasets import DatasetError, load_dataset


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
    images = some_images(12, 28, 28)
    (tmp_path / "set" / "emnist-letters-train-images-idx3-ubyte").write_bytes(idx(images.transpose(0, 2, 1)))
    rows = [",".join(map(str, [k % 3, *image.T.ravel()])) for k, image in enumerate(images)]
    (tmp_path / "emnist-letters-train.csv").write_text("\n".join(rows))
    for path in (tmp_path / "set", tmp_path / "emnist-letters-train.csv"):
        found, remark = in_order(path)
        assert np.array_equal(found, images)
        assert "rows and columns were exchanged" in remark


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
    monkeypatch.setattr(table_files, "LIMIT", 100_000)
    monkeypatch.setattr(table_files, "TABLE", 50_000)
    (tmp_path / "x.gz").write_bytes(gzip.compress(idx(np.zeros((300, 28, 28)))))
    (tmp_path / "x.npy").write_bytes(npy(np.zeros((300, 28, 28), np.uint8)))
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(table() * 20))
    (tmp_path / "x.parquet").write_bytes(parquet(image=[png(np.zeros((500, 500), np.uint8) + 1)] * 400))
    assert (tmp_path / "x.gz").stat().st_size < 5000
    for name in ("x.gz", "x.npy", "x.csv.gz", "x.parquet"):
        assert "MB" in refusal(tmp_path / name), name


def test_small_files_that_are_too_large_together_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(array_bundles, "LIMIT", 5000)
    (tmp_path / "few.zip").write_bytes(zip_of({f"{name}.npy": npy(IMAGES) for name in ("cat", "dog")}))
    (tmp_path / "many.zip").write_bytes(zip_of({f"{name}.npy": npy(IMAGES) for name in ("cat", "dog", "eel")}))
    assert len(load_dataset(tmp_path / "few.zip").classes) == 2
    assert "many.zip unpacks to 0 MB" in refusal(tmp_path / "many.zip")
    monkeypatch.setattr(array_bundles, "MANY", 1)
    assert "2 files of arrays; at most 1 are read" in refusal(tmp_path / "few.zip")


def test_a_table_of_too_many_rows_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(table_files, "ROWS", 20)
    (tmp_path / "x.parquet").write_bytes(FILES["a.parquet"][0])
    assert "30 rows" in refusal(tmp_path / "x.parquet")


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
