"""What is computed once and kept for all sessions of this process: of a model, a run, an image or a data set."""

import inspect
from collections.abc import Callable
from typing import Any

import streamlit as st

# What tells an argument from others of its type, however often it is read anew; by name, so that none is imported here.
IDENTITY: dict[str | type, Callable[[Any], Any]] = {
    "vae_core.runs.store.Entry": lambda entry: (entry.key, entry.created),
    "vae_core.data.datasets.Dataset": lambda dataset: dataset.fingerprint,
    "dashboard.shared.model_view.Model": lambda model: (model.entry.key, model.entry.created, model.given),
    "dashboard.shared.image_bound.BoundInputs": lambda subject: subject.key,
}


def cached(max_entries: int) -> Callable:
    """A decorator: st.cache_resource of the last `max_entries` calls, which also takes the arguments of IDENTITY."""
    kept = st.cache_resource(max_entries=max_entries, show_spinner=False, hash_funcs=IDENTITY)

    def decorated(function: Callable) -> Callable:
        function.__signature__ = inspect.signature(function)  # Streamlit asks for it in each call, a dozen times a page
        return kept(function)

    return decorated
