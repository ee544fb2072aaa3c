"""The same z in each class: what a conditional model draws where the point is, decoded in the browser."""

import streamlit as st

from dashboard.shared import given_class, model_view
from dashboard.shared.components import component
from dashboard.shared.section import section

row = component("shared/class_row.js")


@section("The same z in each class")
def draw(model: model_view.Model, z: list[float]) -> None:
    """A picture per class; a press has the page's decoder take that class. `model` is given the one it has now."""
    row(
        key="class-row",
        data={
            "model": model.decoder,
            "given": model.given,
            "classes": model.classes[: model.knows],
            "z": z,
            "shape": model.entry.shape,
            "photograph": model.photograph,
        },
        on_y_change=lambda: given_class.choose(st.session_state["class-row"].y),
    )
