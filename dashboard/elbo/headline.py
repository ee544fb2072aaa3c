"""What happened to one image's bound, in a sentence with the numbers in it."""

import html

from dashboard.elbo.bound import bound
from dashboard.shared import formatting, image_bound, model_view, test_images
from dashboard.shared.formatting import measured, number
from dashboard.shared.image_bound import Bound, Numbers, Refinement
from dashboard.shared.image_picker import source

ALMOST = 0.1  # nats: not worth a remark
WRONG_MODE = 0.5  # nats that a climb from the encoder's q stays below the best one
DEEP = 1.0  # nats that lie between two modes
WHOSE = {"encoder": "The encoder’s guess", "yours": "Your <i>q</i>"}
FAR, WIDER = 1.0, 1.5  # deviations of the best q; ratio of deviations


def claim(s: image_bound.BoundInputs, q: Bound, climb: Refinement | None, name: str, noun: str) -> tuple[str, str]:
    """The headline, and what a better Gaussian would do."""
    known = image_bound.exact(s)
    whose = f"The best {family(s)}" if name == "best" else WHOSE.get(name, "This <i>q</i>")
    if not known.exact:
        return (
            f"{whose} loses about {measured(q.gap, q.gap_error)} nats on this {noun}",
            "An importance bound stands in for log p(x), and is a little too low on average.",
        )
    if name == "encoder" and s.model.collapsed:
        rest = (
            "This model ignores z."
            if q.gap < ALMOST
            else f"The decoder still reacts to z a little, which costs {measured(q.gap, q.gap_error)} nats here."
        )
        return f"The code says nothing about this {noun}", f"Posterior collapse: q is the prior for every image. {rest}"
    head = f"{whose} loses {measured(q.gap, q.gap_error)} nats on this {noun}"
    if name == "encoder" and q.gap < ALMOST:
        head = f"The encoder’s guess is all but exact on this {noun}"
        if q.kl < ALMOST:  # a collapsed posterior is easily met
            return (
                f"The code says nothing about this {noun}",
                "The encoder’s guess and the true posterior are both the prior.",
            )
    return head, "" if climb is None else explained(s, climb, name)


def family(s: image_bound.BoundInputs) -> str:
    """The q that the encoder can choose from; of one dimension none has a covariance."""
    return "Gaussian" if s.model.dims == 1 else "diagonal Gaussian"


def noun(model: model_view.Model, image: source.Image) -> str:
    """What the image is: a 4, a sandal."""
    if image.label is None:
        return "image"
    classes = test_images.data(model).classes
    return html.escape(formatting.short(classes[image.label])) if image.label < len(classes) else str(image.label)


def explained(s: image_bound.BoundInputs, climb: Refinement, name: str) -> str:
    """The gap as amortisation and approximation, and what was wrong with the encoder's guess."""
    first = image_bound.encoder(s)
    gap, least = image_bound.bound(s, first).gap, climb.summit["gap"]
    lost = "nothing" if least < 0.005 else number(least)
    if name == "best":
        rest = f"no {family(s)} can recover the rest{covariance(s, climb)}"
        return f"The encoder’s guess loses {number(gap)}; {rest}."
    if name != "encoder":
        return f"The encoder’s guess loses {number(gap)}, the best {family(s)} {lost}."
    if number(gap) == number(least):
        return f"No {family(s)} does better: {number(least)} nats are the price of the family{covariance(s, climb)}."
    if gap - least < ALMOST:
        return f"No {family(s)} does much better: the best would lose {lost}{covariance(s, climb)}."
    if aim := bound.trained_for(s):
        return f"The best {family(s)} would lose {lost}. The encoder’s is not meant to be best here: {aim}"
    return f"The best {family(s)} would lose {lost}: {fault(s, first, climb, gap)}."


def covariance(s: image_bound.BoundInputs, climb: Refinement) -> str:
    """What a Gaussian with a covariance would lose, as the end of a sentence; "" where the plane is not exact."""
    found, least = image_bound.tilted(s, climb.best), climb.summit["gap"]
    if found is None or least < 0.005:
        return ""
    if least - found.gap < 0.005:
        return ", and a covariance gains nothing here"
    return f", a Gaussian with a covariance (dotted) loses {number(max(found.gap, 0.0))}"


def fault(s: image_bound.BoundInputs, first: Numbers, climb: Refinement, gap: float) -> str:
    stuck = climb.rows[-1]["gap"] - climb.summit["gap"]
    began = abs(climb.rows[0]["gap"] - gap) < 0.01  # at the encoder's
    if stuck > WRONG_MODE and began and image_bound.valley(s, climb.path[-1], climb.best) > DEEP:
        return "the encoder picked the wrong mode"
    dims = len(first) // 2
    away = max(
        abs(a - b) / sigma for a, b, sigma in zip(first[:dims], climb.best[:dims], climb.best[dims:], strict=True)
    )
    ratios = [a / b for a, b in zip(first[dims:], climb.best[dims:], strict=True)]
    wide, narrow = max(ratios) > WIDER, min(ratios) < 1 / WIDER
    size = "wrong shape" if wide and narrow else "too wide" if wide else "too narrow" if narrow else "right width"
    if away > FAR:
        return f"{size}, wrong position"
    return "the encoder is almost right" if size == "right width" else f"right position, {size}"
