"""KL regularizer: a lecture in scenes, each a claim with the number that proves it, over a family of real models."""

import streamlit as st

from dashboard.kl import article
from dashboard.kl.hall import family, invitation
from dashboard.kl.hall.questions import GAUSSIANS
from dashboard.kl.lecture import examples, factors, lecture, links
from dashboard.shared import background, coverage, notices, page_elements, page_registry, url_state
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.components import component
from dashboard.shared.saved_pages import button
from dashboard.shared.section import section

beta = component("kl/lecture/lecture.js")

APART, FARTHEST = 4.0, 8.0  # the distance of two humps, in their widths
WALKED = (0, 1, 4, 64)  # by a clicker, in the first scenes: builds.js
LOSS = {  # what a loss may be made of; the first of each is what people write
    "error": ("bce", "mse"),
    "pixels": ("mean", "sum"),
    "dims": ("sum", "mean"),
    "weight": ("1", "0.00025", "0.01", "4"),
}

LITERATURE = (
    "Shown here: Kingma & Welling (2014), *Auto-Encoding Variational Bayes* "
    "([arXiv:1312.6114](https://arxiv.org/abs/1312.6114)), equation 10 and appendix B (the KL in closed form). "
    "Higgins et al. (2017), *β-VAE*: the weight β. "
    "Alemi et al. (2018), *Fixing a broken ELBO* ([arXiv:1711.00464](https://arxiv.org/abs/1711.00464)): rate and "
    "distortion. Hoffman & Johnson (2016), *ELBO surgery*: what the mean KL consists of. "
    "Lucas, Tucker, Grosse & Norouzi (2019), *Don’t blame the ELBO!* "
    "([arXiv:1911.02469](https://arxiv.org/abs/1911.02469)): the β at which a dimension collapses. "
    "Bowman et al. (2016, [arXiv:1511.06349](https://arxiv.org/abs/1511.06349)): warm-up; "
    "Kingma et al. (2016, [arXiv:1606.04934](https://arxiv.org/abs/1606.04934)): free bits. "
    "Chen, Li, Grosse & Duvenaud (2018, [arXiv:1802.04942](https://arxiv.org/abs/1802.04942)): total correlation, MIG. "
    "Locatello et al. (2019, [arXiv:1811.12359](https://arxiv.org/abs/1811.12359)): seeds, and rotations."
)


@section("This page")
def page() -> None:
    entries = lecture.members()
    if len(entries) < lecture.FEWEST:
        page_elements.claim("A price on the code", "needs models that differ in β only.")
        page_elements.sentence(
            f"{len(entries)} models of the β family are here, at least {lecture.FEWEST} are needed. This trains them "
            "from MNIST, in about an hour:<code>python -m vae_core bundle</code>Then reload this page.",
            "invitation",
        )
        return
    scenes(entries)
    article.draw(entries)
    with st.container(horizontal=True, key="take-along"):
        button.offer("kl", "kl-regularizer")
    here = chosen_beta(entries)
    for entry in sorted(entries, key=lambda e: awaited(entries.index(e), here, e.settings.train.beta)):
        with section(f"The model of β = {entry.settings.train.beta:g}"):
            shelved = lecture.drawn(entry)
            publish_blob(data=shelved.drawing, key=f"codes {entry.key}")
            publish_blob(data=shelved.weights, key=f"decoder {entry.key}")
    st.caption(LITERATURE)


@st.fragment
@section("The lecture")
def scenes(entries: list) -> None:
    above = st.container(key="notices")  # above the lecture, which fills the window
    hall = invitation.invitation()
    untangled, pictures = factors.shown()
    beta(
        key="beta",
        data={
            "models": lecture.rows(entries),
            "spectrum": lecture.spectrum(),
            "scene": url_state.one_of("scene", lecture.SCENES),
            "named": url_state.asked("scene") is not None,
            "at": chosen_beta(entries),
            "nonce": url_state.follows("beta", here()),
            "gaussians": gaussians(),
            "distance": distance(),
            "trials": lecture.trials(),
            "tried": tried(),
            "bounds": lecture.bounds(),
            "network": lecture.network(entries),
            "loss": loss(),
            "examples": examples.examples(next((e for e in entries if e.settings.train.beta == 1), entries[0])),
            "factors": untangled,
            "codes": links.codes(),
            "present": url_state.asked("present") == "1",
            "follow": url_state.asked("follow") == "1",
            "hall": hall,
            "questions": questions(entries, hall is None or hall["presides"]),
            "edge": lecture.EDGE,
            "faint": coverage.FAINT,
            "levels": coverage.LEVELS,
            "shape": entries[0].shape,
        },
        on_place_change=placed,
    )
    if pictures:
        publish_blob(data=pictures, key="traversals")
    with above:
        notices.show()
    background.redraw_when_done()


