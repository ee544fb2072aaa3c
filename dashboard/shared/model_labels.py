"""What a model is called: its title, its result, its name in a list."""

import re
import unicodedata
from datetime import datetime
from pathlib import Path

from dashboard.shared.formatting import number
from vae_core.runs.store import Entry

NAMED = 80  # characters of a name


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
    if not settings.model.row.binary and entry.metrics.get("elbo") is not None:
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


def trained(entry: Entry) -> str:
    """A run in the list of those trained here; buttons read Markdown, and a name is to mean nothing there."""
    called = re.sub(r"([\\`*_{}\[\]<>()#|~$:&!])", r"\\\1", name(entry))
    if not entry.ready:
        return f"{called}, {entry.status} at step {entry.step}"
    ended = "" if entry.status == "done" else f", {entry.status} at step {entry.step}"
    return f"{called}, {elbo(entry)}, {datetime.fromisoformat(entry.created):%H:%M}{ended}"
