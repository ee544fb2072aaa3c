"""Any torch model as a VAE of ours: two functions that are called where the model computes, on rows of pixels here.

B images, X = H W (or 3 H W in colour, pixel by pixel) numbers each, D latent dimensions.
"""

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from vae_core.model.likelihoods import BY_NAME
from vae_core.model.vae import VAE, ConditionalVAE
from vae_core.registry import LIKELIHOODS
from vae_core.settings import colours, size_of

MOST_DIMS = 512
TAKEN = ("bernoulli", "fixed_gaussian")  # likelihoods of other models than ours
CHUNK = 500  # images at a time
EDGE = 1e-6  # of a probability: in float32 its logit is finite
MEANS, LOGVARS = ("mean", "mu", "z_mean", "embedding"), ("logvar", "log_var", "z_log_var", "log_covariance")


class Unsuitable(ValueError):
    """Why a model cannot be shown, in one sentence."""


class Own(NamedTuple):
    """Somebody's model as one of ours."""

    vae: VAE
    encodes: bool  # has an encoder; else its code of any image is that of the prior
    remarks: list[str]  # what was decided about its outputs, in sentences


def own_model(
    model: Any, images: Tensor, shape: tuple[int, ...], *, encode: Callable | None = None,
    decode: Callable | None = None, latent_dim: int | None = None, likelihood: str = "bernoulli", variance: float = 1.0,
) -> Own:  # fmt: skip
    """The model as a VAE on the processor; it is tried on `images` (B, X).

    decode takes z (B, D) and gives images, or the first of several outputs; encode gives mean and log variance, a torch
    distribution, or both as one tensor (B, 2D). Without them the methods or modules of these names are taken, or
    `decoder` and `encoder`, else the model itself decodes. Unsuitable says what is missing.
    """
    if isinstance(model, ConditionalVAE):
        raise Unsuitable("A conditional model draws images of a class: give it one, as explore(vae.given(3), images).")
    ours, decode = isinstance(model, VAE), decode or _part(model, "decode")
    if decode is None and callable(model) and not _part(model, "encode"):
        decode = model
    encode = encode or _part(model, "encode")
    if decode is None:
        raise Unsuitable("This model has neither decode nor decoder: say how it decodes, as decode=lambda z: ...")
    dims = latent_dim or getattr(model, "latent_dim", None)
    if encode is not None:
        takes = partial(_takes, Function(model, decode))
        encoder = Encoder(model, encode, images[:2], [torch.clone] if ours else forms(shape), dims, takes)
        dims, stochastic = encoder.dims, encoder.stochastic if not ours else model.stochastic
    elif isinstance(dims, int) and 0 < dims <= MOST_DIMS:
        encoder, stochastic = _prior(dims), True
    else:
        raise Unsuitable("This model has no encoder that tells how many numbers z has: say it, as latent_dim=2.")
    pixels = copy.deepcopy(model.likelihood) if ours else _likelihood(likelihood, variance)
    pixels = pixels.cpu() if isinstance(pixels, nn.Module) else pixels
    decoder = Decoder(model, decode, shape, None if ours else LIKELIHOODS[likelihood].squash)
    decoder.learn(torch.cat([encoder(images[:CHUNK])[:, :dims], torch.zeros(1, dims)]))
    return Own(VAE(encoder, decoder, pixels, dims, stochastic).eval(), encode is not None, decoder.remarks)


def _likelihood(name: str, variance: float) -> Any:
    """p(x|z) for a decoder that gives one number for each pixel."""
    if name not in TAKEN:
        raise Unsuitable(f"likelihood is one of {', '.join(TAKEN)}, not {name!r}.")
    return BY_NAME[name](variance)


def _part(model: Any, name: str) -> Callable | None:
    """model.decode, else model.decoder."""
    found = [getattr(model, each, None) for each in (name, f"{name}r")]
    return next((each for each in found if callable(each)), None)


def _prior(dims: int) -> Callable[[Tensor], Tensor]:
    """Instead of an encoder: sums over the plane begin in its middle."""
    return lambda x: x.new_zeros(*x.shape[:-1], 2 * dims)


class Function:
    """One of a model's functions, called without gradients, in evaluation mode, on its device and in its precision."""

    def __init__(self, model: Any, function: Callable) -> None:
        self.function = function
        self.modules = [each for each in (model, function) if isinstance(each, nn.Module)]
        held = [tensor for each in self.modules for tensor in (*each.parameters(), *each.buffers())]
        floats = [tensor for tensor in held if tensor.is_floating_point()]
        self.device = floats[0].device if floats else torch.device("cpu")
        self.dtype = floats[0].dtype if floats else torch.float32

    def __deepcopy__(self, _: dict) -> "Function":
        return self  # sums in float64 copy a decoder; this one keeps its precision

    def call(self, given: Tensor) -> Any:
        with torch.no_grad(), evaluating(self.modules):
            return self.function(given.to(self.device, self.dtype))


@contextmanager
def evaluating(modules: list[nn.Module]) -> Iterator[None]:
    """Without dropout, and with batch norms as they are; afterwards each part is as it was."""
    training = [part for module in modules for part in module.modules() if part.training]
    for part in training:
        part.training = False
    try:
        yield
    finally:
        for part in training:
            part.training = True


def _takes(decode: Function, dims: int) -> bool:
    """Whether it decodes a z of so many numbers."""
    try:
        decode.call(torch.zeros(2, dims))
    except Exception:  # of foreign code
        return False
    return True


