"""Archives of pictures: read as the folder in them would be, and never a danger."""

import io
import zipfile
from pathlib import Path

import pytest
from dataset_files import png_of
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)
from PIL import Image

from vae_core.data.datasets import load_dataset


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
    assert "other files are ignored: .txt (1)" in data.remark


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
