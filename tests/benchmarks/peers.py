"""Peers that train the same network on the same data: 784-500-2-500-784, tanh, Adam, 100 dynamically binarised images.

Each is a function that gives a callable and the number of steps one call takes; those not installed are left out
(pip install jax keras pythae). pythae and Keras take binary images as they are: they are spared the binarising.
"""

import contextlib
import io
import os
from collections.abc import Callable, Iterator

import torch
from torch import nn

from vae_core.data.datasets import Dataset
from vae_core.paths import data_folder

BATCH = 100
Peer = tuple[Callable[[], object], int]


class Tutorial(nn.Module):
    """The network of most tutorials, with probabilities at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.mu, self.lv = nn.Linear(784, 500), nn.Linear(500, 2), nn.Linear(500, 2)
        self.fc3, self.fc4 = nn.Linear(2, 500), nn.Linear(500, 784)

    def encode(self, x):
        h = torch.tanh(self.fc1(x))
        return self.mu(h), self.lv(h)

    def decode(self, z):
        return torch.sigmoid(self.fc4(torch.tanh(self.fc3(z))))


def dataloader(_: Dataset) -> Peer:
    """A DataLoader over PIL images with ToTensor, BCE of probabilities, plain Adam, .item() in each step."""
    from torch.utils.data import DataLoader
    from torchvision.datasets import MNIST, FakeData
    from torchvision.transforms import ToTensor

    try:
        pictures = MNIST(data_folder(), transform=ToTensor())
    except RuntimeError:  # not there: random pictures of the same size take their place
        pictures = FakeData(60_000, (1, 28, 28), transform=ToTensor())
    model = Tutorial()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def forever() -> Iterator[torch.Tensor]:
        while True:
            yield from (grey for grey, _ in DataLoader(pictures, BATCH, shuffle=True))

    batches = forever()

    def steps() -> None:
        for _ in range(20):
            x = torch.bernoulli(next(batches).view(-1, 784))
            optimizer.zero_grad()
            mu, logvar = model.encode(x)
            y = model.decode(mu + torch.randn_like(mu) * torch.exp(0.5 * logvar))
            bce = nn.functional.binary_cross_entropy(y, x, reduction="sum")
            loss = bce - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
            loss.backward()
            loss.item()
            optimizer.step()

    return steps, 20


def pythae(dataset: Dataset) -> Peer:
    """Its own VAE and trainer around the same layers: an epoch of 2,000 images."""
    import tempfile

    from pythae.data.datasets import BaseDataset
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig

    net = Tutorial()

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, x):
            mu, logvar = self.net.encode(x)
            return ModelOutput(embedding=mu, log_covariance=logvar)

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, z):
            return ModelOutput(reconstruction=self.net.decode(z))

    x = dataset.observed("train", range(20 * BATCH))
    settings = VAEConfig(input_dim=(784,), latent_dim=2, reconstruction_loss="bce")
    trainer = BaseTrainer(
        VAE(settings, Encoder(), Decoder()), BaseDataset(x, torch.zeros(len(x))),
        training_config=BaseTrainerConfig(
            output_dir=tempfile.mkdtemp(), per_device_train_batch_size=BATCH, learning_rate=1e-3, no_cuda=True
        ),
    )  # fmt: skip
    trainer.prepare_training()

    def steps() -> None:
        with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
            trainer.train_step(epoch=1)

    return steps, 20


def jax(dataset: Dataset, scanned: bool = False) -> Peer:
    """Plain JAX, a compiled step for each batch, or (scanned) one compiled program for twenty of them."""
    import jax
    from jax import numpy as jnp

    grey = jnp.asarray(dataset.train[:20_000].reshape(-1, 784).numpy())
    sizes = {"in": (784, 500), "code": (500, 4), "hidden": (2, 500), "out": (500, 784)}
    key = jax.random.key(0)
    weights = {
        name: (jax.random.normal(jax.random.fold_in(key, n), size) / size[0] ** 0.5, jnp.zeros(size[1]))
        for n, (name, size) in enumerate(sizes.items())
    }
    zeros = jax.tree.map(jnp.zeros_like, weights)

    def loss(weights, x, noise):
        def layer(name, a):
            return a @ weights[name][0] + weights[name][1]

        mu, logvar = jnp.split(layer("code", jnp.tanh(layer("in", x))), 2, axis=1)
        logits = layer("out", jnp.tanh(layer("hidden", mu + noise * jnp.exp(0.5 * logvar))))
        reconstruction = (x * logits - jax.nn.softplus(logits)).sum()
        return -(reconstruction + 0.5 * (1 + logvar - mu**2 - jnp.exp(logvar)).sum()) / len(x)

    def step(state, _):
        weights, m, v, n, key = state
        key, choose, binarise, sample = jax.random.split(key, 4)
        chosen = grey[jax.random.randint(choose, (BATCH,), 0, len(grey))]
        x = (255 * jax.random.uniform(binarise, chosen.shape) < chosen).astype(jnp.float32)
        value, gradient = jax.value_and_grad(loss)(weights, x, jax.random.normal(sample, (BATCH, 2)))
        n = n + 1
        m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, gradient)
        v = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g**2, v, gradient)
        rate = 1e-3 * jnp.sqrt(1 - 0.999**n) / (1 - 0.9**n)
        weights = jax.tree.map(lambda w, a, b: w - rate * a / (jnp.sqrt(b) + 1e-8), weights, m, v)
        return (weights, m, v, n, key), value

    state = (weights, zeros, zeros, 0, key)
    one = jax.jit(step)
    twenty = jax.jit(lambda state: jax.lax.scan(step, state, None, length=20))

    def steps() -> None:
        nonlocal state
        if scanned:
            state, value = twenty(state)
        else:
            for _ in range(20):
                state, value = one(state, None)
        value.block_until_ready()

    return steps, 20


def keras(dataset: Dataset) -> Peer:
    """Keras 3 on JAX: compile and fit, a hundred steps of binary images."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras as k

    class Sampled(k.layers.Layer):
        """z = mu + sigma eps; adds the KL to the loss."""

        def __init__(self) -> None:
            super().__init__()
            self.noise = k.random.SeedGenerator(0)

        def call(self, code):
            mu, logvar = k.ops.split(code, 2, axis=1)
            kl = -0.5 * k.ops.sum(1 + logvar - mu**2 - k.ops.exp(logvar), axis=1)
            self.add_loss(k.ops.mean(kl))
            return mu + k.ops.exp(0.5 * logvar) * k.random.normal(k.ops.shape(mu), seed=self.noise)

    x = k.Input((784,))
    z = Sampled()(k.layers.Dense(4)(k.layers.Dense(500, "tanh")(x)))
    model = k.Model(x, k.layers.Dense(784)(k.layers.Dense(500, "tanh")(z)))

    def reconstruction(x, logits):
        return k.ops.sum(k.ops.softplus(logits) - x * logits, axis=1)

    model.compile(k.optimizers.Adam(1e-3), loss=reconstruction)
    images = dataset.observed("train", range(100 * BATCH)).numpy()
    return lambda: model.fit(images, images, batch_size=BATCH, verbose=0), 100


PEERS: dict[str, Callable[[Dataset], Peer]] = {
    "DataLoader + ToTensor": dataloader,
    "pythae": pythae,
    "Keras 3 on JAX": keras,
    "JAX, compiled step": jax,
    "JAX, 20 steps scanned": lambda dataset: jax(dataset, scanned=True),
}


def installed(dataset: Dataset) -> dict[str, Peer]:
    """Each peer, warm; whichever is not installed is left out."""
    found = {}
    for name, make in PEERS.items():
        try:
            peer = make(dataset)
        except ImportError:
            continue
        for _ in range(2):
            peer[0]()
        found[name] = peer
    return found
