"""A model of one's own, however it is written, decodes and encodes as by itself; what does not fit is said."""

import math
import re
import sys

import numpy as np
import pytest
import torch
from torch import nn

from vae_core.inference.latent_grid import LatentGrid
from vae_core.model.vae import build
from vae_core.notebook import explore
from vae_core.notebook.bound import bound, doubt, grid_of, in_words, with_evidence
from vae_core.notebook.browser_networks import browser_networks
from vae_core.notebook.own_model import Unsuitable, own_model
from vae_core.notebook.pictures import pictures_of
from vae_core.settings import ModelSettings

SHAPE, PIXELS, D = (8, 8), 64, 2


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.random.manual_seed(0)
        yield


@pytest.fixture
def x():
    return (torch.rand(30, PIXELS, generator=torch.Generator().manual_seed(1)) < 0.3).float()


class Plain(nn.Module):
    """As in pytorch/examples, but for tanh, which it computes by itself."""

    def __init__(self, likes=lambda rows: rows) -> None:
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(PIXELS, 12), nn.Linear(12, D), nn.Linear(12, D)
        self.fc3, self.fc4 = nn.Linear(D, 12), nn.Linear(12, PIXELS)

    def encode(self, x):
        h = torch.tanh(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def decode(self, z):
        return torch.sigmoid(self.fc4(torch.tanh(self.fc3(z))))


class Convolutional(nn.Module):
    """Planes in, planes and something else out; in float64, with dropout and a batch norm that is still training."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Flatten(), nn.Dropout())
        self.heads = nn.Linear(4 * PIXELS, 2 * D)
        self.net = nn.Linear(D, PIXELS)
        self.double()

    def encode(self, x):
        assert x.dtype == torch.float64
        return torch.distributions.Normal(*self.parts(x))

    def parts(self, x):
        mean, logvar = self.heads(self.encoder(x)).chunk(2, 1)
        return mean, (logvar / 2).exp()

    def decode(self, z):
        return 3 * self.net(z).reshape(-1, 1, *SHAPE), "and more"


def test_rows_are_encoded_and_decoded_as_the_model_does_it(x):
    theirs = Plain()
    own = own_model(theirs, x, SHAPE)
    mean, logvar = theirs.encode(x)
    q = own.vae.posterior(x)
    torch.testing.assert_close(q.mean, mean, atol=1e-6, rtol=0)
    torch.testing.assert_close(q.logvar, logvar, atol=1e-6, rtol=0)
    torch.testing.assert_close(own.vae.mean(q.mean), theirs.decode(mean), atol=1e-5, rtol=0)
    assert own.remarks == []


def test_planes_a_distribution_a_tuple_another_precision_and_a_model_in_training(x):
    theirs = Convolutional().train()
    own = own_model(theirs, x, SHAPE)
    assert theirs.encoder.training
    assert theirs.encoder[1].num_batches_tracked == 0, "nothing was learned of the images that were looked at"
    theirs.eval()
    with torch.no_grad():
        mean, sigma = theirs.parts(x.double().reshape(-1, 1, *SHAPE))
        image = torch.sigmoid(theirs.decode(mean)[0]).reshape(-1, PIXELS)
    q = own.vae.posterior(x)
    torch.testing.assert_close(q.mean, mean.float(), atol=1e-6, rtol=0)
    torch.testing.assert_close(q.stddev, sigma.float(), atol=1e-6, rtol=0)
    torch.testing.assert_close(own.vae.mean(q.mean), image.float(), atol=1e-5, rtol=0)
    assert own.remarks == [
        "decode gives several outputs: the first is the image.",
        "decode gives numbers beyond 0 and 1: they are taken as logits.",
    ]


def test_planes_in_colour_are_pixels_in_colour(x):
    images = torch.rand(5, 3, 4, 6, generator=torch.Generator().manual_seed(2))
    pictures = pictures_of(images)
    assert pictures.shape == (4, 6, 3)
    np.testing.assert_array_equal(pictures.x.reshape(5, 4, 6, 3), images.movedim(1, -1).numpy())
    seen = {}

    def encode(planes):
        seen["x"] = planes
        return planes.flatten(1)[:, :2]

    own = own_model(
        None, torch.from_numpy(pictures.x), pictures.shape, encode=encode, latent_dim=2, likelihood="fixed_gaussian",
        decode=lambda z: images[:1].expand(len(z), -1, -1, -1).flatten(1),
    )  # fmt: skip
    assert not own.vae.stochastic
    torch.testing.assert_close(seen["x"][:2], images[:2].flatten(1))
    torch.testing.assert_close(own.vae.mean(torch.zeros(1, 2))[0], torch.from_numpy(pictures.x[0]))


def test_the_bound_and_the_evidence_are_those_of_a_linear_gaussian_model(x):
    """decode(z) = W z + b with variance c: p(x) = N(b, W W' + c I), and the best q is Gaussian."""
    weight, bias, c = torch.randn(PIXELS, D), torch.rand(PIXELS), 0.5
    precision = torch.eye(D) + weight.T @ weight / c
    mean, deviation = torch.linalg.solve(precision, weight.T @ (x - bias).T / c).T, precision.diagonal().rsqrt()
    own = own_model(
        lambda z: z @ weight.T + bias, x, SHAPE, likelihood="fixed_gaussian", variance=c,
        encode=lambda rows: (mean[: len(rows)], (2 * deviation.log()).expand(len(rows), D)),
    )  # fmt: skip
    found = with_evidence(bound(own.vae, x[0], True), grid_of(own.vae), x[0])
    p = torch.distributions.MultivariateNormal(bias.double(), (weight @ weight.T + c * torch.eye(PIXELS)).double())
    assert found.log_px == pytest.approx(p.log_prob(x[0].double()).item(), abs=1e-3)
    kl = 0.5 * (mean[0].square() + deviation.square() - 1 - 2 * deviation.log()).sum().item()
    assert found.kl == pytest.approx(kl, rel=1e-5)
    dependent = 0.5 * (precision.inverse().logdet() - 2 * deviation.log().sum()).item()  # KL(q || p(z|x))
    assert found.gap == pytest.approx(dependent, abs=5 * found.error)
    assert found.elbo == pytest.approx(found.reconstruction - found.kl)


def test_an_encoder_that_gives_sigma_is_doubted_and_one_that_gives_log_variances_is_not(x):
    """One point for each image, and σ that small: read as log variances they are far too wide."""
    mean, target = torch.randn(30, D), 8 * x - 4
    weight = torch.linalg.lstsq(mean, target).solution

    def said(spread, strength=3):
        def encode(rows):
            return mean[: len(rows)], spread.expand(len(rows), D)

        own = own_model(lambda z: strength * z @ weight, x, SHAPE, encode=encode)
        return doubt(own.vae, x[:20])

    assert re.fullmatch(
        r"Every log variance .* \d+ nats higher: does encode give σ instead of log σ²\?", said(torch.tensor(0.05))
    )
    assert said(2 * torch.tensor(0.05).log()) == ""
    assert said(torch.tensor(0.05), strength=0) == "", "a collapsed model has log variances about 0"


def test_a_code_of_an_even_size_is_a_mean_and_its_variance_only_if_that_is_what_is_decoded(x):
    encoder, two, four = nn.Linear(PIXELS, 4), nn.Linear(2, PIXELS), nn.Linear(4, PIXELS)
    for decoder, dims, stochastic in ((two, 2, True), (four, 4, False)):
        vae = own_model(None, x, SHAPE, encode=encoder, decode=decoder).vae
        assert (vae.latent_dim, vae.stochastic) == (dims, stochastic)


def test_a_model_without_an_encoder_still_has_log_px(x):
    theirs = Plain()
    own = own_model(theirs.decode, x, SHAPE, latent_dim=D)
    assert not own.encodes
    found = with_evidence(bound(own.vae, x[0], own.encodes), grid_of(own.vae), x[0])
    whole = own_model(theirs, x, SHAPE).vae
    assert found.elbo is None
    assert found.log_px == pytest.approx(LatentGrid(whole).log_px(x[:1]).item(), abs=1e-3)
    said = " ".join(text for _, text in in_words(found, "image 0", ""))
    assert "no ELBO" in said
    assert "exact" in said


def test_the_browser_decodes_what_agrees_with_torch_and_nothing_else(x):
    theirs = Plain()
    own = own_model(theirs, x, SHAPE)
    found = browser_networks(theirs, own.vae, SHAPE, x, "bernoulli", 1.0)
    assert found.settings.activation == "tanh", "found by trying"
    assert found.decoder
    assert found.encoder
    settings = ModelSettings(network="conv", encoder=(4, 8), decoder=(8, 4), latent_dim=3, activation="relu")
    ours = build(settings, SHAPE, torch.Generator().manual_seed(0)).eval()
    found = browser_networks(ours, own_model(ours, x, SHAPE).vae, SHAPE, x, "bernoulli", 1.0)
    assert found.settings.network == "conv"
    assert found.decoder
    assert found.encoder

    class Odd(Plain):
        def decode(self, z):
            return super().decode(z) ** 2

    odd = Odd()
    found = browser_networks(odd, own_model(odd, x, SHAPE).vae, SHAPE, x, "bernoulli", 1.0)
    assert (found.decoder, bool(found.encoder)) == (b"", True)


@pytest.mark.parametrize(
    ("model", "more", "said"),
    [
        (object(), {}, "neither decode nor decoder"),
        (lambda z: z, {}, "no encoder that tells how many numbers z has"),
        (lambda z: torch.zeros(len(z), 50), {"latent_dim": 2}, "decode gives 50 numbers for one z, and images of 8x8"),
        (lambda z: "an image", {"latent_dim": 2}, "decode gives no tensor with one image for each of"),
        (lambda z: torch.full((len(z), 64), math.nan), {"latent_dim": 2}, "not finite"),
        (Plain(), {"encode": nn.Linear(64, 6)}, "decode does not take a z of 6 numbers: mat1 and mat2"),
        (Plain(), {"latent_dim": 3}, "encode gives 2 numbers for z, and latent_dim is 3"),
        (Plain(), {"encode": lambda x: (x, x, x)}, "encode gives 3 tensors: let it give two"),
        (Plain(), {"encode": lambda x: x @ torch.zeros(9, 4)}, "neither as rows nor as planes"),
        (Plain(), {"likelihood": "gaussian"}, "likelihood is one of bernoulli, fixed_gaussian"),
        (build(ModelSettings(conditional=True), SHAPE, torch.Generator(), 3), {}, r"as explore\(vae.given"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_sentence(x, model, more, said):
    with pytest.raises(Unsuitable, match=said) as refused:
        own_model(model, x, SHAPE, **more)
    assert "\n" not in str(refused.value)


def test_images_and_labels_as_people_have_them():
    grey = np.random.default_rng(0).integers(0, 256, (20, 8, 9)).astype(np.uint8)
    tensor = torch.from_numpy(grey)
    same = grey, grey / 255, grey[:, None], grey[..., None], grey.astype(np.float64), tensor, list(tensor)
    for given in (*same, tensor.float()[:, None] / 255):
        pictures = pictures_of(given)
        assert pictures.shape == (8, 9)
        np.testing.assert_array_equal(pictures.levels.reshape(20, 8, 9), grey)
    words = pictures_of(grey, np.array(["sock", "shoe"] * 10))
    assert (words.classes, words.labels[:2].tolist()) == (("shoe", "sock"), [1, 0])
    assert pictures_of(grey, torch.arange(20) % 3 + 4).classes == tuple("0123456")
    assert pictures_of(grey, np.eye(4)[np.arange(20) % 4]).labels[:5].tolist() == [0, 1, 2, 3, 0]
    free = pictures_of(np.zeros((300, 4, 4)), np.random.default_rng(0).random(300))
    assert (free.labels, free.classes) == (None, ())
    assert "300 values, more than 256" in free.remarks[0]
    for images, labels, said in (
        (grey[0], None, "wanted as"), (grey[:0], None, "wanted as"), (grey / 255 - 0.5, None, "encode=lambda x"),
        (grey, [1, 2], "2 labels for 20"), (np.full((2, 4, 4), np.nan), None, "not finite"),
        (np.zeros((2, 4, 300)), None, "Sides of 2 to 128"), (np.array([[["a"]]]), None, "Sides of|are numbers"),
    ):  # fmt: skip
        with pytest.raises(Unsuitable, match=said):
            pictures_of(images, labels)


def test_without_anywidget_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.setattr("vae_core.notebook.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'not installed: pip install "anywidget') as refused:
        explore(Plain(), np.zeros((4, 8, 8)))
    assert "\n" not in str(refused.value)
