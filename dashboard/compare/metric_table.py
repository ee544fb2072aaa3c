"""The numbers of several models, each with its difference to the first, and what cannot be subtracted."""

import math
from functools import partial
from typing import Any, NamedTuple

from dashboard.compare.model_selection import differences, listed, names
from dashboard.shared import background, coverage, formatting, model_view, test_images
from dashboard.shared.caching import cached
from dashboard.shared.formatting import apart, number, readable, signed
from dashboard.shared.image_picker import source
from dashboard.shared.section import section
from vae_core.analysis import model_comparison
from vae_core.analysis.aggregate_posterior import HOLE
from vae_core.analysis.model_comparison import Measured, differ
from vae_core.runs.store import Entry

SEEN = 0.005  # nats: a smaller error changes no digit that is shown
PAIRS = 250  # of mirrored draws of the chosen image, D > 2: as many as bounds.DRAWS
NO_Q = "codes are points: there is no q(z)"
NO_BOUND = "no q(z|x)"
# What a number that is higher than the first model's, or lower, makes of its model; with a sign that says which of the
# two is better, 0: neither
JUDGED = {
    "test ELBO": ("better", "worse", 1),
    "reconstruction": ("better", "worse", 1),
    "KL": ("more", "less", 0),
    "squared error": ("worse", "better", -1),
    "holes": ("worse", "better", -1),
    "continuity": ("rougher", "smoother", 0),
    "parameters": ("more", "fewer", 0),
}
UNITS = {"test ELBO": " nats", "reconstruction": " nats", "KL": " nats", "holes": " percentage points"}
NATS = ("test ELBO", "reconstruction", "KL")  # their bars have one scale: the first is the second less the third
LINEAR = {  # of a linear model: name, what it is
    "residual": ("squared error", "by the mean reconstruction"),
    "log_px": ("log p(x)", "of N(b, WWᵀ + cI), nats"),
    "elbo": ("ELBO", "nats"),
    "variance": ("c", "the variance of every pixel"),
}


size = cached(max_entries=64)(model_comparison.parameters)
known = cached(max_entries=64)(model_comparison.known)


def measured(model: model_view.Model) -> Measured | None:
    """Known for the bundled models; of others measured in the background, None until then."""
    entry = model.entry
    if found := known(entry):
        return found
    ready = test_images.material(model)
    if ready is None:
        return None
    return background.result(
        ("measured", entry.key, entry.created), partial(model_comparison.measure, entry, ready.data)
    )


class Here(NamedTuple):
    """Reconstruction, KL and ELBO of an image, in nats; of an autoencoder the first only. None: not finite."""

    values: list[float | None]
    error: float  # of the first and last; 0: too small to be seen, or of one point


def here(model: model_view.Model, image: source.Image | None) -> Here | None:
    """The numbers that the ELBO page has of this image."""
    if image is None:
        return None
    from dashboard.shared import image_bound

    s, error = image_bound.bound_inputs(model, image.x), 0.0
    if model.entry.settings.model.stochastic:
        q = image_bound.encoder(s)
        pixels, error = image_bound.reconstructed(s, q)
        reconstruction = pixels.sum().item()
        kl = sum(part.sum().item() for part in image_bound.code_costs(q))
        values = [reconstruction, kl, reconstruction - kl]
    else:
        values = [source.log_likelihood(model, image, image.mean.tolist())]
    error = error if SEEN < error < math.inf else 0.0
    return Here([value if math.isfinite(value) else None for value in values], error)


class Beside(NamedTuple):
    """A model, and what of it may be subtracted from the first one's."""

    model: model_view.Model
    found: Measured | None  # None: not measured yet
    apart: str  # why the bounds may not
    same_images: bool
    same_x: bool

    @property
    def stochastic(self) -> bool:
        return self.model.entry.settings.model.stochastic

    def metric(self, name: str):
        return self.model.entry.metrics.get(name)

    def measured(self, name: str):
        return getattr(self.found, name) if self.found else None

    def unless(self, reason: str) -> str:
        """Why something measured is missing."""
        return "being measured" if self.found is None else reason


