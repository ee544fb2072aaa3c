"""The walk: iterations of algorithm 1 on a copy of the model, with everything on the way for the browser to show."""

import base64
import inspect
import math
import time
import uuid
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
import torch

from dashboard.shared import model_picker, model_view, test_images, url_state
from dashboard.shared.caching import cached
from dashboard.shared.components import component
from vae_core.data.datasets import observe
from vae_core.inference.elbo import elbo
from vae_core.model.gaussians import kl_standard_normal
from vae_core.model.networks import WithClass
from vae_core.model.vae import VAE, build
from vae_core.training import algorithm, single_step
from vae_core.training.train import BATCHES, NOISE, WEIGHTS, generator, learning_rate, uniforms

walk = component("algorithm/walk/walk.js")

KEY = "walker"  # in the session
VISITORS = 32
LINES = tuple("123456")
GRAPHS = {"reparameterised": algorithm.through_z, "z drawn at random": algorithm.past_z}  # what each differentiates
THROUGH, PAST = GRAPHS
WEIGHTS_FROM = ("random", "trained")
M = 100  # images of a batch
SHOWN = 10  # of them, with all that is computed of each
DRAWS = 8  # of the noise, for how much the two estimators vary
SAMPLES = 2000  # images of a data set that the model draws itself
HELD_OUT = 500  # images that the bound is measured on
AT_ONCE = 50  # iterations of one click
ANSWER = 2  # seconds of iterations, after which the browser is told how many are left
RISE, PATIENCE = 0.1, 5  # nats, evaluations: when it has converged
OPTIMIZERS = {"adam": "Adam", "adagrad": "Adagrad", "sgd": "Gradient descent"}
UNITS = 512  # of a hidden layer that are drawn, at most


class Images(NamedTuple):
    """What the batches are drawn from, as the data set has it, and what the bound is measured on."""

    train: torch.Tensor  # (N, X) uint8
    held_out: torch.Tensor  # (n, X) float32, as the model sees them
    whose: str  # "training images" or "images that the model drew"
    labels: torch.Tensor | None = None  # (N,) their classes, and (n,), for a conditional model
    held_labels: torch.Tensor | None = None


def draw(model: model_view.Model, ready: test_images.Material) -> None:
    images = own(model) if ready.data is None else given(model, ready.data)
    start = url_state.one_of("weights", WEIGHTS_FROM)
    graph, line = url_state.one_of("graph", tuple(GRAPHS)), int(url_state.one_of("line", LINES))
    lab = of_this_visitor(model, images, start, graph)
    headline, explanation = claim(graph)
    told = " Both networks of this model are told the class of each image." if model.knows else ""
    model_picker.heading(headline, explanation + told, model)
    walk(
        key="walk",
        data=lab["seen"] | {
            "line": line, "graph": graph, "graphs": list(GRAPHS), "claim": headline,
            "weights": start, "starts": WEIGHTS_FROM, "shape": model.entry.shape, "photograph": model.photograph,
            "count": lab["count"], "left": lab["left"], "bounds": lab["bounds"], "converged": ended(lab), "rise": RISE,
            "patience": PATIENCE, "atOnce": AT_ONCE, "code": CODE[graph], "dims": model.dims,
            "binary": model.entry.settings.model.row.binary,
        },
        on_line_change=lambda: url_state.keep("line", str(st.session_state.walk.line)),
        on_graph_change=lambda: url_state.keep("graph", st.session_state.walk.graph),
        on_weights_change=lambda: url_state.keep("weights", st.session_state.walk.weights),
        on_go_change=lambda: further(model, images, lab, st.session_state.walk.go),
        on_again_change=lambda: st.session_state.pop(KEY, None),
    )  # fmt: skip


def further(model: model_view.Model, images: Images, lab: dict[str, Any], asked: dict[str, Any] | None) -> None:
    if asked:
        url_state.keep("line", str(asked["line"]))
        go(model, images, lab, asked)