class Encoder(Function):
    """x (..., X) -> mean and log variance (..., 2D), of an autoencoder its code (..., D)."""

    def __init__(
        self, model: Any, function: Callable, x: Tensor, wanted: list[Callable], dims: int | None,
        decoder_takes: Callable[[int], bool],
    ) -> None:  # fmt: skip
        super().__init__(model, function)
        self.form, found = self.tried(x, wanted)
        self.stochastic, size = len(found) > 1, found[0].shape[1]
        if len(found) == 1 and (size == 2 * dims if dims else size % 2 == 0 and decoder_takes(size // 2)):
            self.stochastic, size = True, size // 2
        if dims and size != dims:
            raise Unsuitable(f"encode gives {size} numbers for z, and latent_dim is {dims}.")
        if size > MOST_DIMS:
            raise Unsuitable(f"encode gives {size} numbers for z; at most {MOST_DIMS} are shown.")
        self.dims = size

    def tried(self, x: Tensor, wanted: list[Callable]) -> tuple[Callable, list[Tensor]]:
        """How this encoder wants its images, and what it gives for x."""
        why = ""
        for form in wanted:
            try:
                return form, self.outputs(self.call(form(x)), len(x))
            except Unsuitable:
                raise
            except Exception as error:  # what foreign code raises for a shape that it does not take
                why = why or _first_line(error)
        raise Unsuitable(f"encode takes these images neither as rows nor as planes: {why}")

    def outputs(self, found: Any, count: int) -> list[Tensor]:
        """Mean and log variance, or the one tensor that there is."""
        if isinstance(found, torch.distributions.Distribution):
            found = [found.mean, 2 * found.stddev.log()]
        elif isinstance(found, dict) or hasattr(found, "embedding"):
            named = found if isinstance(found, dict) else vars(found)
            found = [named[name] for names in (MEANS, LOGVARS) for name in names if name in named]
        tensors = [found] if isinstance(found, Tensor) else [each for each in found if isinstance(each, Tensor)]
        if not 1 <= len(tensors) <= 2:
            raise Unsuitable(f"encode gives {len(tensors)} tensors: let it give two, mean and log variance.")
        rows = [each.detach().cpu().float().flatten(1) for each in tensors]
        if any(each.shape != rows[0].shape or len(each) != count for each in rows):
            raise Unsuitable(f"encode gives {' and '.join(str(tuple(t.shape)) for t in tensors)} for {count} images.")
        return rows

    def __call__(self, x: Tensor) -> Tensor:
        rows = x.reshape(-1, x.shape[-1])
        parts = [torch.cat(self.outputs(self.call(self.form(part)), len(part)), 1) for part in rows.split(CHUNK)]
        return torch.cat(parts).reshape(*x.shape[:-1], -1)


def forms(shape: tuple[int, ...]) -> list[Callable[[Tensor], Tensor]]:
    """Rows of pixels as rows, as planes (B, C, H, W), as (B, H, W): what encoders want. Colours come as planes."""

    def planes(x: Tensor) -> Tensor:
        return x.reshape(len(x), *shape[:2], colours(shape)).movedim(-1, 1)

    flat = [lambda x: planes(x).flatten(1), planes]
    return flat if colours(shape) > 1 else [*flat, lambda x: x.reshape(len(x), *shape)]


class Decoder(Function):
    """z (..., D) -> parameters of the likelihood (..., X); probabilities, where it gives them, as logits."""

    def __init__(self, model: Any, function: Callable, shape: tuple[int, ...], squash: str | None) -> None:
        """`squash` makes a mean of what it gives; None: the likelihood of a model of ours does."""
        super().__init__(model, function)
        self.shape, self.squash, self.inverts, self.remarks = shape, squash, False, []

    def learn(self, z: Tensor) -> None:
        """Whether it gives probabilities or logits, from images at some z."""
        try:
            levels = self.raw(z)
        except Unsuitable:
            raise
        except Exception as error:  # what foreign code raises for a z that it does not take
            raise Unsuitable(f"decode does not take a z of {z.shape[1]} numbers: {_first_line(error)}") from error
        if not torch.isfinite(levels).all():
            raise Unsuitable("decode gives values that are not finite at the codes of these images.")
        if self.squash == "sigmoid":
            self.inverts = bool(levels.min() >= 0 and levels.max() <= 1)
            if not self.inverts:
                self.remarks.append("decode gives numbers beyond 0 and 1: they are taken as logits.")

    def raw(self, z: Tensor) -> Tensor:
        found = self.call(z)
        if not isinstance(found, Tensor):
            several = found.values() if isinstance(found, dict) else found if isinstance(found, tuple | list) else ()
            found = next((each for each in several if isinstance(each, Tensor)), None)
            if not self.remarks:
                self.remarks.append("decode gives several outputs: the first is the image.")
        if found is None or found.ndim < 2 or len(found) != len(z):
            raise Unsuitable(f"decode gives no tensor with one image for each of {len(z)} rows of z.")
        rows, size = found.detach().cpu().float(), math.prod(self.shape)
        if rows.ndim == 4 and rows.shape[1] == colours(self.shape):
            return self.fitting(rows.movedim(1, -1).flatten(1), size)
        rows = rows.flatten(1)
        if self.squash is None:  # a model of ours, with all parameters of its likelihood
            return rows
        self.fitting(rows, size)
        return rows.reshape(len(rows), colours(self.shape), -1).mT.flatten(1)  # all reds first: pixel by pixel

    def fitting(self, rows: Tensor, size: int) -> Tensor:
        if rows.shape[1] != size:
            raise Unsuitable(
                f"decode gives {rows.shape[1]} numbers for one z, and images of {size_of(self.shape)} have {size}."
            )
        return rows

    def __call__(self, z: Tensor) -> Tensor:
        rows = z.reshape(-1, z.shape[-1])
        found = torch.cat([self.raw(part.float()) for part in rows.split(CHUNK)])
        found = torch.logit(found, EDGE) if self.inverts else found
        return found.to(z.dtype).reshape(*z.shape[:-1], -1)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
