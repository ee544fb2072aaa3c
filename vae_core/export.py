"""A model for other programs: a decoder as one little-endian blob, which the pages decode in the browser.

    uint32 length of the header | header: JSON, padded with spaces so that the weights start at a multiple of 4
    per layer: float32 W, row-major (out, in), then float32 b

The header: {"layers": [[in, out, activation], ...], "likelihood", "shape": [H, W], "latent_dim", "sha256"}, the
sha256 being that of the weights' bytes. The mean image is sigmoid of the first H W outputs for bernoulli and gaussian,
the outputs themselves for fixed_gaussian and isotropic_gaussian.
"""

import json
import struct

import numpy as np

from vae_core.runs import Entry
from vae_core.seals import digest


def decoder_blob(entry: Entry) -> bytes:
    """The MLP decoder of a published run. A conv decoder has no such blob: ValueError."""
    model = entry.settings.model
    if model.network != "mlp":
        raise ValueError(
            f"{entry.key} has a conv decoder, which the browser does not run; decode it with run.vae.mean."
        )
    weights = entry.weights()
    names = sorted((n for n in weights if n.startswith("decoder.") and n.endswith(".weight")), key=_place)
    layers, data = [], b""
    for name in names:
        matrix, bias = weights[name], weights[name.removesuffix("weight") + "bias"]
        activation = "identity" if name == names[-1] else model.activation
        layers.append([matrix.shape[1], matrix.shape[0], activation])
        data += matrix.astype("<f4").tobytes() + bias.astype("<f4").tobytes()
    header = {
        "layers": layers, "likelihood": model.likelihood, "shape": list(entry.shape),
        "latent_dim": model.latent_dim, "sha256": digest(data),
    }  # fmt: skip
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % 4)
    return struct.pack("<I", len(text)) + text + data


def codes_csv(entry: Entry) -> str:
    """The codes of the test images as a table: label, then mean and sigma of each dimension."""
    codes = entry.codes()
    if codes is None:
        raise ValueError(f"{entry.key} was published without codes; evaluate it on its data set first.")
    dims = range(1, codes.mean.shape[1] + 1)
    head = ",".join(["label", *(f"mu_{j}" for j in dims), *(f"sigma_{j}" for j in dims)])
    labels = codes.labels if codes.labels is not None else [""] * len(codes.mean)
    numbers = np.concatenate([codes.mean, np.exp(codes.logvar / 2)], axis=1)
    rows = (f"{label}," + ",".join(f"{v:.5g}" for v in row) for label, row in zip(labels, numbers, strict=True))
    return "\n".join([head, *rows]) + "\n"


def _place(name: str) -> int:
    return int(name.split(".")[1])
