"""A training that was recorded: what the stage shows before the first click, of the very settings that a click takes.

`python -m dashboard.train.live.recorded` makes the recording anew: it trains the preset “quick” on strokes in float32
and keeps a dozen of its snapshots in assets/recorded: recorded.webp has a picture per snapshot (tiles of the manifold,
under them reconstructions, under these the images themselves), recorded.json all numbers. Codes are bytes, a 1/32 each.
"""

import base64
import json
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from dashboard.shared import browser_blobs, formatting
from dashboard.shared.caching import cached
from dashboard.shared.section import record
from vae_core.runs.store import ASSETS

FOLDER = ASSETS.parent / "recorded"
PICTURES, NUMBERS = FOLDER / "recorded.webp", FOLDER / "recorded.json"
SIDE, CODES, FRAMES = 10, 300, 14  # tiles to a side and images, codes, snapshots at most
STEP = 1 / 32  # of a code
QUALITY = 40  # of the pictures, which are shown faintly


class Recording(NamedTuple):
    """A film for the browser, and what is said of it."""

    blob: bytes
    told: dict[str, Any]


def film() -> Recording | None:
    """The recording; None where it is missing or damaged: the stage is empty then."""
    try:
        return _film()
    except (OSError, ValueError, KeyError) as error:
        record("The recorded training", error)
        return None


@cached(max_entries=1)
def _film() -> Recording:
    numbers = json.loads(NUMBERS.read_text("utf-8"))
    steps, rows, columns = numbers["steps"], *numbers["shape"]
    codes = np.frombuffer(base64.b64decode(numbers["codes"]), np.uint8).reshape(len(steps), -1, 2)
    arrays = []
    with Image.open(PICTURES) as pictures:
        for k in range(len(steps)):
            pictures.seek(k)
            sheet = np.array(pictures.convert("L"))
            tiles = sheet.reshape(SIDE + 2, rows, SIDE, columns).swapaxes(1, 2).reshape(SIDE + 2, SIDE, -1)
            arrays += [tiles[:SIDE], ((codes[k].astype("<f4") - 128) * STEP), tiles[SIDE]]
    arrays += [tiles[SIDE + 1], np.array(numbers["labels"], np.uint8)]
    key, blob = browser_blobs.encode(
        "film", arrays, dead=[None] * len(steps), steps=steps, tiles=SIDE, shape=[rows, columns], axes=[0, 1],
        codes=codes.shape[1], kept=SIDE, labels=True,
    )  # fmt: skip
    last = numbers["elbo"]
    caption = (
        f"A recorded training plays: Strokes, two dimensions, β = 1, {steps[-1]:,} steps, to a test ELBO of "
        f"{formatting.number(last, 1)} nats. Yours begins with your settings."
    )
    return Recording(blob, {"film": key, "curves": numbers["curves"], "steps": steps[-1], "caption": caption})


def make() -> None:
    """Trains, and keeps the film."""
    from dashboard.train.live import snapshots
    from vae_core.data.datasets import load_dataset
    from vae_core.jobs.trainer import train_run
    from vae_core.runs.store import trained
    from vae_core.settings import preset

    dataset = load_dataset("strokes")
    entry = train_run(preset("quick", "strokes"), dataset, trained())
    seen = snapshots.watched(dataset, entry.settings.data.pixels, entry.settings.data.validation)
    steps = entry.snapshots()[-FRAMES:]
    rows, columns = dataset.shape
    sheets, codes = [], []
    for step in steps:
        vae = entry.at(step)[1]
        tiles = snapshots.tiles(vae, seen, (0, 1), SIDE)
        _, points, again = snapshots.drawn(vae, seen, (0, 1))
        whole = np.concatenate([tiles, again[:SIDE], snapshots.levels(seen.originals[:SIDE])])
        whole = whole.reshape(SIDE + 2, SIDE, rows, columns).swapaxes(1, 2).reshape((SIDE + 2) * rows, SIDE * columns)
        sheets.append(Image.fromarray(whole).convert("RGB"))
        codes.append(np.clip(np.rint(points[:CODES] / STEP) + 128, 0, 255).astype(np.uint8))
    FOLDER.mkdir(exist_ok=True)
    first, *rest = sheets
    first.save(PICTURES, "WEBP", save_all=True, append_images=rest, quality=QUALITY, method=6, duration=400)
    curves = snapshots.curves(entry.history())
    kept = ("step", "reconstruction", "kl", "validation", "validation_reconstruction", "kls")
    numbers = {
        "made by": "python -m dashboard.train.live.recorded", "settings": entry.settings.to_dict(), "steps": steps,
        "shape": [rows, columns], "elbo": round(entry.metrics["elbo"], 2),
        "curves": {name: rounded(curves[name]) for name in kept},
        "labels": seen.labels[:CODES].tolist(), "codes": base64.b64encode(np.stack(codes).tobytes()).decode(),
    }  # fmt: skip
    NUMBERS.write_text(json.dumps(numbers, separators=(",", ":")) + "\n", "utf-8")


def rounded(values: list) -> list:
    """Two decimals are more than the drawing shows."""
    return [rounded(v) if isinstance(v, list) else v if v is None else round(v, 2) for v in values]


if __name__ == "__main__":
    make()
