"""A model for other programs: codes and curve as tables, both networks as ONNX, and a decoder as one blob.

The pages decode that in the browser; it is little-endian:

    uint32 length of the header | header: JSON, padded with spaces so that the weights start at a multiple of 4
    of a conditional model, per class: float32 w_y (out,), which is added to the first layer's bias
    per layer: float32 W, row-major (out, in), of a transposed convolution (in, out, 4, 4), then float32 b (out,)

The header: {"layers": [[in, out, activation], ...], "classes", "likelihood", "squash", "shape": [H, W] or [H, W, 3],
"latent_dim", "sha256"}, the sha256 being that of the weights' bytes, and classes 0 for a model that knows none. The
squash, "sigmoid", "identity" or "langevin" (that of the continuous Bernoulli, model/continuous_bernoulli.py), makes the
mean image of the first X = H W or 3 H W outputs.

A layer [in, out, activation, h, w] is a transposed convolution with kernel 4, stride 2 and padding 1 from `in` channels
of h x w to `out` channels of 2h x 2w. The last one gives red, green and blue of an image in colour as channels, which
stand side by side in X, pixel by pixel.
"""

import csv
import io
import json
import math
import struct
from importlib.util import find_spec

import numpy as np

from vae_core.data.class_names import complete
from vae_core.runs.store import Entry
from vae_core.sealed_files import digest
from vae_core.settings import ModelSettings, halved


def decoder_blob(entry: Entry) -> bytes:
    """The decoder of a published run."""
    return blob_of_decoder(entry.weights(), entry.settings.model, entry.shape)


def blob_of_decoder(weights: dict[str, np.ndarray], model: ModelSettings, shape: tuple[int, ...]) -> bytes:
    """The same of float32 weights by their names in VAE.state_dict()."""
    weights = dict(weights)
    names = sorted((n for n in weights if n.startswith("decoder.") and n.endswith(".weight")), key=_place)
    first = weights[names[0]]
    weights[names[0]], columns = first[:, : model.latent_dim], first[:, model.latent_dim :]
    layers, data = [], np.ascontiguousarray(columns.T, "<f4").tobytes()
    sides = halved(shape, len(model.decoder)) if model.network == "conv" else ()
    for name in names:
        matrix, bias = weights[name], weights[name.removesuffix("weight") + "bias"]
        activation = "identity" if name == names[-1] else model.activation
        if matrix.ndim == 4:
            layers.append([*matrix.shape[:2], activation, *sides])
            sides = 2 * sides[0], 2 * sides[1]
        else:
            layers.append([matrix.shape[1], matrix.shape[0], activation])
        data += matrix.astype("<f4").tobytes() + bias.astype("<f4").tobytes()
    header = {
        "layers": layers, "classes": columns.shape[1], "likelihood": model.likelihood, "squash": model.row.squash,
        "shape": list(shape), "latent_dim": model.latent_dim, "sha256": digest(data),
    }  # fmt: skip
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % 4)
    return struct.pack("<I", len(text)) + text + data


def codes_csv(entry: Entry) -> str:
    """Codes of the test images as a table: the class by its name, then mean and sigma of each dimension.

    A ValueError without codes.
    """
    codes = entry.codes()
    if codes is None:
        raise ValueError(f"{entry.key} was published without codes; evaluate it on its data set first.")
    dims = range(1, codes.mean.shape[1] + 1)
    classes = complete(entry.classes, codes.labels)
    labels = [""] * len(codes.mean) if codes.labels is None else [classes[label] for label in codes.labels]
    numbers = np.concatenate([codes.mean, np.exp(codes.logvar / 2)], axis=1)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")  # a name may hold commas, quotes and line breaks
    table.writerow(["label", *(f"mu_{j}" for j in dims), *(f"sigma_{j}" for j in dims)])
    table.writerows([label, *(f"{v:.5g}" for v in row)] for label, row in zip(labels, numbers, strict=True))
    return text.getvalue()


def curve_csv(entry: Entry) -> str:
    """The training as a table, a row per report, nats per image: training terms, held-out ones, KL per dimension."""
    rows, dims = entry.history(), range(1, entry.settings.model.latent_dim + 1)
    names = list(dict.fromkeys(name for row in rows for name in row if name != "kl_per_dimension"))
    lines = [",".join([*names, *(f"kl_{j}" for j in dims)])]
    for row in rows:
        lines.append(",".join(str(value) for value in [*(row.get(n, "") for n in names), *row["kl_per_dimension"]]))
    return "\n".join(lines) + "\n"


def onnx_missing() -> list[str]:
    """Packages that writing ONNX needs and that are not installed."""
    return [name for name in ("onnx", "onnxscript") if find_spec(name) is None]


def onnx_files(entry: Entry) -> dict[str, bytes]:
    """encoder.onnx: x (B, X) -> mean, logvar (B, D), of an autoencoder code (B, D); decoder.onnx: z (B, D) -> the mean
    image (B, X), in [0, 1] where the likelihood squashes it. Of a conditional model of C classes both take one-hot
    classes behind their input: (B, X + C) and (B, D + C). ModuleNotFoundError where the packages are missing."""
    import torch

    vae = entry.load().vae
    classes = getattr(vae, "classes", 0)

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = vae.encoder

        def forward(self, x):
            code = self.network(x)
            return code.chunk(2, -1) if vae.stochastic else code

    class Decoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network, self.likelihood = vae.decoder, vae.likelihood

        def forward(self, z):
            return self.likelihood(self.network(z)).mean

    out = ["mean", "logvar"] if vae.stochastic else ["code"]
    return {
        "encoder.onnx": _onnx(Encoder(), torch.zeros(2, math.prod(entry.shape) + classes), "x", out),
        "decoder.onnx": _onnx(Decoder(), torch.zeros(2, vae.latent_dim + classes), "z", ["image"]),
    }


def _onnx(module, example, given: str, out: list[str]) -> bytes:
    import torch

    file = io.BytesIO()
    torch.onnx.export(
        module.eval(), (example,), file, input_names=[given], output_names=out, dynamo=True, verbose=False,
        dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=False,
    )  # fmt: skip
    return file.getvalue()


def _place(name: str) -> int:
    """decoder.2.weight of an mlp, decoder.network.2.weight of a conv network -> 2."""
    return int(name.split(".")[-2])