def of_this_visitor(model: model_view.Model, images: Images, start: str, graph: str) -> dict[str, Any]:
    """Weights and optimizer take 20 MB: the latest visitors' are kept, others begin again when they come back."""
    return kept(st.session_state.setdefault(KEY, uuid.uuid4().hex), model, start, graph, images)


@cached(max_entries=VISITORS)
def kept(visitor: str, model: model_view.Model, start: str, graph: str, _images: Images) -> dict[str, Any]:
    return begin(model, _images, start, graph)


def claim(graph: str) -> tuple[str, str]:
    if graph == PAST:
        return (
            "If z is drawn at random, no gradient passes it",
            "The reconstruction then reaches the encoder by the score function only, which is right on average and "
            "very noisy. The KL sends its gradient as before.",
        )
    return (
        "A variational autoencoder learns in six lines",
        "They raise the evidence lower bound (ELBO): reconstruction minus KL (Kullback–Leibler), through z = μ + σ ε.",
    )


# -- the images --------------------------------------------------------------------------------------------------------


@cached(max_entries=4)
def given(model: model_view.Model, data) -> Images:
    """The training images of the model's data set, and test images through the noise that every page gives them."""
    chosen = model.entry.settings.data
    train, _ = data.training(min(chosen.validation, len(data.train) - 1))
    held_out = data.observed("test", range(min(HELD_OUT, len(data.test))), pixels=chosen.pixels)
    labels, held_labels = data.labels("train", range(len(train))), data.labels("test", range(len(held_out)))
    if not len(held_out):
        held_out = observed(model, train[:HELD_OUT], 1)
        held_labels = data.labels("train", range(len(held_out)))
    return Images(train, held_out, "training images", labels, held_labels)


@cached(max_entries=4)
def own(model: model_view.Model) -> Images:
    """Where the data set is not on this machine: images that the model draws of prior samples."""
    rng, count = torch.Generator().manual_seed(0), SAMPLES + HELD_OUT
    z = torch.randn(count, model.dims, generator=rng)
    labels = torch.arange(count) % model.knows if model.knows else None
    with torch.no_grad():
        mean = model_view.network(model).given(labels).mean(z)
    grey = mean.clamp(0, 1).mul(255).round().byte()
    parts = (None, None) if labels is None else (labels[:SAMPLES], labels[SAMPLES:])
    return Images(grey[:SAMPLES], observed(model, grey[SAMPLES:], 1), "images that the model drew", *parts)


def observed(model: model_view.Model, grey: torch.Tensor, seed: int) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return observe(grey, model.entry.settings.data.pixels, uniforms(grey.shape, rng))


# -- the iterations ----------------------------------------------------------------------------------------------------


def begin(model: model_view.Model, images: Images, start: str, graph: str = THROUGH) -> dict[str, Any]:
    """A copy of the model, or one with random weights, a fresh optimizer, and its first iteration."""
    settings = model.entry.settings
    if start == WEIGHTS_FROM[1]:
        vae = model.entry.load().vae
    else:
        vae = build(settings.model, model.entry.shape, generator(settings.train.seed, WEIGHTS, 0), model.knows)
    lab = {
        "start": start, "graph": graph, "moment": None, "seen": None, "left": 0,
        "vae": vae, "count": 0, "bounds": [], "optimizer": single_step.optimizer(vae, settings.train),
    }  # fmt: skip
    measure(lab, images)
    take(model, images, lab)
    return lab


def go(model: model_view.Model, images: Images, lab: dict[str, Any], asked: dict[str, Any]) -> None:
    """The next iteration, after `skip` that are not shown.

    Where these take long it stops before the end, and the browser asks for those that are left.
    """
    if asked["moment"] == lab["moment"]:
        return
    lab["moment"], lab["left"] = asked["moment"], min(max(0, int(asked["skip"])), AT_ONCE - 1)
    late = time.monotonic() + ANSWER
    while lab["left"]:
        x, noise, labels = batch(model, images, lab["count"])
        rate(model, lab)
        beta, objective = model.entry.settings.train.beta, GRAPHS[lab["graph"]]
        single_step.step(lab["vae"], lab["optimizer"], x, noise, beta, objective=objective, labels=labels)
        lab["count"] += 1
        lab["left"] -= 1
        if lab["left"] and time.monotonic() > late:
            return
    take(model, images, lab)
    if asked["skip"]:
        measure(lab, images)