@section("The table of numbers")
def rows(models: list[model_view.Model]) -> list[dict[str, Any]]:
    """One row per number: its name, what it is and which direction is better, and a cell per model."""
    first = models[0].entry
    beside = [
        Beside(
            model, measured(model), differ(first.settings, model.entry.settings),
            images_of(first) == images_of(model.entry),
            first.settings.data == model.entry.settings.data and models[0].knows == model.knows,
        )
        for model in models
    ]  # fmt: skip
    no_bound = [NO_BOUND] * len(models)
    both = [b.same_x and b.stochastic for b in beside]
    at_point = "" if all(b.stochastic for b in beside) else "an autoencoder’s is at its code; "
    bound = "evidence lower bound, nats per image; higher is better"
    cost = "Kullback–Leibler divergence: nats that the code costs"
    made = [
        numbers("test ELBO", "elbo", bound, [b.metric("elbo") for b in beside], 2,
                no_bound, [not b.apart for b in beside], [b.metric("elbo_se") for b in beside],
                ["of log p(x|y)" if b.model.knows else "" for b in beside]),
        numbers("reconstruction", "reconstruction", f"E<sub>q</sub> log p(x|z), nats; {at_point}higher is better",
                [b.metric("reconstruction") for b in beside], 2, may=[b.same_x for b in beside]),
        numbers("KL", "kl", cost, [b.metric("kl") for b in beside], 2, no_bound, both),
        texts("active units", "dimensions whose μ has a variance above 0.01 over the images",
              [active(b) for b in beside], NO_BOUND),
        numbers("squared error", "", "mean reconstruction against the image before binarising; lower is better",
                [b.measured("residual") for b in beside], 2, [b.unless("needs the test images") for b in beside],
                [b.same_images for b in beside], [b.measured("residual_error") for b in beside]),
        holes(models),
        numbers("continuity", "", "slope of the image at the codes (norm of the Jacobian), per σ; lower is smoother",
                [b.measured("continuity") for b in beside], 2, [b.unless("collapsed: it is constant") for b in beside]),
        numbers("parameters", "", "learned parameters",
                [size(m.entry) for m in models], 0),
        texts("training steps", "", [steps(model.entry) for model in models]),
        texts("x", "what is encoded and scored", [seen(model.entry) for model in models]),
    ]  # fmt: skip
    judge(made)
    made += linear_rows([b.found for b in beside], names(models))
    for row in made:
        for cell, model in zip(row["cells"], models, strict=False):
            if "difference" in cell and row["name"] != "parameters" and (aside := unlike(models[0], model)):
                cell["aside"] = aside
    return made


def judge(made: list[dict[str, Any]]) -> None:
    """Gives each difference a word and a bar: positive where the model is better than the first, or has more.

    A full bar is the largest difference in nats for what is in nats, and for the rest 100 % of the larger number.
    """
    sizes = {row["name"]: [abs(size) for size in differences_in(row)] for row in made}
    nats = max((size for name in NATS for size in sizes.get(name, [])), default=0)
    for row in made:
        higher, lower, sign = JUDGED.get(row["name"], ("", "", 0))
        for cell in row["cells"]:
            if "difference" not in cell or "value" not in cell or "value" not in row["cells"][0]:
                continue
            value, first = cell["value"], row["cells"][0]["value"]
            by = apart(value, first, row["digits"])
            full = nats if row["name"] in NATS else max(abs(value), abs(first))
            words = (higher, lower) if by > 0 else (lower, higher)
            cell["by"] = readable(abs(by), row["digits"]) if row["digits"] else f"{abs(by):,}"
            cell["verdict"], cell["opposite"] = words if by else ("the same", "the same")
            cell["bar"] = (sign or 1) * max(-1.0, min(1.0, by / full)) if by and full else 0.0


def differences_in(row: dict[str, Any]) -> list[float]:
    cells = row["cells"]
    both = [cell for cell in cells if "difference" in cell and "value" in cell and "value" in cells[0]]
    return [apart(cell["value"], cells[0]["value"], row["digits"]) for cell in both]


def holes(models: list[model_view.Model]) -> dict[str, Any]:
    """The share of the prior that codes hardly reach; only of equally many codes can it be subtracted."""
    found = [coverage.holes(model, tuple(range(model.dims))) if has_holes(model) else None for model in models]
    why = [
        NO_Q if not model.entry.settings.model.stochastic
        else "measured for D ≤ 2 only" if model.dims > 2
        else "being measured" if len(model.mean) else "needs the codes"
        for model in models
    ]  # fmt: skip
    row = numbers(
        "holes", "", f"% of the prior where q(z) &lt; p(z)/{1 / HOLE:.0f}; lower means fewer gaps",
        [None if one is None else 100 * one.share for one in found], 1, why,
        [bool(one and found[0] and one.images == found[0].images) for one in found],
    )  # fmt: skip
    for cell, one in zip(row["cells"], found, strict=True):
        if one is not None:
            of = "test" if one.held_out is None else "training"
            cell["note"] = f"q(z) of {one.images:,} {of} images<br>{coverage.beside(one).removesuffix('.')}"
    return row


