"""Words with live numbers in them."""

import inspect
import math
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import streamlit as st

from vae_core.runs import Entry

NAMED = 80  # characters of a name
SMALL = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 2) -> str:
    """With a true minus, and never a negative zero."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def rounded(value: float, error: float) -> str:
    """To the decimals that its error leaves, two at most."""
    return number(value, decimals(error))


def measured(value: float, error: float) -> str:
    """14.45, 0.23 -> 14.5 ± 0.2; an error that changes no digit is left out."""
    digits = decimals(error)
    if error < 0.005:
        return number(value, digits)
    return f"{number(value, digits)}\u00a0±\u00a0{number(error, digits)}"


def decimals(error: float) -> int:
    return max(0, min(2, -math.floor(math.log10(error)))) if 0 < error < math.inf else 2


def percent(share: float) -> str:
    """Number and sign stay on one line."""
    p = 100 * share
    return (f"{p:.0f}" if p >= 10 else f"{p:.1f}" if p >= 1 or p == 0 else f"{p:.2f}") + "\u00a0%"


def power(value: float) -> str:
    """0.00002 -> 2 × 10⁻⁵"""
    ten = math.floor(math.log10(max(value, 1e-99)))
    return f"{value / 10.0**ten:.0f} × 10" + str(ten).translate(RAISED)


def z(dimension: int, letter: str = "z") -> str:
    """The name of a dimension, counted from one."""
    return letter + str(dimension + 1).translate(SMALL)


def data(entry: Entry) -> str:
    """The name of its data set; of somebody's own file, the file's."""
    return Path(entry.settings.data.name).stem


def title(entry: Entry) -> str:
    """A model in three words: its data, its dimension, and what is special about it."""
    model, beta = entry.settings.model, entry.settings.train.beta
    if "closed form" in (entry.manifest or {}):
        return f"{data(entry)} {model.latent_dim}-D PCA"
    special = ["linear"] if model.network == "mlp" and not model.encoder and not model.decoder else []
    special += [] if model.stochastic else ["autoencoder"]
    special += ["conv"] if model.network == "conv" else []
    of_family = "-beta-" in entry.key
    special += [f"β = {beta:g}"] if model.stochastic and (beta != 1 or of_family) else []
    return " ".join([data(entry), f"{model.latent_dim}-D", *special])


def elbo(entry: Entry) -> str:
    """The test ELBO of a finished run; an autoencoder has none."""
    value = entry.metrics.get("elbo")
    return "no ELBO" if value is None else f"{number(value, 1)} nats"


def listed(entry: Entry) -> str:
    """A model in a list: what it reaches, and why that is not to be held against the others' numbers."""
    settings = entry.settings
    remark = ", small network" if "-beta-" in entry.key else ""
    if settings.model.likelihood != "bernoulli" and entry.metrics.get("elbo") is not None:
        remark = ", a density"  # of grey values; the others' are probabilities of black and white
    return f"{title(entry)} · {elbo(entry)}{remark}"


def result(entry: Entry) -> str:
    """The same with its unit, as a heading says it."""
    if entry.metrics.get("elbo") is None:
        return "codes are points: no ELBO"
    return f"test ELBO {elbo(entry)} per image"


def name(entry: Entry) -> str:
    """What people call a run, as plain text: what could turn, hide or break its surroundings is left out."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in entry.name)
    return " ".join(kept.split())[:NAMED] or entry.key


def short(text: str, most: int = 24) -> str:
    """A text from outside in one line, for a sentence: the end of a long one is left out."""
    kept = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())
    return kept if len(kept) <= most else f"{kept[: most - 1].rstrip()}…"


def some(names: list[str], most: int = 12) -> str:
    """A list for a sentence: the first of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(short, names[:most])) + more


def trained(entry: Entry) -> str:
    """A run in the list of those trained here; buttons read Markdown, and a name is to mean nothing there."""
    called = re.sub(r"([\\`*_{}\[\]<>()#|~$:&!])", r"\\\1", name(entry))
    if not entry.ready:
        return f"{called}, {entry.status} at step {entry.step}"
    ended = "" if entry.status == "done" else f", {entry.status} at step {entry.step}"
    return f"{called}, {elbo(entry)}, {datetime.fromisoformat(entry.created):%H:%M}{ended}"


def claim(headline: str, explanation: str) -> None:
    st.html(f'<div class="claim"><h1>{headline}</h1><p>{explanation}</p></div>')


def sentence(text: str, kind: str = "caption") -> None:
    st.html(f'<p class="{kind}">{text}</p>')


def show_source(title: str, function: Callable) -> None:
    """The running function itself, folded away."""
    with st.expander(title):
        st.code(inspect.getsource(function), language="python")
