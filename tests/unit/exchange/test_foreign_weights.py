"""Weights from other code: each known layout, made here as its code makes it, decodes and encodes exactly as there."""

import io
import math
import re

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from vae_core.__main__ import main
from vae_core.exchange import foreign_weights
from vae_core.exchange.archive import packed, read
from vae_core.exchange.foreign_weights import Foreign, read_weights, recognise, settings_of, take
from vae_core.runs.store import Runs, trained

PIXELS, DIMS = 784, 3


class Example(nn.Module):
    """As in pytorch/examples."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(PIXELS, 20), nn.Linear(20, DIMS), nn.Linear(20, DIMS)
        self.fc3, self.fc4 = nn.Linear(DIMS, 20), nn.Linear(20, PIXELS)

    def encode(self, x):
        h = torch.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def decode(self, z):
        return torch.sigmoid(self.fc4(torch.relu(self.fc3(z))))


class Pythae(nn.Module):
    """Encoder_VAE_MLP and Decoder_AE_MLP."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList([nn.Sequential(nn.Linear(PIXELS, 16), nn.ReLU())])
        self.encoder.embedding, self.encoder.log_var = nn.Linear(16, DIMS), nn.Linear(16, DIMS)
        self.decoder = nn.Module()
        last = nn.Sequential(nn.Linear(16, PIXELS), nn.Sigmoid())
        self.decoder.layers = nn.ModuleList([nn.Sequential(nn.Linear(DIMS, 16), nn.ReLU()), last])

    def encode(self, x):
        h = self.encoder.layers[0](x)
        return self.encoder.embedding(h), self.encoder.log_var(h)

    def decode(self, z):
        return self.decoder.layers[1](self.decoder.layers[0](z))


