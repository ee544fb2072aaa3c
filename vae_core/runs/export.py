"""A model for other programs: codes and curve as tables, both networks as ONNX, and a decoder as one blob.

The pages decode that in the browser; it is little-endian:

    uint32 length of the header | header: JSON, padded with spaces so that the weights start at a multiple of 4
    per layer: float32 W, row-major (out, in), then float32 b

The header: {"layers": [[in, out, activation], ...], "likelihood", "squash", "shape": [H, W], "latent_dim", "sha256"},
the sha256 being that of the weights' bytes. The squash, "sigmoid" or "identity", makes the mean image of the first H W
outputs.
"""

import csv
import io
import json
import struct
from importlib.util import find_spec

import numpy as np

from vae_core.data.class_names import complete
from vae_core.runs.store import Entry
from vae_core.sealed_files import digest


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
        "layers": layers, "likelihood": model.likelihood, "squash": model.row.squash,
        "shape": list(entry.shape), "latent_dim": model.latent_dim, "sha256": digest(data),
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
    image (B, X), in [0, 1] where the likelihood squashes it. ModuleNotFoundError where the packages are missing."""
    import torch

    vae, (height, width) = entry.load().vae, entry.shape

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
        "encoder.onnx": _onnx(Encoder(), torch.zeros(2, height * width), "x", out),
        "decoder.onnx": _onnx(Decoder(), torch.zeros(2, vae.latent_dim), "z", ["image"]),
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
    return int(name.split(".")[1])
