"""What travels as a blob is, number for number, what was published; who knows no name gets nothing."""

import asyncio
import gzip
import hashlib
import struct

import numpy as np
import pytest

from dashboard.shared import browser_blobs
from dashboard.shared.blob_server import FOREVER, Blobs, BlobServer, packed
from tests.unit.asking import ask, completed

RNG = np.random.default_rng(3)


def blob(values: np.ndarray, labels: int = 7) -> bytes:
    arrays = [values.astype("<f4"), np.arange(labels, dtype=np.uint8)]
    return browser_blobs.encode("codes", arrays, count=len(values), dims=1, labels=True)[1]


def half(count: int) -> np.ndarray:
    return RNG.normal(size=count).astype("<f2")


def read(content: bytes) -> bytes:
    """What wire.js does, with NumPy's own float16."""
    start, count = struct.unpack("<II", content[:8])
    sent = content[8:]
    planes = np.frombuffer(sent[start : start + 2 * count], np.uint8).reshape(2, count)
    numbers = np.ascontiguousarray(planes.T).view("<f2").astype("<f4")
    return sent[:start] + numbers.tobytes() + sent[start + 2 * count :]


@pytest.mark.parametrize("length", [0, 1, 2, 999])
def test_numbers_that_float16_holds_come_back_exactly_from_half_the_bytes(length):
    original = blob(half(length))
    sent = packed(original)
    assert read(sent.content) == original
    assert len(sent.content) == len(original) - 2 * length + 8
    assert sent.name == hashlib.sha256(sent.content).hexdigest()


def test_every_float16_comes_back():
    every = np.arange(2**16, dtype="<u2").view("<f2")
    original = blob(every[np.isfinite(every)])
    assert packed(original).halved
    assert read(packed(original).content) == original


@pytest.mark.parametrize("other", [0.1, 1e-9, 7e4, np.inf, np.nan])
def test_one_number_that_float16_changes_keeps_all_in_float32(other):
    original = blob(np.array([*half(50), other], "<f4"))
    sent = packed(original)
    assert not sent.halved
    assert read(sent.content) == original


def test_a_bundled_decoder_travels_in_half_its_bytes():
    from vae_core.runs.export import decoder_blob
    from vae_core.runs.store import bundled

    original = decoder_blob(bundled().get("mnist-1d"))
    sent = packed(original)
    assert read(sent.content) == original
    assert len(sent.content) < 0.51 * len(original)


def served(blobs: Blobs):
    async def rest(scope, receive, send):
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b"the page"})

    return BlobServer(rest, blobs)


@pytest.fixture
def blobs():
    return Blobs()


@pytest.mark.parametrize("below", ["", "/lab", "/a/b"])
def test_a_blob_is_served_below_any_path_for_good(blobs, below):
    name = blobs.publish(blob(half(3000)))
    answer = ask(served(blobs), f"{below}/blobs/{name}")
    assert answer.status == 200
    assert hashlib.sha256(answer.body).hexdigest() == name
    assert answer.headers["cache-control"] == FOREVER
    assert answer.headers["etag"] == f'"{name}"'
    assert answer.headers["content-length"] == str(len(answer.body))


def test_compressed_where_the_browser_reads_gzip(blobs):
    name = blobs.publish(blob(half(3000)))
    plain = ask(served(blobs), f"/blobs/{name}", accept_encoding="identity, gzip;q=0")
    small = ask(served(blobs), f"/blobs/{name}", accept_encoding="br, gzip")
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.headers["vary"] == "accept-encoding"
    assert gzip.decompress(small.body) == plain.body
    assert len(small.body) < len(plain.body)


def test_what_a_browser_has_is_not_sent_again(blobs):
    name = blobs.publish(blob(half(3000)))
    answer = ask(served(blobs), f"/blobs/{name}", if_none_match=f'W/"x", "{name}"')
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["etag"] == f'"{name}"'


def test_an_unknown_name_is_not_found_and_not_remembered(blobs):
    blobs.publish(blob(half(3000)))
    answer = ask(served(blobs), f"/blobs/{'0' * 64}")
    assert (answer.status, answer.body) == (404, b"")
    assert answer.headers["cache-control"] == "no-store"


def test_reading_only(blobs):
    name = blobs.publish(blob(half(3000)))
    assert ask(served(blobs), f"/blobs/{name}", method="HEAD").body == b""
    assert ask(served(blobs), f"/blobs/{name}", method="HEAD").status == 200
    assert ask(served(blobs), f"/blobs/{name}", method="POST").status == 405


@pytest.mark.parametrize("path", ["/", "/blobs", "/blobs/", "/blobs/abc", f"/blobs/{'g' * 64}", f"/blobs/{'0' * 64}/x"])
def test_everything_else_is_the_pages(blobs, path):
    assert ask(served(blobs), path).status == 418


def test_the_oldest_goes_first_and_what_a_page_shows_again_stays():
    one, two, three = (blob(half(5000)) for _ in range(3))
    each = len(packed(one).content)
    blobs = Blobs(room=int(2.5 * each))
    first, second = blobs.publish(one), blobs.publish(two)
    assert blobs.publish(one) == first  # shown again: now the second is the oldest
    third = blobs.publish(three)
    assert [blobs.find(name) is not None for name in (first, second, third)] == [True, False, True]
    assert blobs.publish(two) == second  # and back under the same name
    assert blobs.find(second)
    assert blobs.size() <= blobs.room
    assert len(blobs.names) == len(blobs.published) == 2


def test_one_that_is_larger_than_all_room_is_served_all_the_same():
    blobs = Blobs(room=10)
    name = blobs.publish(blob(half(5000)))
    assert blobs.find(name)


def test_what_is_compressed_counts_too():
    one, two = blob(half(5000)), blob(half(5000))
    blobs = Blobs(room=int(3.2 * len(packed(one).content)))
    names = [blobs.publish(one), blobs.publish(two)]
    for name in names:
        ask(served(blobs), f"/blobs/{name}", accept_encoding="gzip")
    blobs.publish(blob(half(5000)))
    assert blobs.find(names[0]) is None
    assert set(blobs.gzipped) == {names[1]}


def test_many_at_once_get_the_same(blobs):
    names = [blobs.publish(blob(half(3000))) for _ in range(3)]

    async def everybody():
        calls = [asyncio.to_thread(ask, served(blobs), f"/blobs/{name}", accept_encoding="gzip") for name in names * 5]
        return await asyncio.gather(*calls)

    bodies = [gzip.decompress(answer.body) for answer in completed(everybody())]
    assert [hashlib.sha256(body).hexdigest() for body in bodies] == names * 5
