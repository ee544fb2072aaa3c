"""What has each dimension learned? How closely measured traits of the test images follow each dimension."""

from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard.explore import sliders
from dashboard.shared import background, formatting, model_view, page_elements, test_images
from dashboard.shared.components import component
from vae_core.analysis import disentanglement, latent_factors
from vae_core.analysis.factor_information import FactorInformation, factor_information, turned

learned = component("explore/latent_factors.js")

FOLLOWS = 0.5  # |r| from which a sentence says so
FEWEST = 3  # images
CLEAR = 0.2  # of a factor's entropy: from this gap on a sentence names its dimension


class Learned(NamedTuple):
    names: tuple[str, ...]
    r: np.ndarray  # (D, F)
    between: np.ndarray  # (F, F), NaN for a trait that is the same in all images
    followers: list[latent_factors.Follower]
    told: FactorInformation | None = None  # where the factors that drew the images are known
    turned: float = 0.0  # MIG of the same codes after a rotation


def draw_factors(model: model_view.Model, z: list[float]) -> None:
    ready = test_images.material(model)
    if ready is not None and (ready.data is None or len(ready.data.test) != len(model.mean)):
        page_elements.sentence("Traits are measured on the test images, and those are not on this machine.")
        return
    if ready is not None and len(ready.data.test) < FEWEST:
        page_elements.sentence(f"A correlation needs {FEWEST} test images, this data set has {len(ready.data.test)}.")
        return
    task = ("traits", model.entry.key, model.entry.created)
    found = None if ready is None else background.result(task, partial(measure, model, ready.data))
    if found is None:
        page_elements.sentence("Measuring the test images …")
        return
    page_elements.sentence(said(found))
    if found.told is not None:
        page_elements.sentence(disentangled(found, model))
    learned(
        key="learned",
        data={
            "traits": found.names,
            "between": [row(r, np.isfinite(r) & (np.arange(len(r)) != f)) for f, r in enumerate(found.between)],
            "together": together(found),
            "told": None
            if found.told is None
            else {
                "rows": [{"name": formatting.z(d), "nats": found.told.information[d].tolist()} for d in model.order],
                "most": found.told.entropy.tolist(),
                "gaps": found.told.gaps.tolist(),
            },
            "rows": [
                {
                    "name": formatting.z(d),
                    "kl": f"KL {formatting.number(model.kl[d])}" if model.entry.settings.model.stochastic else "",
                    "r": row(found.r[d], varies(found)),
                    "leads": [f.dimension == d and f.r != 0 for f in in_order(found)],
                }
                for d in model.order
            ],
            # the strips above are these films, as long as none of them is folded away
            "films": [model_view.film(model, d) for d in model.order] if model.dims > sliders.MANY else [],
        },
    )


def measure(model: model_view.Model, data) -> Learned:
    """Of strokes the factors that drew them, of other sets what can be measured: each with every dimension."""
    told = ()
    if data.factors is not None:
        names, values = tuple(data.factors.names), data.factors.test.numpy()
        logvar = model.logvar if model.entry.settings.model.stochastic else np.full_like(model.mean, -np.inf)
        told = factor_information(model.mean, logvar, values), turned(model.mean, logvar, values).gap
    else:
        names, values = latent_factors.TRAITS, latent_factors.measured(data.test.numpy(), data.shape)
    r, between = latent_factors.correlations(model.mean, values), latent_factors.between(values)
    return Learned(names, r, between, latent_factors.followers(model.mean, values, names), *told)


def disentangled(found: Learned, model: model_view.Model) -> str:
    """Which dimension alone says most of a factor, the mutual information gap, and what it is worth."""
    told = found.told
    order = np.argsort(-told.gaps)
    clear = [f for f in order if told.gaps[f] >= CLEAR]
    words = [
        f"{found.names[f]} is in {formatting.z(int(told.information[:, f].argmax()))} "
        f"({formatting.number(told.information[:, f].max())} of {formatting.number(told.entropy[f])} nats)"
        for f in clear[:4]
    ]
    alone = f"One dimension by itself: {', '.join(words)}." if words else "No factor lies in one dimension by itself."
    gap = (
        f"The mutual information gap (MIG) is {formatting.number(told.gap)}. Turned at random, the same codes score "
        f"{formatting.number(found.turned)}, though a model with turned codes draws the same images with the same p(x)."
    )
    return f"{alone} {gap} {over_seeds(model)}".strip()


def over_seeds(model: model_view.Model) -> str:
    """What the bundled models of shapes and other seeds of them scored; "" of other models."""
    if model.entry.key not in disentanglement.MODELS:
        return ""
    rows = [
        f"{formatting.number(s.mig)} ± {formatting.number(s.spread)} over {s.seeds} seeds {objective(s)}"
        if s.seeds > 1
        else f"{formatting.number(s.mig)} of one seed {objective(s)}"
        for s in disentanglement.summaries(disentanglement.trials())
    ]
    return f"This network’s MIG is {', '.join(rows)}." if rows else ""


def objective(s: disentanglement.Summary) -> str:
    if s.total_correlation:
        return f"where only the total correlation costs {s.total_correlation:g} more"
    return f"at β = {s.beta:g}"


def row(r: np.ndarray, known: np.ndarray) -> list[float | None]:
    return [float(value) if there else None for value, there in zip(r, known, strict=True)]


def varies(found: Learned) -> np.ndarray:
    """Which traits differ between the images: (F,)."""
    return np.isfinite(found.between.diagonal())


def in_order(found: Learned) -> list[latent_factors.Follower]:
    """The followers in the order of the columns."""
    return sorted(found.followers, key=lambda f: found.names.index(f.trait))


def said(found: Learned) -> str:
    """The closest ones in words, and where all dimensions taken together say otherwise."""
    close = [f for f in found.followers if abs(f.r) > FOLLOWS]
    if not varies(found).any():
        return "All test images have the same traits: there is nothing that a dimension could follow."
    if not close:
        return "No trait follows one dimension alone: every correlation lies between −0.5 and 0.5."
    words = [f"{f.trait} follows {formatting.z(f.dimension)} ({formatting.number(f.r)})" for f in close[:4]]
    doubtful = [f.trait for f in close[:4] if not f.agrees]
    text = "Correlations with traits of the test images, each trait’s largest bold: " + ", ".join(words) + "."
    if doubtful:
        text += f" With all dimensions together another one counts more for {', '.join(doubtful)}."
    return text


def together(found: Learned) -> str:
    """How closely the traits are related in these images, and which do not vary."""
    constant = [name for name, there in zip(found.names, varies(found), strict=True) if not there]
    same = f" The same in every image: {', '.join(constant)}." if constant else ""
    r = np.tril(np.nan_to_num(found.between), -1)
    first, second = np.unravel_index(np.abs(r).argmax(), r.shape)
    if abs(r[first, second]) <= FOLLOWS:
        return f"No two traits are closely related in these images: every r lies between −0.5 and 0.5.{same}"
    return (
        f"The traits of these images are related too, {found.names[second]} and {found.names[first]} most closely "
        f"(r = {formatting.number(r[first, second])}). A dimension may follow one of them only through the other.{same}"
    )


def draw(model: model_view.Model, z: list[float]) -> None:
    """Folded; nothing is measured before it is opened."""
    with st.expander("What has each dimension learned?", key="learned-open", on_change="rerun") as opened:
        if opened.open:
            draw_factors(model, z)
