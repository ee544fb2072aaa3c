"""An encoder as one blob, for pages that encode a drawing where no Python is: dashboard/shared/js/encoder.js reads it.

Little-endian, as a decoder's (export.py): uint32 length of the header | header: JSON, padded with spaces | float32
numbers: of a conditional model, per class w_y (out,), which is added to the first layer's bias; of each convolution
W (out, in, 4, 4) and b; of each layer W, row-major (out, in), and b.

The header: {"kind": "encoder", "convolutions": [[in, out], ...], "layers": [[in, out, activation], ...], "activation",
"shape": [H, W], "classes", "latent_dim", "stochastic", "floats", "sha256"}. Convolutions have kernels of 4x4, stride 2
and a border of 1, and the activation behind each; an encoder without them is an MLP.
"""

import json
import struct

import numpy as np

from vae_core.runs.store import Entry
from vae_core.sealed_files import digest
from vae_core.settings import ModelSettings


def encoder_blob(entry: Entry) -> bytes:
    """The encoder of a published run, an MLP or a convolutional one; ValueError for any other."""
    return blob_of_encoder(entry.weights(), entry.settings.model, entry.shape)


def blob_of_encoder(weights: dict[str, np.ndarray], model: ModelSettings, shape: tuple[int, ...]) -> bytes:
    """The same of float32 weights by their names in VAE.state_dict()."""
    weights = {name: array for name, array in weights.items() if name.startswith("encoder.")}
    convolutions = sorted((name for name in weights if weights[name].ndim == 4), key=_place)
    dense = sorted((name for name in weights if weights[name].ndim == 2), key=_place)
    if not dense or any(weights[name].shape[2:] != (4, 4) for name in convolutions):
        raise ValueError("This is an encoder that a page cannot run without Python.")
    matrices = [(weights[name], weights[name.removesuffix("weight") + "bias"]) for name in dense]
    if "encoder.logvar" in weights:  # of a linear VAE: one log variance for all images, here as rows of zeros
        (mean, bias), logvar = matrices[0], weights["encoder.logvar"]
        matrices = [(np.concatenate([mean, np.zeros_like(mean)]), np.concatenate([bias, logvar]))]
    first, bias = matrices[0]
    inputs = first.shape[1] if convolutions else int(np.prod(shape))
    matrices[0], columns = (first[:, :inputs], bias), first[:, inputs:]
    parts = [columns.T]
    for name in convolutions:
        parts += [weights[name], weights[name.removesuffix("weight") + "bias"]]
    for matrix, bias in matrices:
        parts += [matrix, bias]
    data = b"".join(np.ascontiguousarray(part, "<f4").tobytes() for part in parts)
    last = len(matrices) - 1
    header = {
        "kind": "encoder",
        "convolutions": [[weights[name].shape[1], weights[name].shape[0]] for name in convolutions],
        "layers": [
            [matrix.shape[1], matrix.shape[0], "identity" if k == last else model.activation]
            for k, (matrix, _) in enumerate(matrices)
        ],
        "activation": model.activation, "shape": list(shape), "classes": columns.shape[1],
        "latent_dim": model.latent_dim, "stochastic": model.stochastic, "floats": len(data) // 4,
        "sha256": digest(data),
    }  # fmt: skip
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % 4)
    return struct.pack("<I", len(text)) + text + data


def _place(name: str) -> int:
    """Of a layer in its network; those of a linear VAE have names."""
    return int(part) if (part := name.split(".")[-2]).isdecimal() else 0