def questions(entries: list, answers: bool) -> dict[str, dict]:
    """What the room is asked before each scene; who only follows is not told the answers in advance."""
    asked = family.asked(entries).items()
    return {scene: each.shown() | (each.answer() if answers else {}) for scene, each in asked}


def awaited(index: int, here: int, beta: float) -> tuple:
    """What is looked at first comes first: the model of the address, then those that a clicker walks to."""
    return index != here, beta not in WALKED, abs(index - here)


def here() -> list[str | None]:
    """The scene and the model as the address names them."""
    return [url_state.asked("scene"), url_state.asked("beta")]


def chosen_beta(entries: list) -> int:
    """The place in the family of the beta that the address asks for; without one, of beta = 1."""
    betas = [entry.settings.train.beta for entry in entries]
    text = url_state.asked("beta")
    try:
        wanted = 1.0 if text is None else float(text)
        if not 0 <= wanted < float("inf"):
            raise ValueError(text)
    except ValueError:
        senseless("beta", "not a number from 0; this is the family at 1.")
        wanted = 1.0
    nearest = min(range(len(betas)), key=lambda k: abs(betas[k] - wanted))
    if betas[nearest] != wanted and text is not None:
        notices.notify(
            f"There is no model of β = {wanted:g}: the {len(betas)} models have β from {betas[0]:g} to {betas[-1]:g}, "
            f"the nearest is β = {betas[nearest]:g}."
        )
        url_state.keep("beta", f"{betas[nearest]:g}")
    return nearest


def gaussians() -> list[float]:
    """Mean and deviation of q and of p, as the address has them."""
    text = url_state.asked("g")
    if text is None:
        return list(GAUSSIANS)
    try:
        values = url_state.numbers(text)
        if len(values) != 4 or min(values[1], values[3]) < 0.05 or max(map(abs, values)) > 4:
            raise ValueError(text)
    except ValueError:
        senseless("g", "not two means and deviations; these are the usual ones.")
        return list(GAUSSIANS)
    return values


def distance() -> float:
    """Of the two humps, in their widths."""
    text = url_state.asked("d")
    try:
        value = APART if text is None else float(text)
        if not 0 <= value <= FARTHEST:
            raise ValueError(text)
    except ValueError:
        senseless("d", f"not a distance from 0 to {FARTHEST:g}; this is {APART:g}.")
        return APART
    return value


def tried() -> list | None:
    """A beta and what was tried there, as the address has them."""
    text = url_state.asked("try")
    known = {f"{t['beta']:g},{t['method']}": [t["beta"], t["method"]] for t in lecture.trials()}
    if text is not None and text not in known:
        senseless("try", "and no such trial was made; this is the first one.")
    return known.get(text)


def loss() -> dict[str, str]:
    """A loss as people write it, as the address has it."""
    text = url_state.asked("loss")
    chosen = dict(zip(LOSS, (text or "bce,mean,sum,1").split(","), strict=False))
    if len(chosen) < len(LOSS) or any(value not in LOSS[key] for key, value in chosen.items()):
        senseless("loss", "which is no loss of this page; this is the usual one.")
        return {key: values[0] for key, values in LOSS.items()}
    return chosen


def senseless(key: str, instead: str) -> None:
    """Says once what the address asks for and what is shown instead."""
    notices.notify(f"The address has {key} = {url_state.asked(key)[:40]}, {instead}")
    url_state.forget(key)


def placed() -> None:
    """The browser moved on; the address follows, so that it reopens what is seen."""
    for key, text in st.session_state.beta.place.items():
        if key in page_registry.page("kl").url_keys:
            url_state.keep(key, str(text)) if text else url_state.forget(key)
    url_state.shows("beta", here())


page()
