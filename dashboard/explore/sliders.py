"""The image strips: what the decoder draws along each dimension, each with a handle that moves z along it."""

from dashboard.shared import formatting, model_view
from dashboard.shared.components import component
from dashboard.shared.section import section

strips = component("explore/sliders.js")

MANY = 4  # strips that are always open


@section("The sliders")
def draw(model: model_view.Model, z: list[float], axes: tuple[int, ...]) -> None:
    """The plane's two dimensions first, then what carries most; those that carry least are folded away."""
    strips(key="sliders", data=rows(model, z, axes))


def rows(model: model_view.Model, z: list[float], axes: tuple[int, ...]) -> dict:
    ordered = [*axes, *(d for d in model.order if d not in axes)]
    return {"rows": [row(model, z, d) for d in ordered], "open": MANY, "more": folded(model, ordered[MANY:])}


def row(model: model_view.Model, z: list[float], dimension: int) -> dict:
    cost = formatting.number(model.kl[dimension]) if model.dims > 2 and model.entry.settings.model.stochastic else ""
    return model_view.film(model, dimension) | {
        "name": formatting.z(dimension), "value": z[dimension], "cost": cost,
    }  # fmt: skip


def folded(model: model_view.Model, rest: list[int]) -> str:
    """What is folded away, in a line; "" where nothing is."""
    if not rest:
        return ""
    if not model.entry.settings.model.stochastic:
        return f"{len(rest)} more dimensions"
    return f"{len(rest)} more dimensions ({formatting.number(model.kl[rest].sum(), 1)} nats of KL in total)"
