"""The class that a conditional model is given: chosen, and kept in the address, else that of the image it looks at."""

import html

from dashboard.shared import formatting, model_view, url_state
from dashboard.shared.image_picker import source


def chosen(model: model_view.Model) -> model_view.Model:
    """Where a class can be chosen: the model given that one, at first the image's own."""
    return model_view.given(model, asked(model, label(model) or 0)) if model.knows else model


def of_image(model: model_view.Model) -> model_view.Model:
    """Where an image is taken apart: the model given its class; where it has none, the one that was chosen."""
    if not model.knows:
        return model
    own = label(model)
    return model_view.given(model, asked(model, 0) if own is None else own)


def asked(model: model_view.Model, default: int) -> int:
    return url_state.whole("class", 0, model.knows - 1, default)


def label(model: model_view.Model) -> int | None:
    """The class of the chosen test image; None of an image that was drawn or opened, or sampled."""
    kind, number = source.wanted(model)
    known = kind == "test" and model.labels is not None and number < len(model.labels)
    return int(model.labels[number]) if known else None


def choose(y: int) -> None:
    url_state.keep("class", str(int(y)))


def name(model: model_view.Model) -> str:
    """Of the class that it is given, for a sentence."""
    return html.escape(formatting.short(model.classes[model.given]))


def said(model: model_view.Model) -> str:
    """What a model is given, in a sentence under a page's claim; "" where it is given no class."""
    if model.given is None:
        return ""
    return f"Given the class {name(model)}: what stands as <i>p</i>(<i>x</i>) is <i>p</i>(<i>x</i>|<i>y</i>) here."
