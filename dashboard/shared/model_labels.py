"""What a model is called: its title, its result, its name in a list."""

import math
import re
import unicodedata
from datetime import datetime

from dashboard.shared.formatting import number, short
from vae_core.registry import data_title
from vae_core.runs.store import Entry
from vae_core.runs.training_run import describe

FAMILIES = {"-beta-": "One network, many β", "-c-": "One network, many variances c"}
COLLECTIONS = {"frey": "Faces"}
NAMED = 80  # characters of a name
COLLAPSED = 0.1  # nats of KL, below which a code says nothing


def family(entry: Entry) -> str:
    """The series that a bundled model belongs to, if any."""
    return next((name for mark, name in FAMILIES.items() if mark in entry.key), "")


def collection(entry: Entry) -> str:
    """Under which heading it stands in the list of bundled models."""
    return COLLECTIONS.get(entry.settings.data.name) or data(entry)


def data(entry: Entry) -> str:
    """The name of its data set: MNIST."""
    return data_title(entry.settings.data.name)


def spoken(entry: Entry) -> str:
    """A model as one says it: MNIST, 2 dimensions, linear; a run that a person has named begins with its name."""
    words = {"conv": "convolutional"}
    count = entry.settings.model.latent_dim
    _, *special = title(entry).removeprefix(data(entry)).strip().split(" ", 1)
    named = [words.get(word, word) for word in special]
    return ", ".join([*own_name(entry), data(entry), f"{count} dimension{'s' if count > 1 else ''}", *named])


def own_name(entry: Entry) -> list[str]:
    """The name that a person has given; none of a bundled model, and of a run that is called by its settings."""
    called = "" if entry.bundled or entry.name == describe(entry.settings) else name(entry)
    return [short(called)] if called else []


def along(entry: Entry) -> float:
    """Where a model stands in its series; a variance that is learned comes last."""
    model = entry.settings.model
    if "-c-" not in entry.key:
        return entry.settings.train.beta
    return math.inf if model.row.variance == "learned" else model.variance


def stop(entry: Entry) -> str:
    """What tells a model from the others of its series."""
    model = entry.settings.model
    if "-c-" in entry.key:
        return "c learned" if model.row.variance == "learned" else f"c = {model.variance:g}"
    return f"β = {entry.settings.train.beta:g}"


def title(entry: Entry) -> str:
    """A model in three words: its data, its dimension, and what is special about it."""
    model, train = entry.settings.model, entry.settings.train
    beta = train.beta
    if "closed form" in (entry.manifest or {}):
        return f"{data(entry)} {model.latent_dim}-D PCA"
    special = ["linear"] if model.network == "mlp" and not model.encoder and not model.decoder else []
    special += [] if model.stochastic else ["autoencoder"]
    special += ["conv"] if model.network == "conv" else []
    special += ["conditional"] if model.conditional else []
    noise = {"fixed": [f"c = {model.variance:g}"], "learned": ["learned variance"]}
    special += noise.get(model.row.variance, []) if model.encoder else []
    of_family = "-beta-" in entry.key
    special += [f"β = {beta:g}"] if model.stochastic and (beta != 1 or of_family) else []
    special += [f"TC {train.total_correlation:g}"] if train.total_correlation else []
    return " ".join([data(entry), f"{model.latent_dim}-D", *special])


def also(entry: Entry) -> str:
    """What a model may be looked for by, besides its name and its result."""
    model, report = entry.settings.model, entry.metrics if entry.ready else {}
    words = [model.row.label, "beta" if entry.settings.train.beta != 1 else "", model.network]
    if model.stochastic and model.encoder and (report.get("kl") or 1.0) < COLLAPSED:
        words.append("posterior collapse collapsed")
    return " ".join(words)


def elbo(entry: Entry) -> str:
    """The test ELBO of a finished run; an autoencoder has none."""
    value = entry.metrics.get("elbo")
    return "no ELBO" if value is None else f"{number(value, 1)} nats"


def listed_result(entry: Entry) -> str:
    """What a model in a list reaches, and why that is not to be held against the others' numbers."""
    settings = entry.settings
    remark = ", small network" if "-beta-" in entry.key else ""
    remark = ", of log p(x|y)" if settings.model.conditional else remark
    if not settings.model.row.binary and entry.metrics.get("elbo") is not None:
        remark = ", a density"  # of grey values; the others' are probabilities of black and white
    return f"{elbo(entry)}{remark}"


def result(entry: Entry) -> str:
    """The same with its unit, as a heading says it."""
    if entry.metrics.get("elbo") is None:
        return "codes are points: no ELBO"
    of = " of log p(x|y)" if entry.settings.model.conditional else ""
    return f"test ELBO{of} {elbo(entry)} per image"


def name(entry: Entry) -> str:
    """What people call a run, as plain text: what could turn, hide or break its surroundings is left out."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in entry.name)
    return " ".join(kept.split())[:NAMED] or entry.key


def file_name(text: str) -> str:
    """A name as a part of a file's name: strokes D=2 β=0.5 -> strokes-d2-beta0.5"""
    plain = text.lower().replace("β", "beta").replace("=", "")
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.")[:48]


def saved_as(entry: Entry) -> str:
    """How a model's files begin: a bundled one's key says what it is; of a run, what people call it and which it is."""
    return entry.key if entry.bundled else f"{file_name(name(entry)) or 'run'}-{entry.key[:6]}"


def trained(entry: Entry) -> tuple[str, str]:
    """A run in the list of those trained here: its name, and what came of it."""
    if not entry.ready:
        return name(entry), f"{entry.status} at step {entry.step:,}"
    ended = "" if entry.status == "done" else f", {entry.status} at step {entry.step:,}"
    return name(entry), f"{elbo(entry)}, {datetime.fromisoformat(entry.created):%H:%M}{ended}"


def in_markdown(text: str) -> str:
    """Text for a button of Streamlit's, which reads Markdown: a name is to mean nothing there."""
    return re.sub(r"([\\`*_{}\[\]<>()#|~$:&!])", r"\\\1", text)
