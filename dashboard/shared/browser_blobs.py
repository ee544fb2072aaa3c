"""Arrays for the browser: packed into one blob under the hash of its content, and sent once."""

import hashlib
import json
import struct
from itertools import takewhile

import numpy as np
import streamlit as st

from dashboard.shared.blob_server import BLOBS, SMALL
from dashboard.shared.components import component

_shelf = component("shared/browser_blobs.js", bare=True)


def publish_blob(*, data: bytes, key: str) -> None:
    """Gives the browser a blob: tells its name, or sends it where it is small or the browser missed it."""
    if len(data) > SMALL:
        name, kind = BLOBS.publish(data), header(data).get("kind", "decoder")
        if st.session_state.get(key, {}).get("missing") != name:
            data = (name, kind)
    _shelf(data=data, key=key, on_missing_change=lambda: None)


def header(blob: bytes) -> dict:
    (length,) = struct.unpack("<I", blob[:4])
    return json.loads(blob[4 : 4 + length])


def encode(kind: str, arrays: list[np.ndarray], **facts) -> tuple[str, bytes]:
    """Arrays for the browser, with their key: a hash of everything in them. `floats`: how many numbers lead."""
    leading = [array.size for array in takewhile(lambda array: array.dtype == np.float32, arrays)]
    data = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
    key = hashlib.sha256(data).hexdigest()
    head = json.dumps({"kind": kind, "sha256": key, "floats": sum(leading), **facts}).encode()
    head += b" " * (-(4 + len(head)) % 4)
    return key, struct.pack("<I", len(head)) + head + data