class TwoHeads(nn.Module):
    """A common way to write it; tanh, and no bias in the first layer."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(PIXELS, 12, bias=False), nn.Tanh(), nn.Linear(12, 8), nn.Tanh())
        self.fc_mu, self.fc_var = nn.Linear(8, DIMS), nn.Linear(8, DIMS)
        self.decoder = nn.Sequential(nn.Linear(DIMS, 8), nn.Tanh(), nn.Linear(8, PIXELS), nn.Sigmoid())

    def encode(self, x):
        h = self.encoder(x)
        return self.fc_mu(h), self.fc_var(h)

    def decode(self, z):
        return self.decoder(z)


class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(PIXELS, 9), nn.ReLU(), nn.Linear(9, 2 * DIMS))
        self.decoder = nn.Sequential(nn.Linear(DIMS, 9), nn.ReLU(), nn.Linear(9, PIXELS), nn.Sigmoid())

    def encode(self, x):
        return self.encoder(x).chunk(2, -1)

    def decode(self, z):
        return self.decoder(z)


KINDS = {"pytorch-example": Example, "pythae": Pythae, "two-heads": TwoHeads, "stack": Stack}


def made(kind: str) -> nn.Module:
    with torch.random.fork_rng():
        torch.random.manual_seed(0)
        return KINDS[kind]().eval().requires_grad_(False)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_known_layout_decodes_and_encodes_as_its_own_code_does(kind, suffix, tmp_path, digits):
    theirs, file, runs = made(kind), tmp_path / f"theirs{suffix}", Runs(tmp_path / "runs")
    if suffix == ".pt":
        torch.save({"epoch": 3, "state_dict": {f"module.{k}": v for k, v in theirs.state_dict().items()}}, file)
    else:
        save_file(theirs.state_dict(), file)
    entry = take(file, digits, runs, activation="tanh" if kind == "two-heads" else "")
    assert entry.status == "done"
    assert foreign_weights.LAYOUTS.keys() == KINDS.keys()
    assert kind in entry.manifest["origin"]
    vae, z = entry.load().vae, torch.randn(20, DIMS, generator=torch.Generator().manual_seed(1))
    assert torch.equal(vae.mean(z), theirs.decode(z))
    x = digits.observed("test", range(30))
    mean, logvar = theirs.encode(x)
    q = vae.posterior(x)
    assert torch.allclose(q.mean, mean, atol=1e-6)
    assert torch.allclose(q.logvar, logvar, atol=1e-6)
    assert len(entry.codes().mean) == len(digits.test)
    assert take(file, digits, runs, activation="tanh" if kind == "two-heads" else "").created == entry.created
    assert len(runs.list()) == 1


def test_other_weights_of_the_same_settings_are_another_run_and_an_export_comes_back(tmp_path, digits):
    runs, entries = Runs(tmp_path / "runs"), []
    for k in range(2):
        weights = {name: tensor + k for name, tensor in made("stack").state_dict().items()}
        save_file(weights, tmp_path / f"{k}.safetensors")
        entries.append(take(tmp_path / f"{k}.safetensors", digits, runs, name=f"number {k}"))
    assert entries[0].key != entries[1].key
    assert entries[1].name == "number 1"
    (tmp_path / "one.zip").write_bytes(packed(entries[0]))
    back = read(tmp_path / "one.zip", Runs(tmp_path / "elsewhere"))
    assert back.key == entries[0].key
    assert all(np.array_equal(array, back.weights()[name]) for name, array in entries[0].weights().items())


def changed(**tensors) -> dict:
    weights = {k: v.numpy() for k, v in made("pytorch-example").state_dict().items()}
    for name, array in tensors.items():
        if array is None:
            weights.pop(name.replace("__", "."))
        else:
            weights[name.replace("__", ".")] = array
    return weights


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (changed(fc21__weight=None), "it has no fc21.weight"),
        (changed(fc3__weight=None, fc4__weight=None), "the decoder’s layers"),
        (changed(fc22__weight=np.zeros((4, 20), np.float32), fc22__bias=np.zeros(4, np.float32)), "its log variance"),
        (changed(fc4__weight=np.zeros((784, 7), np.float32)), "takes 7 numbers and the layer before it gives 20"),
        (changed(fc4__bias=np.zeros(3, np.float32)), "fc4.bias has 3 numbers for 784 outputs"),
        (changed(fc1__weight=np.zeros((20, 1, 28, 28), np.float32)), "only fully connected layers"),
        (changed(fc3__weight=np.zeros((20, 5), np.float32)), "ends in 6 numbers and the decoder begins with 5"),
        (
            {k: v for k, v in changed().items() if "fc3" not in k} | {"fc4.weight": np.zeros((784, 3), np.float32)},
            "it has no hidden layer",
        ),
        ({"generator.weight": np.zeros((2, 2), np.float32)}, "in no layout that is known here: generator.weight"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_said(weights, said):
    with pytest.raises(Foreign, match=said.replace(".", r"\.")):
        recognise(weights)
    if "generator" not in said:
        with pytest.raises(Foreign, match=r"^pytorch-example: "):
            recognise(weights, "pytorch-example")


def test_a_sentence_names_layers_and_shows_no_patterns():
    with pytest.raises(Foreign) as refused:
        recognise({"generator.weight": np.zeros((2, 2), np.float32)})
    for said in (
        "fc1, fc21, fc22, fc3, fc4",
        "encoder.layers, embedding, log_var",
        "encoder.N and decoder.N",
        "explore",
    ):
        assert said in str(refused.value)
    for layout in KINDS:
        with pytest.raises(Foreign, match=f"^{layout}: it has no ") as refused:
            recognise({"generator.weight": np.zeros((2, 2), np.float32)}, layout)
        assert not set("()?|\\") & set(str(refused.value))


@pytest.mark.parametrize("kind", KINDS)
def test_what_nearly_fits_is_named_first_and_what_is_wrong_with_it(kind):
    """With a layer too little, and with one of another size: of the layout that it is meant to be in, no other one."""
    weights = {name: tensor.numpy() for name, tensor in made(kind).state_dict().items()}
    last = [name for name in weights if name.endswith(".bias")][-1]
    short = weights | {last: weights[last][:5]}
    with pytest.raises(Foreign, match=rf"^This is nearly a VAE in the layout {kind}, but {last} has 5 numbers for 784"):
        recognise(short)
    first = {name: array for name, array in weights.items() if name not in ("fc21.weight", "fc_var.weight")}
    if len(first) < len(weights):
        with pytest.raises(Foreign, match=rf"^This is nearly a VAE in the layout {kind}, but it has no \w+\.weight"):
            recognise(first)


def test_files_that_are_no_weights_are_refused(tmp_path, digits):
    class Hostile:
        def __reduce__(self):
            return print, ("hello",)

    whole = io.BytesIO()
    torch.save(made("stack"), whole)
    files = {
        "a.safetensors": b"no", "b.pt": b"hello" * 40, "c.pt": None, "d.pt": {"optimizer": 3}, "gone.pt": ...,
        "whole.pt": whole.getvalue(), "cut.pt": whole.getvalue()[:3000], "empty.pt": b"", "text.pt": b"no",
    }  # fmt: skip
    for name, content in files.items():
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not ...:
            torch.save(content or {"weights": Hostile()}, path)
        with pytest.raises(Foreign, match=f"{name} (is|holds|cannot be read).*") as refused:
            read_weights(path)
        assert str(refused.value).isprintable()
        assert re.fullmatch(r".{20,220}[.]", str(refused.value).replace(str(tmp_path), "")), "one sentence"
    for name, said in (("c.pt", "holds a whole model, or"), ("b.pt", "is no file that torch.save wrote")):
        with pytest.raises(Foreign, match=rf"{said}.*: save its weights alone, vae.state_dict\(\)\.$"):
            read_weights(tmp_path / name)
    save_file({"encoder.0.weight": torch.full((2, 784), torch.nan)}, tmp_path / "nan.safetensors")
    with pytest.raises(Foreign, match="not finite"):
        read_weights(tmp_path / "nan.safetensors")
    save_file({"half.weight": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "half.safetensors")
    assert read_weights(tmp_path / "half.safetensors")["half.weight"].tolist() == [1.0, 1.0]
    taken = recognise(changed())
    with pytest.raises(Foreign, match="likelihood gaussian gives 1568 numbers, this one 784"):
        settings_of(taken, digits, likelihood="gaussian")
    with pytest.raises(Foreign, match="There is no layout 'mine'"):
        recognise(changed(), "mine")
    small = {"encoder.0": (3, 9), "encoder.2": (2, 3), "decoder.0": (3, 1), "decoder.2": (9, 3)}
    save_file({f"{name}.weight": torch.zeros(shape) for name, shape in small.items()}, tmp_path / "s.safetensors")
    with pytest.raises(Foreign, match="takes 9 pixels, and strokes has images of 28x28"):
        take(tmp_path / "s.safetensors", digits, Runs(tmp_path))


def test_the_command_takes_weights_and_says_what_is_wrong(tmp_path, cache, capsys):
    from vae_core.data.datasets import load_dataset

    pixels = math.prod(load_dataset("toy").shape)
    file = tmp_path / "mine.safetensors"
    shapes = {
        "encoder.0.weight": (3, pixels), "encoder.2.weight": (4, 3), "decoder.0.weight": (3, 2),
        "decoder.2.weight": (2 * pixels, 3),
    }  # fmt: skip
    save_file({name: torch.zeros(shape) for name, shape in shapes.items()}, file)
    asked = ["import", str(file), "--dataset", "toy", "--likelihood", "gaussian", "--like", "stack"]
    assert main(asked) == 0
    (entry,) = trained().list()
    assert entry.name == "mine"
    assert entry.key in capsys.readouterr().out
    assert main([*asked, "--likelihood", "bernoulli"]) == 2
    assert "likelihood bernoulli gives" in capsys.readouterr().err


def test_the_same_weights_again_are_said_to_be_here_and_take_a_new_name(tmp_path, cache, capsys):
    file = tmp_path / "mine.safetensors"
    save_file(made("stack").state_dict(), file)
    asked = ["import", str(file), "--dataset", "strokes"]
    assert main(asked) == 0
    assert "already" not in capsys.readouterr().err
    assert main(asked) == 0
    assert "This model is here already, as mine." in capsys.readouterr().err
    assert main([*asked, "--name", "again"]) == 0
    said = capsys.readouterr()
    assert "This model is here already, as mine.\nIt is called again from now on.\n" in said.err
    assert [entry.name for entry in trained().list()] == ["again"]
    assert "  again  ELBO" in said.out


def test_a_bound_below_that_of_independent_pixels_is_doubted(tmp_path, digits):
    """A decoder that gives each pixel's mean reaches as much; one whose logits are all far off does not."""
    mean = (digits.train.double().mean(0) / 255).clamp(1e-3, 1 - 1e-3)
    weights = {name: torch.zeros_like(tensor) for name, tensor in made("stack").state_dict().items()}
    for bias, doubted in ((torch.logit(mean).float(), False), (torch.full((PIXELS,), 5.0), True)):
        save_file(weights | {"decoder.2.bias": bias}, tmp_path / "means.safetensors")
        entry = take(tmp_path / "means.safetensors", digits, Runs(tmp_path / "runs"))
        said = foreign_weights.doubt(entry, digits)
        assert ("activation or a likelihood other than relu and bernoulli" in said) == doubted
        assert "\n" not in said
