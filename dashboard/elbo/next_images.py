"""The bounds of the images that a press of a class would show next: found once the page is there, to be known when it
comes."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from dashboard.shared import background, model_view, test_images
from dashboard.shared.image_picker import image_picker, source

DEAR = 1.0  # seconds for one image, beyond which nobody is served by ten that he may never ask for
KNOWN = 4096  # of all models and images together

_known: dict[tuple, None] = {}  # what has been found, or is too dear to be


def prepare(model: model_view.Model, image: source.Image) -> None:
    """Has the bounds found of the images that stand behind the buttons of the classes, where they are not known."""
    ready = test_images.material(model)
    if ready is None or ready.data is None or ready.data.test_labels is None:
        return
    classes = range(min(len(image_picker.classes(model, ready)), test_images.PER_CLASS))
    numbers = {image_picker.following(model, image, label) for label in classes} - {None}
    named = {(model.entry.key, model.entry.created, number, source.redraw()): number for number in sorted(numbers)}
    missing = {name: number for name, number in named.items() if name not in _known}
    if missing:
        find = partial(source.test_image, model_view.model(model.entry), ready.data, seed=source.redraw())
        background.run_ahead(("next images", *missing), partial(_piece, model, missing, find))


def _piece(model: model_view.Model, missing: dict[tuple, int], find: Callable[..., source.Image]) -> bool:
    """One of the images; whether there are more."""
    from dashboard.shared import image_bound

    name, number = next(((name, number) for name, number in missing.items() if name not in _known), (None, None))
    if name is None:
        return False
    background.yield_to_pages()
    began = time.monotonic()
    with suppress(Exception):  # whoever chooses that image is told; nobody has asked for it yet
        image = find(index=number)
        s = image_bound.bound_inputs(model_view.given(model, image.label), image.x)
        image_bound.bound(s, image_bound.encoder(s))
    _known.update(dict.fromkeys(missing if time.monotonic() - began > DEAR else [name]))
    while len(_known) > KNOWN:
        _known.pop(next(iter(_known)))
    return not missing.keys() <= _known.keys()