def take(model: model_view.Model, images: Images, lab: dict[str, Any]) -> None:
    """One iteration, of which everything is kept; the optimizer's own numbers are those of training."""
    vae, beta = lab["vae"], model.entry.settings.train.beta
    x, noise, labels = batch(model, images, lab["count"])
    draws = torch.randn(DRAWS, *noise.shape, generator=generator(0, NOISE, lab["count"]))
    told = vae.given(labels)  # with the same weights; the model itself, where it is given no class
    flows = algorithm.backward(told, x, noise, beta)
    ours, theirs = (algorithm.spread(objective, told, x, draws, beta) for objective in GRAPHS.values())
    hidden = layers(vae.given(None if labels is None else labels[:SHOWN]), x[:SHOWN], noise[:SHOWN])
    before = weights(vae)
    step = rate(model, lab)
    seen = single_step.step(vae, lab["optimizer"], x, noise, beta, objective=GRAPHS[lab["graph"]], labels=labels)
    moved = {part: (new - before[part]).norm().item() for part, new in weights(vae).items()}
    ratio = theirs.variance / ours.variance if ours.variance else math.inf
    lab["count"] += 1
    lab["seen"] = {
        "ratio": ratio if math.isfinite(ratio) else None,
        "whose": images.whose, "N": len(images.train), "M": len(x), "beta": beta, "rate": f"{step:.2g}",
        "optimizer": OPTIMIZERS[model.entry.settings.train.optimizer],
        "flows": {name: shown(value) for name, value in flows._asdict().items()},
        "hidden": hidden, "parts": parts(seen, before, weights(vae), moved),
    } | numbers(seen)  # fmt: skip


