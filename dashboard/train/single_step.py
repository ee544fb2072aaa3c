"""One step in slow motion, on a copy of the model that is shown: the run itself does not change."""

import base64
from typing import Any

import streamlit as st
import torch

from dashboard.shared import test_images, url_state
from dashboard.shared.components import component
from dashboard.train.live import snapshots
from vae_core.model.gaussians import kl_standard_normal
from vae_core.runs.store import Entry
from vae_core.training import single_step as core
from vae_core.training.train import NOISE, generator, learning_rate

slow = component("train/single_step.js")

BATCH = 6  # images: as many as one can look at
WHO = {"both": core.PARTS, "encoder only": ("encoder",), "decoder only": ("decoder",)}
KEY = "slow motion"


def prepare(entry: Entry) -> dict[str, Any]:
    """The copy that the steps are taken on: of the weights that are shown."""
    at = url_state.asked("at")
    here = next((step for step in entry.snapshots() if str(step) == at), entry.snapshots()[-1])
    lab = st.session_state.get(KEY)
    if lab is None or lab["told"] != (entry.key, here):
        lab = st.session_state[KEY] = begin(entry, here)
    return lab


def draw(entry: Entry, data: test_images.Material) -> None:
    lab, chosen = prepare(entry), entry.settings
    _, here = lab["told"]
    slow(
        key="slow",
        data={
            "who": list(WHO), "from": here, "count": lab["count"], "seen": lab["seen"], "shape": entry.shape,
            "photograph": snapshots.photograph(entry, chosen, data.data), "beta": chosen.train.beta,
            "optimizer": chosen.train.optimizer, "rate": f"{rate(entry, here):.2g}",
        },
        on_take_change=lambda: take(entry, data, st.session_state.slow.take),
        on_again_change=lambda: st.session_state.pop(KEY, None),
    )  # fmt: skip


def begin(entry: Entry, step: int) -> dict[str, Any]:
    """A copy of the weights of that step, with an optimizer whose moments are empty."""
    vae = entry.at(step)[1]
    optimizer = core.optimizer(vae, entry.settings.train)
    for group in optimizer.param_groups:
        group["lr"] = rate(entry, step)
    return {"told": (entry.key, step), "vae": vae, "optimizer": optimizer, "count": 0, "seen": None, "moment": None}


def rate(entry: Entry, step: int) -> float:
    """The learning rate that the schedule has there."""
    return learning_rate(entry.settings.train, min(step, entry.settings.train.steps - 1))


def take(entry: Entry, data: test_images.Material, asked: dict[str, Any] | None) -> None:
    """The next step: the same batch again, so that one sees what the last one did, with fresh noise."""
    lab = st.session_state.get(KEY)
    if lab is None or not asked or asked["moment"] == lab["moment"]:
        return
    chosen, count = entry.settings, lab["count"]
    seen = snapshots.watched(data.data, chosen.data.pixels, chosen.data.validation)
    x, labels = seen.x[:BATCH], None if seen.given is None else seen.given[:BATCH]
    noise = torch.randn(len(x), chosen.model.latent_dim, generator=generator(chosen.train.seed, NOISE, count))
    who = WHO.get(asked["who"], core.PARTS)
    seen = core.step(lab["vae"], lab["optimizer"], x, noise, chosen.train.beta, who, labels=labels)
    lab |= {"count": count + 1, "seen": numbers(seen, asked["who"]), "moment": asked["moment"]}


def numbers(seen: core.Step, who: str) -> dict[str, Any]:
    """For the browser; of many dimensions the two with the largest KL in this batch."""
    kl = kl_standard_normal(seen.mean, 2 * seen.sigma.log())
    axes = sorted(kl.mean(0).topk(min(2, kl.shape[1])).indices.tolist())
    columns = {name: getattr(seen, name)[:, axes].tolist() for name in ("mean", "sigma", "noise", "z")}
    terms = {
        name: getattr(seen, name).tolist() for name in ("reconstruction", "kl", "reconstruction_after", "kl_after")
    }
    pictures = {name: encoded(getattr(seen, name)) for name in ("x", "image")}
    return columns | terms | pictures | {"axes": axes, "gradients": list(seen.gradients.items()), "who": who}


def encoded(pixels: torch.Tensor) -> str:
    return base64.b64encode(snapshots.levels(pixels.numpy()).tobytes()).decode()
