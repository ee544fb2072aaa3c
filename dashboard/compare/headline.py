"""What a comparison comes to, in words: who is better by how much, and what cannot be compared and why."""

import math

from dashboard.compare import metric_table, paired_bounds
from dashboard.compare.model_selection import OPENING, differences, listed, short
from dashboard.shared import formatting, model_labels, model_view, test_images
from dashboard.shared.formatting import apart, number, readable
from dashboard.shared.image_picker import source
from dashboard.shared.section import section
from vae_core.analysis.model_comparison import PAIRS, Paired, differ

CLOSE = 1.3  # neighbouring eigenvalues: a smaller ratio leaves a plane loose


def claim(models: list, names: list[str], other: model_view.Model, found: Paired | None) -> tuple[str, str]:
    if len(models) < 2:
        return "A comparison needs two models", f"Here is {names[0]}."
    first, k = models[0], models.index(other)
    reason = differ(first.entry.settings, other.entry.settings)
    one, two = names[0], short(names[k], names[0])
    if reason and (said := linear(models)):
        return said
    if reason:
        beside = f"{one} and {names[k]} can’t be compared on one scale"
        return beside, f"Why: {reason}. What can be compared stands below."
    if found is None:
        gap = apart(first.entry.metrics["elbo"], other.entry.metrics["elbo"], 2)
        if gap is None:
            return f"{one} or {two} has no finite bound", "Its training diverged."
        one, two = (one, two) if gap >= 0 else (names[k], short(names[0], names[k]))
        return (
            f"{one} is {readable(abs(gap), 1)} nats ahead of {two}",
            "Each one’s evidence lower bound (ELBO), a mean over the test images, without an error bar.",
        )
    if found.error is None:
        one, two = (one, two) if found.mean >= 0 else (names[k], short(names[0], names[k]))
        return (
            f"{one} beats {two} by {readable(abs(found.mean), 1)} nats on the one test image",
            "One test image: no error bar, so this may be chance.",
        )
    if abs(found.mean) < 2 * found.error:
        equal = f"{one} and {two} cannot be told apart"
        return equal, f"{readable(found.mean)} ± {readable(found.error)} nats on {found.count:,} test images."
    if found.mean < 0:
        one, two = names[k], short(names[0], names[k])
    share, paired = formatting.percent(max(found.better, found.count - found.better) / found.count), abs(found.mean)
    if (found.better > found.count / 2) != (found.mean > 0):
        return (
            f"{one} gains {readable(paired, 1)} ± {readable(found.error, 1)} nats, and loses on {share} of the images",
            "Few images make the mean.",
        )
    return (
        f"{one} beats {two} by {readable(paired, 1)} ± {readable(found.error, 1)} nats in the mean",
        f"Over the same {found.count:,} test images, the same x; it is better on {share} of them.",
    )


def why_these(models: list[model_view.Model]) -> str:
    """What the pair that the page opens with is good for."""
    if tuple(model.entry.key for model in models) != OPENING:
        return ""
    low, high = (f"{model.entry.settings.train.beta:g}" for model in models)
    return (
        f"Why these two? They share network, data, start and training; only β is {low} in one and {high} in the other. "
        "So each difference below is the work of β alone."
    )


def also(models: list[model_view.Model]) -> str:
    """What differs besides what the names say: no difference is to be laid to one cause alone. "" if only one does."""
    found = differences([model.entry.settings for model in models])
    if len(found) < 2:
        return ""
    told = {
        "kind": "kind (an autoencoder or a VAE)",
        "D": f"D ({against(str(m.dims) for m in models)})",
        "β": f"β ({against(f'{m.entry.settings.train.beta:g}' for m in models if is_stochastic(m))})",
        "class": "what they are told (one of them is given the class)",
        "network": f"network ({against(parameters(m) for m in models)} parameters)",
        "steps": f"training steps ({against(metric_table.steps(m.entry) for m in models)})",
        "start": "the start (random weights, or those of another training)",
    }
    named = [name for name in found if name in ("kind", "D", "class", "β")]
    if len(named) != 1:
        return f"They differ in more than one thing: {listed([told[name] for name in found])}."
    (cause,) = named
    whose = {"kind": "the missing KL’s", "D": "D’s", "class": "the class’s", "β": "β’s"}[cause]
    rest = listed([told[name] for name in found if name != cause])
    return f"They also differ in {rest}: a difference is not {whose} alone."


def is_stochastic(model: model_view.Model) -> bool:
    return model.entry.settings.model.stochastic


def parameters(model: model_view.Model) -> str:
    return f"{metric_table.size(model.entry):,}"


def against(values) -> str:
    """Two against each other; more of them in the order of the columns."""
    values = list(values)
    return " against ".join(values) if len(values) == 2 else listed(values)


def linear(models: list[model_view.Model]) -> tuple[str, str] | None:
    """The claim of linear autoencoders: their plane is PCA's, their axes are not."""
    facts = [found.linear for model in models if (found := metric_table.measured(model)) and found.linear]
    free = [fact for fact in facts if fact["model"]["turned"] is None and max(fact["model"]["angles"]) > 1e-4]
    if not free:
        return None
    angle, off = max(free[0]["model"]["angles"]), free[0]["model"]["residual"] / free[0]["best"]["residual"] - 1
    return (
        f"A linear autoencoder finds PCA’s plane, to {metric_table.degrees(angle)}, but not its axes",
        f"Its squared error is a relative {formatting.power(max(off, 1e-12))} above the least possible, "
        "whatever its axes.",
    )


