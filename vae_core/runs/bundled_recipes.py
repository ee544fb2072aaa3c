"""How each bundled model was made: a name, and what its settings change. `python -m vae_core bundle` rebuilds them.

Recipes were chosen on the last 5000 training images; a test set is scored once, at the end. The activations are smooth
(SiLU, tanh), because exact evidence by quadrature loses its precision at the kinks of ReLU.
The beta family shares one network, and all members start from the same weights, those of a training at beta = 1: near
collapse the objective has a saddle, which random weights leave very slowly (at beta = 8 three seeds ended 4.6 nats
above the family). A start in common, and as many steps for all, leave beta as the one difference between members.
"""

import math
from typing import TYPE_CHECKING, Any

from vae_core.runs.store import Entry, Runs
from vae_core.settings import RunSettings, preset

if TYPE_CHECKING:
    from torch import Tensor

    from vae_core.data.datasets import Dataset
    from vae_core.model.vae import VAE

FAMILY = {
    "encoder": (200,), "decoder": (200,), "activation": "tanh", "schedule": "linear", "learning_rate": 2e-3,
    "steps": 8000,
}  # fmt: skip
START = "mnist-beta-start"  # in assets/starts: no model to be shown, `bundle` trains it where it is missing
BETAS = ("0", "0.01", "0.1", "0.5", "1", "2", "4", "8", "16", "20", "28", "40", "64")
FAMILY_START = preset("good", "mnist").with_fields(**FAMILY)

# One network on grey pixels for each variance c of the decoder, and one that learns it. The bound moves a learned log c
# by 3 at most in so few steps, so that it begins nearer to its end than at 1.
VARIANCES = ("5", "1", "0.1", "0.02")
VARIANCE_FAMILY = preset("good", "mnist").with_fields(
    encoder=(200,), decoder=(200,), activation="tanh", schedule="linear", learning_rate=2e-3, steps=3000,
    latent_dim=10, likelihood="fixed_gaussian", pixels="grey",
)  # fmt: skip

# The folder of models stays under 60 MB: what needs no large network gets none.
MIDDLE = {"encoder": (400, 200), "decoder": (200, 400)}
SMALL = {"encoder": (256, 128), "decoder": (128, 256)}
FAST = {"precision": "bfloat16"}  # on the validation images its bound was equal to float32's

RECIPES: dict[str, RunSettings] = {
    "mnist-2d": preset("good", "mnist").with_fields(
        **FAST, encoder=(700, 400, 200), samples=4, steps=55_000, learning_rate=1.2e-3
    ),
    "mnist-20d": preset("good", "mnist").with_fields(
        **FAST, latent_dim=20, encoder=(512, 256), decoder=(256, 512), learning_rate=2e-3, steps=44_000
    ),
    "mnist-5d": preset("good", "mnist").with_fields(**FAST, **MIDDLE, latent_dim=5),
    # Of seeds 0, 1, 2 this one has, on validation images, the dimensions that follow ink and slant most closely.
    "mnist-10d": preset("good", "mnist").with_fields(**FAST, **MIDDLE, latent_dim=10, seed=2),
    "mnist-1d": preset("good", "mnist").with_fields(**FAST, **SMALL, latent_dim=1),
    "mnist-ae-2d": preset("good", "mnist").with_fields(**FAST, **SMALL, stochastic=False),
    "strokes-2d": preset("good", "strokes").with_fields(
        **FAST, encoder=(400, 200, 100), decoder=(100, 200, 400), steps=20_000
    ),
    "strokes-10d": preset("good", "strokes").with_fields(**FAST, **MIDDLE, latent_dim=10),
    "frey-2d": preset("good", "frey").with_fields(validation=0, steps=16_000),
    "frey-10d": preset("good", "frey").with_fields(validation=0, latent_dim=10, steps=16_000),
    **{f"mnist-beta-{b}": FAMILY_START.with_fields(beta=float(b), start_from=START) for b in BETAS},
    **{f"mnist-c-{c}": VARIANCE_FAMILY.with_fields(variance=float(c)) for c in VARIANCES},
    "mnist-c-learned": VARIANCE_FAMILY.with_fields(likelihood="isotropic_gaussian", variance=0.1),
    "mnist-conv-10d": preset("good", "mnist").with_fields(
        network="conv", encoder=(16, 32), decoder=(32, 16), latent_dim=10
    ),
}
# One small network on shapes, as it is, with a larger beta, and with a price on total correlation: the factors are
# known, and MIG says whether they lie along axes. The prices are high: a squared error of 1 costs 50 nats at the
# variance that is learned.
ENTANGLED, SQUEEZED, DISENTANGLED = "shapes-10d", "shapes-10d-beta60", "shapes-10d-tc"
RECIPES[ENTANGLED] = preset("good", "shapes").with_fields(
    network="mlp", encoder=(64,), decoder=(64,), steps=1000, learning_rate=3e-3
)
RECIPES[SQUEEZED] = RECIPES[ENTANGLED].with_fields(beta=60.0)
RECIPES[DISENTANGLED] = RECIPES[ENTANGLED].with_fields(total_correlation=60.0)
RECIPES["mnist-conditional-2d"] = preset("good", "mnist").with_fields(conditional=True)
RECIPES["mnist-linear-2d"] = preset("linear", "mnist")
RECIPES["mnist-linear-ae-2d"] = RECIPES["mnist-linear-2d"].with_fields(stochastic=False)
RECIPES["mnist-pca-2d"] = RECIPES["mnist-linear-ae-2d"].with_fields(steps=1)  # in closed form: the one step there is