def batch(
    model: model_view.Model, images: Images, count: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Lines 1 and 2: M images, each as likely as any other, one draw of the noise for each of them, and their classes
    for a conditional model."""
    settings = model.entry.settings
    size = min(M, len(images.train))
    rng = generator(settings.train.seed, BATCHES, count)
    index = torch.randint(len(images.train), (size,), generator=rng)
    rng = generator(settings.train.seed, NOISE, count)
    picked = images.train[index]
    x = observe(picked, settings.data.pixels, uniforms(picked.shape, rng))
    labels = images.labels[index] if model.knows else None
    return x, torch.randn(size, model.dims, generator=rng), labels


def rate(model: model_view.Model, lab: dict[str, Any]) -> float:
    """The learning rate of the model's own schedule: its beginning for random weights, its end for trained ones."""
    chosen = model.entry.settings.train
    last = chosen.steps - 1
    step = learning_rate(chosen, last if lab["start"] == WEIGHTS_FROM[1] else min(lab["count"], last))
    for group in lab["optimizer"].param_groups:
        group["lr"] = step
    return step


def measure(lab: dict[str, Any], images: Images) -> None:
    """Line 6: the bound of images that no batch has, with the same noise each time."""
    x = images.held_out
    with torch.no_grad():
        noise = torch.randn(1, len(x), lab["vae"].latent_dim, generator=torch.Generator().manual_seed(0))
        vae = lab["vae"].given(images.held_labels)
        lab["bounds"] = [*lab["bounds"], [lab["count"], elbo(vae, x, noise).value.mean().item()]]


def ended(lab: dict[str, Any]) -> bool:
    return algorithm.converged([bound for _, bound in lab["bounds"]], RISE, PATIENCE)


# -- for the browser ---------------------------------------------------------------------------------------------------


def numbers(seen: single_step.Step) -> dict[str, Any]:
    """The first images of the batch one by one, and means over all of it; of many dimensions the two dearest."""
    kl = kl_standard_normal(seen.mean, 2 * seen.sigma.log())
    axes = sorted(kl.mean(0).topk(min(2, kl.shape[1])).indices.tolist())
    columns = {name: getattr(seen, name)[:SHOWN, axes].tolist() for name in ("mean", "sigma", "noise", "z")}
    terms = {name: shown(getattr(seen, name)) for name in ("reconstruction", "kl")}
    after = {"after": (seen.reconstruction_after.mean() - seen.kl_after.mean()).item()}
    means = {f"{name}Mean": getattr(seen, name).mean().item() for name in ("reconstruction", "kl")}
    pictures = {name: levels(getattr(seen, name)[:SHOWN]) for name in ("x", "image")}
    return columns | terms | means | after | pictures | {"axes": axes}


def shown(values: torch.Tensor) -> list[float]:
    return values[:SHOWN].tolist()


def weights(vae: VAE) -> dict[str, torch.Tensor]:
    """theta and phi as one vector each, copies."""
    return {
        part: torch.cat([w.detach().flatten() for w in getattr(vae, part).parameters()]) for part in single_step.PARTS
    }


def parts(seen: single_step.Step, before: dict, after: dict, moved: dict[str, float]) -> dict[str, dict[str, float]]:
    """Of each network: its weights, the norm of their gradient, how far they moved, and the weight that moved most."""
    found = {}
    for part in single_step.PARTS:
        place = (after[part] - before[part]).abs().argmax()
        squares = [norm**2 for name, norm in seen.gradients.items() if name.startswith(part)]
        found[part] = {
            "count": len(before[part]), "gradient": math.sqrt(sum(squares)), "moved": moved[part],
            "norm": before[part].norm().item(), "before": before[part][place].item(),
            "after": after[part][place].item(),
        }  # fmt: skip
    return found


@torch.no_grad()
def layers(vae: VAE, x: torch.Tensor, noise: torch.Tensor) -> dict[str, dict[str, Any]]:
    """What the last hidden layer of each network says, as grey levels; none of a network without hidden layers."""
    q = vae.posterior(x)
    made = {}
    for part, entry in (("encoder", x), ("decoder", q.mean + q.stddev * noise)):
        network = getattr(vae, part)
        if isinstance(network, WithClass):
            network, entry = network.network, torch.cat([entry, network.chosen.to(entry)], -1)
        if isinstance(network, torch.nn.Sequential) and len(network) > 1:
            units = network[:-1](entry).flatten(1)[:, :UNITS].abs()
            made[part] = {"units": units.shape[1], "levels": levels(units / units.max().clamp(min=1e-9))}
    return made


def levels(pixels: torch.Tensor) -> str:
    return base64.b64encode(np.rint(255 * pixels.clamp(0, 1).numpy()).astype(np.uint8).tobytes()).decode()


def source(*wanted: str, of: Any) -> str:
    """The running lines that begin with each of these, so that what is shown is what runs."""
    lines = [line.strip() for line in inspect.getsource(of).splitlines()]
    return "\n".join(next(line for line in lines if line.startswith(start)) for start in wanted)


COMMON = [
    source("index =", "picked =", of=batch),
    source("optimizer.step()", of=single_step.step),
    source("return max(bounds", of=algorithm.converged).removeprefix("return "),
]
GRADIENT = {
    graph: source("(-objective", of=single_step.step).replace("objective", function.__name__)
    for graph, function in GRAPHS.items()
}
CODE = {
    THROUGH: [
        COMMON[0],
        source("return x, torch.randn", of=batch).removeprefix("return x, ").removesuffix(", labels"),
        source("q = vae.posterior", "z = q.mean", of=single_step.step)
        + source("return terms", of=algorithm.through_z).replace("return", "\nobjective ="),
        GRADIENT[THROUGH],
        *COMMON[1:],
    ],
    PAST: [
        COMMON[0],
        source("q = vae.posterior", "z = (q.mean", of=algorithm.past_z),
        source("log_px =", "kl =", of=algorithm.past_z),
        source("return log_px", of=algorithm.past_z).replace("return", "objective =") + f"\n{GRADIENT[PAST]}",
        *COMMON[1:],
    ],
}
