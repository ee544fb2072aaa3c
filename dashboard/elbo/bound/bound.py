"""What the ELBO page draws of one image and one q, as data for the browser."""

from typing import Any

import numpy as np

from dashboard.shared import image_bound
from dashboard.shared.formatting import number
from dashboard.shared.image_bound import BoundInputs, Exact, Numbers, Refinement

SEEN = 5.0  # nats below its peak, the posterior is always in view


def view(known: Exact, qs: list[Numbers], dims: int, path: list[Numbers] = ()) -> list[tuple[float, float]]:
    """The part of the plane that holds the posterior, some q to more than two deviations, and all of a path."""
    wide = [(q, 2.4) for q in qs] + [(q, 1.0) for q in path]
    spans = [
        (min(q[d] - k * q[dims + d] for q, k in wide), max(q[d] + k * q[dims + d] for q, k in wide))
        for d in range(dims)
    ]
    if known.log_joint is not None:
        seen = known.log_joint > known.log_joint.max() - SEEN
        cells = seen.reshape(image_bound.CELLS, image_bound.CELLS) if dims == 2 else seen[None]
        for d, (low, high) in enumerate(known.box):
            (where,) = np.nonzero(cells.any(d))
            cell = (high - low) / cells.shape[1 - d]
            spans[d] = (
                min(spans[d][0], low + where[0] * cell),
                max(spans[d][1], low + (where[-1] + 1) * cell),
            )
    return [(low - 0.06 * (high - low), high + 0.06 * (high - low)) for low, high in spans]


def picture(s: BoundInputs, start: Numbers, step: str, climb: Refinement | None) -> dict[str, Any]:
    """Everything that the page draws, for the browser; arrays as base64."""
    known, first, dims = image_bound.exact(s), image_bound.encoder(s), s.model.dims
    q = start if climb is None else climb.at(step)
    axes = sorted(s.model.order[:2])
    found = image_bound.bound(s, q)
    own = start != first
    top = first if known.exact else image_bound.track(s, first)[-1]
    flat = [
        [g if dims <= 2 else tuple(g[k + d] for k in (0, dims) for d in axes) for g in gs]
        for gs in ((first, top), (start, q, *([*climb.path, climb.best] if climb else ())))
    ]
    mode = image_bound.decoded(s, tuple(known.mode or top[:dims]))
    return {
        "subject": s.key,
        "model": s.model.decoder,
        "dims": dims,
        "axes": axes,
        "shape": s.model.entry.shape,
        "photograph": s.model.photograph,
        "variance": s.model.variance,
        "collapsed": s.model.collapsed,
        "bernoulli": s.model.entry.settings.model.row.binary,
        "exact": known.exact,
        "error": known.error,
        "logPx": known.log_px,
        "errors": {"reconstruction": found.error, "gap": found.gap_error, "logPx": known.off},
        "known": None if known.log_joint is None else {"field": image_bound.packed(known.log_joint), "box": known.box},
        "modeImage": image_bound.packed(mode),
        "view": view(known, flat[0], min(dims, 2), flat[1]),
        "start": start,
        "step": step,
        "name": name(own, step),
        "q": q,
        "numbers": {
            "reconstruction": found.reconstruction,
            "kl": found.kl,
            "elbo": found.elbo,
            "gap": found.gap,
            "klMu": found.kl_mu,
            "klSigma": found.kl_sigma,
            "pixels": image_bound.packed(image_bound.per_place(found.pixels, s.model.entry.shape)),
            "image": image_bound.packed(found.image),
        },
        "split": None
        if climb is None
        else [image_bound.bound(s, first).gap - climb.summit["gap"], climb.summit["gap"]],
        "tilted": None if climb is None or (found := image_bound.tilted(s, climb.best)) is None else found._asdict(),
        "splitError": None if climb is None else climb.summit["gap_error"],
        "trainedFor": None if climb is None else trained_for(s),
        "climb": None
        if climb is None
        else {"path": climb.path, "best": climb.best, "rows": table(s, climb, own), "remark": remark(s, climb, own)},
    }


def trained_for(s: BoundInputs) -> str:
    """Why the encoder's q is not meant to be the best for the ELBO, in half a sentence; "" if it is."""
    train = s.model.entry.settings.train
    if train.importance_samples > 1:
        return (
            f"it was trained for a bound of K = {train.importance_samples} weighted samples, whose best q is another."
        )
    if train.total_correlation:
        return "it was trained with a price on the total correlation of all codes, which is no sum over images."
    if train.free_bits:
        return "it was trained with free bits, which let a code cost more."
    if (q := image_bound.intended(s)) is not None:
        return f"it was trained for β = {train.beta:g}, whose own best q loses {number(image_bound.bound(s, q).gap)}."
    return "it was trained without the KL, for the reconstruction alone." if train.beta == 0 else ""


def name(own: bool, step: str) -> str:
    """Whose q it is."""
    if step == "best":
        return "best"
    return f"step {step}" if step != "0" else "yours" if own else "encoder"


def remark(s: BoundInputs, climb: Refinement, own: bool) -> str:
    """Why the best q is not where the steps end."""
    if not image_bound.exact(s).exact and climb.best in (stops := [climb.path[t] for t in image_bound.STATIONS[:-1]]):
        at = image_bound.STATIONS[stops.index(climb.best)]
        where = f"step {at}" if at else "the start"
        return (
            f"The steps improve the bound over {2 * image_bound.CLIMBED} draws of the noise. "
            f"Over {2 * image_bound.DRAWS} other draws {where} is best."
        )
    least = climb.summit["gap"] + image_bound.ELSEWHERE
    if climb.rows[-1]["gap"] <= least:
        return ""
    known, top = image_bound.exact(s), image_bound.track(s, image_bound.encoder(s))[-1]
    near = own and (not known.mode or image_bound.bound(s, top).gap <= least)
    whence = "the encoder’s guess" if near else "the posterior’s own mode"
    return f"Gradient steps got stuck in a local optimum; “best” started at {whence}."


def table(s: BoundInputs, climb: Refinement, own: bool) -> list[dict[str, Any]]:
    """Rows of steps: where the climb began, its stations, and the best q of all."""
    labels = ["yours" if own else "encoder", *(str(t) for t in image_bound.STATIONS[1:])]
    stops = zip(image_bound.STATIONS, labels, climb.rows, strict=True)
    rows = [{"step": str(t), "label": label, **row} for t, label, row in stops]
    if abs(rows[-1]["gap"] - climb.summit["gap"]) < 0.01:
        rows.pop()  # the climb ended at the best
    if own:
        rows.insert(0, {"step": "encoder", "label": "encoder", **image_bound.measured(s, image_bound.encoder(s))})
    return [*rows, {"step": "best", "label": "best", **climb.summit}]
