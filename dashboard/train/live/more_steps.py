"""Whether a training ended too early: the bound of its held-out images still rose, by more than it trembles."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard.shared import access, formatting
from dashboard.train import form_and_stage
from dashboard.train.launch import start
from vae_core.runs.store import Entry

LAST = 0.5  # of the steps: the bound is taken at each tenth of the way, so that these are six
FEW = 4  # bounds: fewer lie on a line by chance
SURE = 3.0  # standard errors that the slope is above 0
LEAST = 2.0  # nats: less is not worth as many steps again


class Rise(NamedTuple):
    """Of a straight line through the last held-out bounds, from its first step to its last."""

    nats: float
    error: float  # its standard error, from how far the bounds lie off the line
    steps: int


def rise(rows: list[dict]) -> Rise | None:
    """How much the bound still rose at the end; None where that is less than can be told from its trembling."""
    seen = [(row["step"], row["validation"]) for row in rows if row.get("validation") is not None]
    seen = [pair for pair in seen if pair[0] >= (1 - LAST) * seen[-1][0]]
    if len(seen) < FEW or not np.isfinite(seen).all():
        return None
    step, bound = np.array(seen).T
    away = step - step.mean()
    slope = away @ bound / (away @ away)
    off = bound - bound.mean() - slope * away
    error = np.sqrt(off @ off / (len(seen) - 2) / (away @ away))
    steps = int(step[-1] - step[0])
    if slope <= SURE * error or slope * steps < LEAST:
        return None
    return Rise(slope * steps, error * steps, steps)


def said(entry: Entry, rows: list[dict]) -> str:
    """The same in a sentence, of a training that is done; "" where there is nothing to say."""
    found = rise(rows) if entry.status == "done" else None
    if found is None:
        return ""
    bound = "ELBO" if entry.settings.model.stochastic else "reconstruction"
    nats = formatting.measured(found.nats, found.error)
    return f"Over the last {found.steps:,} steps the held-out {bound} still rose by {nats} nats: more steps would help."


def offer(entry: Entry, rows: list[dict]) -> None:
    """A button that trains twice as long, where that is worth it."""
    if not access.may_train() or not said(entry, rows):
        return
    steps = 2 * entry.settings.train.steps
    if st.button(f"Train {steps:,} steps", key="next-longer", help="The same settings from the start, twice as long."):
        longer = entry.settings.with_fields(steps=steps)
        form_and_stage.take(longer)
        start(longer)
        st.rerun()
