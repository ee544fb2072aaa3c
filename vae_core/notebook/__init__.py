"""Your own model in a notebook: from vae_core.notebook import explore; w = explore(vae, images, labels); w.z

Explore in a cell of Jupyter, VS Code, Colab or marimo, as an anywidget. Networks whose layers JavaScript knows decode
in the browser, any other function decodes in Python on each move. It needs a clone with the dashboard beside this
package, whose components it shows.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from vae_core.notebook.browser_networks import Networks
    from vae_core.notebook.widget import Explorer

MISSING = 'The cell is an anywidget, which is not installed: pip install "anywidget>=0.9", then restart the kernel.'
ROOM = 4_000_000  # bytes of images that go into the cell
NAMED = 60  # characters


class Shown(NamedTuple):
    """What the page in the cell is made of: N codes, and the first n images."""

    name: str
    shape: tuple[int, ...]
    networks: "Networks"
    encodes: bool  # here or there
    mean: np.ndarray  # (N, D)
    logvar: np.ndarray  # (N, D)
    labels: np.ndarray | None  # (N,)
    classes: tuple[str, ...]
    levels: np.ndarray  # (n, X) uint8
    binary: bool
    photograph: bool
    variance: float | None
    remarks: list[str]
    lacking: str  # what the page cannot do where no Python is, in one sentence


def explore(
    model: Any, images: Any, labels: Any = None, *, encode: Callable | None = None, decode: Callable | None = None,
    latent_dim: int | None = None, likelihood: str = "bernoulli", variance: float = 1.0, layout: str = "",
    activation: str = "", name: str = "your model",
) -> "Explorer":  # fmt: skip
    """Explore of a torch model with these images, numpy or torch, (N, H, W), or (N, H, W, 3) in colour, in [0, 1].

    `decode` takes z (B, D) and gives images or logits, `encode` takes images and gives mean and log variance, or a
    torch distribution; without them the model's own are taken. `likelihood` is bernoulli or, with its `variance`,
    fixed_gaussian; a model of this library has its own. ValueError says in one sentence what does not fit, ImportError
    what is not installed.
    """
    if find_spec("anywidget") is None:
        raise ImportError(MISSING)
    from vae_core.cli.pages import check_dashboard, dashboard

    check_dashboard()
    import torch

    from vae_core.model.vae import VAE
    from vae_core.notebook.bound import doubt
    from vae_core.notebook.browser_networks import browser_networks, lacking
    from vae_core.notebook.own_model import own_model
    from vae_core.notebook.pictures import pictures_of
    from vae_core.notebook.widget import Explorer

    pictures = pictures_of(images, labels)
    x = torch.from_numpy(pictures.x)
    chosen = {"latent_dim": latent_dim, "likelihood": likelihood, "variance": variance}
    own = own_model(model, x, pictures.shape, encode=encode, decode=decode, **chosen)
    networks = browser_networks(
        None if encode or decode else model, own.vae, pictures.shape, x[:20], likelihood, variance, layout, activation
    )
    page, ours = dashboard("cell"), isinstance(model, VAE)
    spread = doubt(own.vae, x[:20]) if own.encodes and own.vae.stochastic and not ours else ""
    shown = Shown(
        str(name)[:NAMED], pictures.shape, networks, own.encodes, *codes(own, x), pictures.labels, pictures.classes,
        pictures.levels[: max(1, ROOM // x.shape[1])], pictures.binary, photograph(pictures),
        float(own.vae.likelihood.variance) if hasattr(own.vae.likelihood, "variance") else None,
        [*pictures.remarks, *own.remarks, *filter(None, [spread])], lacking(networks, own.encodes),
    )  # fmt: skip
    grey = not pictures.binary and networks.settings.row.binary
    return Explorer(
        script=page.widget(), page=page.page(shown), vae=own.vae, x=pictures.x[: len(shown.levels)],
        shape=pictures.shape, encodes=own.encodes, decodes_there=bool(networks.decoder), grey=grey,
        lacking=shown.lacking,
    )  # fmt: skip


def codes(own: Any, x: Any) -> tuple[np.ndarray, np.ndarray]:
    """Means and log variances of all images (N, D); none without an encoder."""
    import torch

    if not own.encodes:
        nothing = np.zeros((0, own.vae.latent_dim), np.float32)
        return nothing, nothing
    with torch.no_grad():
        mean = own.vae.code(x)
        logvar = own.vae.posterior(x).logvar if own.vae.stochastic else torch.full_like(mean, torch.nan)
    if not torch.isfinite(mean).all():
        raise ValueError("encode gives values that are not finite for these images.")
    return mean.numpy(), logvar.numpy()


def photograph(pictures: Any) -> bool:
    from vae_core.data.user_images import is_photograph

    return is_photograph(pictures.levels.reshape(-1, *pictures.shape))
