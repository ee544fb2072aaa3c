"""Downloads: a link, pictures, the codes as a table, the decoder with its settings."""

import json

import streamlit as st

from dashboard.shared import model_labels, model_view
from dashboard.shared.components import component
from dashboard.shared.saved_pages import button
from dashboard.shared.section import section
from vae_core.runs.export import codes_csv

take = component("explore/downloads.js")


@section("The row of files")
def draw(model: model_view.Model, own: bool) -> None:
    """A row of buttons; files are made when they are asked for."""
    key, name = model.entry.key, model_labels.saved_as(model.entry)
    with st.container(horizontal=True, key="take-along"):
        if len(model.mean):
            st.download_button(
                "Download codes (CSV)",
                lambda: codes_csv(model.entry),
                f"{name}-codes.csv",
                "text/csv",
                on_click="ignore",
            )
        st.download_button("Download decoder", lambda: decoder(model), f"{name}-decoder.safetensors", on_click="ignore")
        button.offer("explore", name, key)
        take(key="take", data={"own": own})


def decoder(model: model_view.Model) -> bytes:
    """The decoder's weights as .safetensors, the settings of its run in the file's own metadata."""
    from safetensors.numpy import save

    weights = {key: array for key, array in model.entry.weights().items() if not key.startswith("encoder.")}
    about = {"settings": model.entry.settings.to_dict(), "shape": model.entry.shape}
    return save(weights, {name: json.dumps(value) for name, value in about.items()})
