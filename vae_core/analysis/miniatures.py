"""Small pictures of what the bundled models draw, for a list of models: assets/miniatures.npz, one array per model.

Each shows the decoder's mean images in steps of equal probability along the two dimensions with the largest KL, the
others at 0 (assets/math.md#latent-grids); an autoencoder's over the middle nine tenths of its codes, a conditional
model's along its first dimension in ten classes. `python -m vae_core miniatures --write` draws them anew.
"""

import io
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from vae_core.analysis.aggregate_posterior import kl_of_codes
from vae_core.paths import assets_folder
from vae_core.runs.store import Entry, bundled
from vae_core.sealed_files import write as write_file
from vae_core.settings import colours

if TYPE_CHECKING:
    from torch import Tensor

    from vae_core.model.vae import VAE

FILE = assets_folder() / "miniatures.npz"
SIDE, TILE = 84, 14  # pixels: of a miniature, and the height of an image in it
MIDDLE = (0.05, 0.95)  # of an autoencoder's codes


def miniature(entry: Entry) -> np.ndarray:
    """A miniature of any model: (SIDE, SIDE) grey levels, in colour (SIDE, SIDE, 3); 0 where no image is."""
    import torch

    (height, width), channels = entry.shape[:2], colours(entry.shape)
    wide = max(6, min(SIDE // 2, round(TILE * width / height)))
    rows, columns = SIDE // TILE, SIDE // wide
    with torch.no_grad():
        means = drawn(entry, rows, columns).reshape(-1, height, width, channels).movedim(-1, 1).clamp(0, 1)
        small = torch.nn.functional.interpolate(means, (TILE, wide), mode="area").movedim(1, -1)
    tiles = np.rint(255 * small.numpy()).astype(np.uint8).reshape(rows, columns, TILE, wide, channels)
    sheet, left = np.zeros((SIDE, SIDE, channels), np.uint8), (SIDE - columns * wide) // 2
    sheet[:, left : left + columns * wide] = tiles.swapaxes(1, 2).reshape(rows * TILE, columns * wide, channels)
    return sheet if channels > 1 else sheet[..., 0]


def drawn(entry: Entry, rows: int, columns: int) -> "Tensor":
    """The mean images of the grid, row by row from the largest z: (rows * columns, X)."""
    import torch

    vae, dims = entry.load().vae, entry.settings.model.latent_dim
    first, second = axes(entry)
    z = np.zeros((rows, columns, dims), np.float32)
    if dims == 1:  # a line, read like a text
        z[..., 0] = steps(entry, 0, rows * columns).reshape(rows, columns)
    else:
        z[..., first], z[..., second] = steps(entry, first, columns), steps(entry, second, rows)[::-1, None]
    z = torch.from_numpy(z)
    if not entry.settings.model.conditional:
        return vae.mean(z.reshape(-1, dims))
    z[..., second] = 0
    return torch.cat([in_class(vae, z[row], row, rows) for row in range(rows)])


def in_class(vae: "VAE", z: "Tensor", row: int, rows: int) -> "Tensor":
    """What a conditional model draws in the class of a row; the rows share out the classes."""
    return vae.given(row * vae.classes // rows).mean(z)


def axes(entry: Entry) -> tuple[int, int]:
    """The dimensions that carry most, the larger z runs up."""
    codes, dims = entry.codes(), entry.settings.model.latent_dim
    if dims < 3 or codes is None:
        return 0, min(1, dims - 1)
    kept = kl_of_codes(codes).mean(0) if entry.settings.model.stochastic else codes.mean.var(0)
    first, second = sorted(np.argsort(-kept, kind="stable")[:2].tolist())
    return first, second


def steps(entry: Entry, axis: int, count: int) -> np.ndarray:
    """The z of `count` steps along a dimension: at the quantiles (i + 1/2) / count of the prior."""
    codes = entry.codes()
    if not entry.settings.model.stochastic and codes is not None:
        return np.linspace(*np.quantile(codes.mean[:, axis], MIDDLE), count, dtype=np.float32)
    return np.array([NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)], np.float32)


def kept() -> dict[str, np.ndarray]:
    """The miniatures that come along, by the key of the model; none where the file is missing."""
    if not FILE.exists():
        return {}
    with np.load(FILE) as stored:
        return dict(stored)


def write() -> None:
    """Draws those of all bundled models anew."""
    sheets = io.BytesIO()
    np.savez_compressed(sheets, **{e.key: miniature(e) for e in bundled().list() if e.status == "done"})
    write_file(FILE, sheets.getvalue())