def has_holes(model: model_view.Model) -> bool:
    return model.entry.settings.model.stochastic and model.dims <= 2 and len(model.mean) > 0


def unlike(first: model_view.Model, model: model_view.Model) -> str:
    """What makes a difference of the two a mixture: a difference of network or steps, in a few words; "" if none."""
    found = differences([first.entry.settings, model.entry.settings])
    named = [name for name in ("network", "steps") if name in found]
    return f"other {' and '.join(named)}" if named else ""


def images_of(entry: Entry) -> tuple[str, str, str]:
    data = entry.settings.data
    return data.name, data.fingerprint, data.split


def active(b: Beside) -> str | None:
    count = b.metric("active_units")
    return None if count is None else f"{count} of {b.model.dims}"


def numbers(
    name: str, symbol: str, says: str, values: list, digits: int,
    empty: list[str] | None = None, may: list[bool] | None = None, errors: list | None = None,
    notes: list[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """`empty`: why a value is missing; `may`: whether it may be subtracted from the first one; `notes`: under each."""
    cells = []
    for k, value in enumerate(values):
        if value is None:
            cells.append({"why": empty[k] if empty else "not known"})
            continue
        cell = {"text": readable(value, digits) if digits else f"{value:,}"} | finite("value", value)
        if errors and errors[k]:
            cell |= {"error": f"± {readable(errors[k], digits)}"} | finite("deviation", errors[k])
        cell |= {"note": notes[k]} if notes and notes[k] else {}
        comparable = k and values[0] is not None and (may is None or may[k])
        if comparable and (by := apart(value, values[0], digits)) is not None:
            cell["difference"] = signed(by, digits)
        cells.append(cell)
    return {"name": name, "symbol": symbol, "says": says, "unit": UNITS.get(name, ""), "digits": digits, "cells": cells}


def finite(name: str, value: float) -> dict[str, float]:
    """A number in full, for a file; JSON has no other ones."""
    return {name: value} if math.isfinite(value) else {}


def texts(name: str, says: str, values: list, empty: str = "") -> dict[str, Any]:
    cells = [{"why": empty} if value is None else {"words": value} for value in values]
    return {"name": name, "symbol": "", "says": says, "cells": cells}


def steps(entry: Entry) -> str:
    return "none: closed form" if "closed form" in (entry.manifest or {}) else f"{entry.step:,}"


def seen(entry: Entry) -> str:
    kind = "probabilities" if entry.settings.model.row.binary else "densities"
    return f"{entry.settings.data.pixels} pixels, {kind}"


# -- linear models against their closed form ---------------------------------------------------------------------------


def linear_rows(found: list[Measured | None], names: list[str]) -> list[dict[str, Any]]:
    facts = [one.linear if one else None for one in found]
    if not any(facts):
        return []
    others = [name for name, fact in zip(names, facts, strict=True) if not fact]
    count = next(fact for fact in facts if fact)["images"]
    says = f"on the {count:,} training images; the rows above are of test images"
    if others:
        says += f". {listed(others)} {'is' if len(others) == 1 else 'are'} not linear, and without a closed form"
    made = [{"name": "Against the closed form", "symbol": "", "says": says, "cells": [], "head": True}]
    for name, (title, says) in LINEAR.items():
        if any(fact and fact["model"][name] is not None for fact in facts):
            made.append({"name": title, "symbol": "", "says": says, "cells": [exactly(fact, name) for fact in facts]})
    says = "between its plane and that of the first principal axes"
    made.append({"name": "angles", "symbol": "", "says": says, "cells": [angles(fact) for fact in facts]})
    return made


def exactly(fact: dict | None, name: str) -> dict[str, str]:
    if not fact or fact["model"][name] is None:
        return {"why": "no p(x)" if fact else ""}
    value, best = fact["model"][name], fact["best"][name]
    off = abs(value - best) / abs(best)
    beside = "the same" if off < 1e-12 else f"relative {formatting.power(off)}"
    note = f"closed form {readable(best, 6)}<br>{beside}"
    return {"text": readable(value, 6), "note": note} | finite("value", value)


def angles(fact: dict | None) -> dict[str, str]:
    if not fact:
        return {"why": ""}
    largest, turned = max(fact["model"]["angles"]), fact["model"]["turned"]
    axes = "" if turned is None else f"; its axes {' and '.join(map(degrees, turned))} from PCA’s"
    return {"text": degrees(largest), "note": f"the larger one{axes}", "value": largest}


def degrees(angle: float) -> str:
    return f"{number(angle, 3)}°" if angle > 5e-4 else f"{formatting.power(angle)}°"
