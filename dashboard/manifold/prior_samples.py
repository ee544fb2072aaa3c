"""Samples of the prior, decoded: what the model makes of z ~ N(0, I), beside models of other dimensions."""

import base64
import math
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard.manifold.grid import grid
from dashboard.manifold.grid.grid import NEAREST, votes
from dashboard.shared import background, formatting, model_picker, model_view, url_state
from dashboard.shared.caching import cached
from dashboard.shared.components import component
from dashboard.shared.section import section
from vae_core.runs.store import Entry, bundled, trained
from vae_core.settings import DataSettings

samples = component("manifold/prior_samples.js")
SEEDS = 10**6
SIDE_BY_SIDE = (2, 5, 10, 20)  # latent dimensions
SAMPLES = 6  # to a side of a panel
MEASURED = 1000  # draws


class Facts(NamedTuple):
    """What is measured on a model's draws of the prior."""

    undecided: float | None  # pixels whose mean lies between 0.1 and 0.9; None: pixels that are no coins
    between: float | None  # the share of the draws around which no class has a majority; None: no labels
    images: float | None  # the same of test images


def models_beside(model: model_view.Model) -> list[model_view.Model]:
    """For each number of dimensions the best plain model of the same x, bundled if there is one."""
    data = model.entry.settings.data
    found: dict[int, Entry] = {}
    for runs in (bundled(), trained()):
        plain = [e for e in runs.list() if e.ready and comparable(e) and same_x(e.settings.data, data)]
        best = sorted(plain, key=lambda e: e.metrics["elbo"])  # the last of each dimension stays
        found = {e.settings.model.latent_dim: e for e in best} | found
    models = []
    for dims in SIDE_BY_SIDE:
        if dims in found:
            with suppress(ValueError):  # damaged: the picker says so
                models.append(model_view.model(found[dims]))
    return models


def same_x(one: DataSettings, other: DataSettings) -> bool:
    """ELBOs of other pixels have another scale."""
    return (one.name, one.pixels) == (other.name, other.pixels)


def comparable(entry: Entry) -> bool:
    settings = entry.settings
    plain = settings.model.network == "mlp" and not settings.model.conditional
    kept = settings.model.stochastic and plain and settings.train.beta == 1
    return kept and entry.metrics.get("elbo") is not None


def noise(model: model_view.Model, count: int, seed: int) -> np.ndarray:
    """z ~ N(0, I): the same numbers for every model, of which each takes as many as it has dimensions."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return rng.standard_normal((count, max(SIDE_BY_SIDE)), np.float32)[:, : model.dims]


@cached(max_entries=64)
def mean_images(model: model_view.Model, seed: int) -> str:
    """SAMPLES x SAMPLES mean images, as base64."""
    levels = model_view.decoded(model, noise(model, SAMPLES * SAMPLES, seed))
    return base64.b64encode(levels.tobytes()).decode()


def measured_facts(model: model_view.Model) -> Facts:
    """Measured once per model, off the page's path: it imports torch and decodes many draws."""
    coins = model.entry.settings.model.row.binary
    z = noise(model, MEASURED, 0)
    levels = model_view.decoded(model, z)
    undecided = float(((levels > 0.1 * 255) & (levels < 0.9 * 255)).sum(1).mean()) if coins else None
    if model.labels is None or len(model.mean) < MEASURED:
        return Facts(undecided, None, None)
    others = votes(model, model.mean[:MEASURED], NEAREST + 1)
    others[np.arange(MEASURED), model.labels[:MEASURED]] -= 1  # an image is the nearest to itself
    return Facts(undecided, *(float((found.max(1) <= NEAREST // 2).mean()) for found in (votes(model, z), others)))


# -- samples of the prior, side by side ------------------------------------------------------------------------------


@st.fragment
@section("Draws of the prior")
def draw_samples(model: model_view.Model) -> None:
    """The same noise through models of more and more dimensions."""
    family = models_beside(model)
    if len(family) < 2:
        return
    seed = url_state.whole("samples", 0, SEEDS, 0)
    facts = background.result(("facts", *(m.entry.key for m in family)), lambda: [measured_facts(m) for m in family])
    panels = [
        panel(m, fact, seed, current=m.entry.key == model.entry.key)
        for m, fact in zip(family, facts or [], strict=False)
    ]
    asked = samples(
        key="samples",
        data={
            "panels": panels,
            "count": len(family),
            "side": SAMPLES,
            "seed": seed,
            "photograph": model.photograph,
            "claim": samples_claim(facts),
            "caption": samples_caption(facts),
        },
        on_seed_change=resampled,
        on_model_change=lambda: None,
    )
    if asked.model:
        model_picker.choose(asked.model)
        st.rerun()


def panel(model: model_view.Model, fact: Facts, seed: int, current: bool) -> dict:
    numbers = [
        ("test ELBO", formatting.number(model.entry.metrics["elbo"], 1), "nats"),
        ("KL", formatting.number(model.entry.metrics["kl"], 1), "nats"),
    ]
    if fact.undecided is not None:
        numbers.append(("uncertain pixels", formatting.number(fact.undecided, 0), f"of {math.prod(model.entry.shape)}"))
    if fact.between is not None:
        numbers.append(
            ("ambiguous class", formatting.percent(fact.between), f"images {formatting.percent(fact.images)}")
        )
    return {
        "key": model.entry.key,
        "title": f"{model.dims}-D",
        "levels": mean_images(model, seed),
        "shape": model.entry.shape,
        "numbers": numbers,
        "current": current,
    }


def samples_claim(facts: list[Facts] | None) -> str:
    """A claim where these models show it, else only what one looks at."""
    if (
        facts
        and all(f.undecided is not None for f in facts)
        and all(b.undecided < a.undecided for a, b in pairwise(facts))
    ):
        lost = all(f.between is not None for f in facts) and facts[-1].between > 2 * facts[-1].images
        return "More dimensions: sharper strokes" + (", and more samples that aren’t digits" if lost else "")
    return "Random draws of the prior"


def samples_caption(facts: list[Facts] | None) -> str:
    said = (
        "Each panel decodes the same noise z ~ N(0, I), truncated to its dimensions. ELBO: the evidence lower bound; "
        "KL: the Kullback–Leibler divergence, what the codes cost."
    )
    if facts and facts[0].undecided is not None:
        said += " Uncertain pixels have a mean between 10 % and 90 %."
    if facts and facts[0].between is not None:
        said += (
            f" Ambiguous class: no class has a majority among the {grid.NEAREST} nearest codes, of prior draws "
            "and of test images."
        )
        said += f" {'That is' if facts[0].undecided is None else 'Both are'} measured on {MEASURED:,} draws."
    return said


def resampled() -> None:
    url_state.keep("samples", str(int(st.session_state.samples.seed) % SEEDS))
