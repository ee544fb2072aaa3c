"""What a page without Python has to know of its model to answer what Python would: the encoder, all codes, test images.

MNIST, Frey Faces and other images that are not ours stay out of a file: the model then draws each test image from its
code. Images of one's own go into it where they are asked for.
"""

from typing import Any, NamedTuple

import numpy as np

from dashboard.shared import model_view, test_images
from dashboard.shared.blob_server import Sent, packed
from dashboard.shared.browser_blobs import encode
from dashboard.shared.saved_pages.recording import may_go
from vae_core.runs.encoder_blob import encoder_blob
from vae_core.runs.store import source_of

FEW = 200  # test images at most that go into a file


class Facts(NamedTuple):
    told: dict[str, Any]
    blobs: dict[str, bytes]
    missing: list[str]  # what this model cannot do without Python, in sentences


def facts(model: model_view.Model, own_images: bool = False, encoder: bool = True) -> Facts:
    encodes, missing = b"", []
    try:
        encodes = encoder_blob(model.entry) if encoder else b""
    except ValueError:
        missing.append("This encoder runs in Python only: a drawing gets no code here.")
    return of(model, encodes, bundled_images(model, own_images), missing)


def of(model: model_view.Model, encoder: bytes, tests: np.ndarray | None, missing: list[str]) -> Facts:
    """Of a model with its encoder, b"" for none, and test images (n, X) uint8."""
    sent: dict[str, Sent] = {}
    settings = model.entry.settings

    def keep(name: str, blob: bytes) -> str:
        sent[name] = packed(blob)
        return sent[name].name

    images, encodes = "", keep("encoder", encoder) if encoder else ""
    key, codes = model_view.codes(model, tuple(range(model.dims)))
    if len(model.mean):
        keep("codes", codes)
    if tests is not None:
        images, blob = encode("pictures", [tests], count=len(tests), shape=tuple(model.entry.shape))
        keep("images", blob)
    told = {
        "key": model.entry.key,
        "pixels": settings.data.pixels,
        "binary": settings.data.binary,
        "stochastic": settings.model.stochastic,
        "activation": settings.model.activation,
        "knows": model.knows,
        "decoder": model.decoder.split("/")[0],
        "encoder": encodes,
        "codes": key if len(model.mean) else "",
        "images": images,
        "asked": {},  # what the page is to begin with, as its address names it
    }
    return Facts(told, {each.name: each.content for each in sent.values()}, missing)


def bundled_images(model: model_view.Model, own: bool) -> np.ndarray | None:
    """The first test images (n, X) uint8, where they may go with a file; None: the model draws them."""
    source = model.entry.source or source_of(model.entry.settings.data)
    if not may_go(source, own):
        return None
    ready = test_images.of(model.entry.settings.data, source, _now)
    if ready is None or ready.data is None or tuple(ready.data.shape) != tuple(model.entry.shape):
        return None
    return ready.data.test[:FEW].numpy()


def _now(_: Any, work: Any) -> Any:
    return work()