# A film's neighbouring frames leak into a random test split: these are trained a second time on the first 1600 frames
# and tested on the last 365, and their manifest states that bound beside their own.
ALSO_CHRONOLOGICAL = ("frey-2d", "frey-10d")

# So many training codes are kept of these: all of them in ten dimensions take more room than the weights.
TRAINING_CODES = {name: 5_000 for name in RECIPES if name.startswith(("mnist-c-", "mnist-conv-", "shapes-"))}
TRAINING_CODES["strokes-10d"] = 20_000

CONVERGED = ("mnist-linear-2d",)  # trained, then taken to the maximum of its bound

CLOSED_FORM = ("mnist-pca-2d",)  # not trained: the weights are the principal axes


def converge(vae: "VAE", dataset: "Dataset", settings: RunSettings) -> dict[str, Any]:
    """Takes a trained linear VAE to the maximum of its bound on its training images; what its manifest says of it."""
    from vae_core.model import linear_gaussian

    iterations = linear_gaussian.maximise_elbo(vae, linear_gaussian.pca(_grey(dataset, settings)))
    return {"converged": f"after training, by {iterations:,} iterations of L-BFGS on all training images at once"}


def principal(settings: RunSettings, dataset: "Dataset", runs: Runs, name: str, **more: Any) -> Entry:
    """Publishes PCA of the training images as a linear autoencoder in float32, so that the same code shows it."""
    import torch

    from vae_core.model import linear_gaussian
    from vae_core.model.vae import build
    from vae_core.training.evaluate import scores, summary

    settings = settings.with_fields(fingerprint=dataset.fingerprint)
    x = _grey(dataset, settings)
    best = linear_gaussian.principal_autoencoder(linear_gaussian.pca(x), settings.model.latent_dim)
    vae = build(settings.model, dataset.shape, torch.Generator()).eval().requires_grad_(False)
    with torch.no_grad():
        for mine, its in ((vae.encoder[0], best.encoder), (vae.decoder[0], best.decoder)):
            mine.weight.copy_(its.weight)
            mine.bias.copy_(its.bias)
        vae.likelihood.logvar.fill_(math.log(best.likelihood.variance))
    s = scores(vae, dataset.observed("test", range(len(dataset.test)), pixels=settings.data.pixels))
    with runs.draft(settings, name, name, dataset.shape) as draft:
        made = {"closed form": f"PCA of {len(x)} training images; nothing was trained", **more}
        made |= {"classes": list(dataset.classes)} if dataset.classes else {}
        draft.publish(vae, summary(s, 1, stochastic=False), s, dataset.test_labels, **made)
    return runs.get(name)


def _grey(dataset: "Dataset", settings: RunSettings) -> "Tensor":
    """The training images as the linear models see them: (N, X)."""
    return dataset.observed("train", range(len(dataset.train) - settings.data.validation), pixels=settings.data.pixels)
