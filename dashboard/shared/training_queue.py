"""The one queue of this server in which trainings wait for their turn; all sessions and pages share it."""

import os

import streamlit as st

from vae_core.runs.store import trained


@st.cache_resource(show_spinner=False)
def jobs():
    """The queue. Beside a live page a training takes one thread of a small machine."""
    from vae_core.jobs.queue import Jobs
    from vae_core.jobs.workers import Workers

    cores = os.cpu_count() or 1
    at_once = max(1, min(4, cores // 2))
    return Jobs(trained(), Workers(at_once, threads=max(1, min(4, cores // at_once - 1))), at_once)


def path_of(data) -> str | None:
    """Where somebody's own files lie, for the process that trains on them."""
    return None if data.source == data.name else data.source