def dots(
    models: list, names: list[str], other: model_view.Model, found: Paired | None, columns: list[dict], image
) -> dict:
    """For the scatter of one bound against another; `found` is what the dots come to. Of the chosen image the numbers
    are those of its columns."""
    k = models.index(other)
    same_x = image is not None and image.kind == "test" and source.redraw() == 0
    return {
        "names": [names[0], short(names[k], names[0])],
        "options": [short(name, names[0]) for name in names[1:]],
        "against": k - 1,
        "found": found._asdict() if found else None,
        "of": len(test_images.data(models[0]).test) if found else 0,
        "why": "" if found else why(models[0], other),
        "chosen": image.index if image else None,
        "own": [columns[0]["here"], columns[k]["here"]] if same_x and found and columns else None,
        "summed": max(models[0].dims, other.dims) <= 2,
        "draws": [2 * PAIRS, 2 * metric_table.PAIRS],
    }


def why(first: model_view.Model, other: model_view.Model) -> str:
    """Why there is no dot to show."""
    if reason := differ(first.entry.settings, other.entry.settings):
        return f"No comparison image by image: {reason}."
    ready = test_images.material(first)
    if ready is None:
        return "The test images are being read."
    if ready.data is None:
        return f"Image by image needs the test images. {ready.missing}"
    done = min(paired_bounds.progress(first), paired_bounds.progress(other))
    return f"Both models are scored on {len(ready.data.test):,} test images: {done:,} so far."


@section("The notes on these models")
def notes(models: list[model_view.Model], names: list[str], image: source.Image | None = None) -> list[str]:
    """What the table leaves out and why, and what is special about the image, in sentences."""
    first, told = models[0], []
    if image is not None and image.kind == "prior":
        told.append(f"This x is no test image: {names[0]} drew it itself, and so finds it easier than the others do.")
    reasons: dict[str, list[str]] = {}
    for model, name in zip(models[1:], names[1:], strict=True):
        if reason := differ(first.entry.settings, model.entry.settings):
            reasons.setdefault(reason, []).append(name)
    for why, who in reasons.items():
        whom = "" if len(who) == len(models) - 1 else f" between {names[0]} and {' or '.join(who)}"
        told.append(f"There are no differences of bounds{whom}: {why}.")
    points = [(model, name) for model, name in zip(models, names, strict=True) if is_points(model)]
    if points and len(points) < len(models):
        told.append(
            "A VAE’s reconstruction is a mean over z ~ q(z|x), an autoencoder’s is taken at one point, the code."
        )
        told.append(
            f"Nothing keeps an autoencoder’s codes near N(0, I): their standard deviations are {spreads(points)}."
        )
    same = [model for model in models if model.entry.shape == first.entry.shape]
    rules = dict.fromkeys(model.entry.settings.data.pixels for model in same)
    if len(rules) > 1:
        told.append(f"Each model sees the x of its own pixel rule ({', '.join(rules)}), made from the same grey image.")
    strangers = [
        name for model, name in zip(models, names, strict=True)
        if not first.entry.settings.data.same_images(model.entry.settings.data)
        and model.entry.shape == first.entry.shape
    ]  # fmt: skip
    if strangers:
        told.append(
            f"The images are {model_labels.data(first.entry)}’s, which {' and '.join(strangers)} never saw in training."
        )
    told += conditional(models, names)
    if len({model.dims for model in models}) > 1:
        told.append("A model of D dimensions takes the first D coordinates of the same draws.")
    return told + loosely(models)


def conditional(models: list[model_view.Model], names: list[str]) -> list[str]:
    """What a bound of log p(x|y) is not."""
    who = [name for model, name in zip(models, names, strict=True) if model.knows]
    if not who:
        return []
    return [
        f"{' and '.join(who)} {'is' if len(who) == 1 else 'are'} told the class y of each image: the bounds are of "
        "log p(x|y), which is not log p(x). The class need not be coded in z, so they lie higher, and no model is "
        "the better for it."
    ]


def is_points(model: model_view.Model) -> bool:
    return not is_stochastic(model) and len(model.mean) > 0


def spreads(points: list[tuple[model_view.Model, str]]) -> str:
    """The standard deviation of the codes along each dimension."""
    return "; ".join(
        f"{' and '.join(formatting.number(value, 1) for value in model.mean.std(0)[:2])} ({name})"
        for model, name in points
    )


def loosely(models: list[model_view.Model]) -> list[str]:
    """Why an angle means little where the eigenvalue beyond the plane is nearly as large as the last one in it."""
    for model in models:
        if not (found := metric_table.measured(model)) or not (fact := found.linear):
            continue
        values, dims = fact["eigenvalues"], model.dims
        if dims >= len(values) or values[dims - 1] / values[dims] > CLOSE:
            continue
        inside, outside = values[dims - 1], values[dims]
        cost = (inside - outside) * math.sin(math.radians(1)) ** 2
        return [
            f"Eigenvalues {dims} and {dims + 1} of the grey pixels’ covariance are {number(inside)} and "
            f"{number(outside)} (those that foretell collapse, on KL regularizer, are of another matrix: the binarised "
            "pixels’ correlation): "
            f"turning the plane by one degree costs {formatting.power(cost)} of a squared error of "
            f"{number(fact['best']['residual'], 1)}. An angle says much less than the error does; within the plane "
            "a linear autoencoder may choose any axes. All these numbers are those of the stored weights: float16 for "
            "bundled models, float32 for PCA and for what was trained here."
        ]
    return []
