"""How q improves, found beside the page: the bound stands before, and a press of another image does not wait for it."""

from functools import partial

from dashboard.elbo import headline
from dashboard.elbo.bound import bound
from dashboard.shared import background, image_bound
from dashboard.shared.image_bound import BoundInputs, Numbers, Refinement


def refinement_later(s: BoundInputs, start: Numbers) -> Refinement | None:
    """The way from `start` to the best q; None as long as it is being found."""
    return background.result(("refinement", s.key, start), partial(_found, s, start))


def _found(s: BoundInputs, start: Numbers) -> Refinement:
    with background.pause_long_work():  # somebody waits for it
        found = image_bound.refinement(s, start)
        bound.picture(s, start, "0", found)  # all that is drawn and said of it is known by then as well
        headline.explained(s, found, "encoder")
    return found
