"""The widget: Explore in a cell, whose point, image and bound Python can read, and set."""

import warnings
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import torch
import traitlets

from vae_core.model.vae import VAE
from vae_core.notebook.bound import Bound, bound, grid_of, in_words, with_evidence

NEAR = 2e-3  # of z
GREY = "x is grey: a Bernoulli's score of it is no log probability"


class Point(traitlets.TraitType):
    """z, as a list of numbers; takes what numpy and torch have."""

    def validate(self, owner: "Explorer", value: Any) -> list[float]:
        try:
            z = [float(number) for number in np.asarray(value, np.float64).reshape(-1)]
        except (TypeError, ValueError):
            raise traitlets.TraitError(f"z is made of numbers, not {value!r}.") from None
        if len(z) != owner.vae.latent_dim or not np.isfinite(z).all():
            raise traitlets.TraitError(f"z has {owner.vae.latent_dim} finite numbers, not {value!r}.")
        return z


class Explorer(anywidget.AnyWidget):
    """What `explore` returns. `z` is where the point is, and `index` the test image that is chosen, None for another
    one; set them, and the page follows. `x` is that image, `decoded` what the model draws at z, `bound` the image's."""

    page = traitlets.Unicode().tag(sync=True)
    z = Point().tag(sync=True)
    index = traitlets.Int(0, allow_none=True).tag(sync=True)
    image_name = traitlets.Unicode("").tag(sync=True)
    pixels = traitlets.Bytes(b"").tag(sync=True)  # of an image that the page made, float32
    question = traitlets.Int(0).tag(sync=True)  # the number of one whose code the page waits for; 0: it does not
    picture = traitlets.Bytes(b"").tag(sync=True)  # levels at z, where the page cannot decode by itself
    code = traitlets.Dict().tag(sync=True)
    bound_line = traitlets.List().tag(sync=True)

    def __init__(self, *, script: str, page: str, vae: VAE, x: np.ndarray, shape: tuple[int, ...], encodes: bool,
                 decodes_there: bool, grey: bool, lacking: str) -> None:  # fmt: skip
        """Test images x (N, X). `decodes_there`: the page needs no pictures from here. `lacking`: what a saved one
        cannot do."""
        self._esm = script
        self.vae, self.images, self.shape, self.encodes = vae, x, shape, encodes
        self.decodes_there, self.grey, self.lacking, self.grid = decodes_there, grey, lacking, grid_of(vae)
        self.bound = Bound()
        super().__init__(page=page, z=self.code_of(x[0]))
        self.observe(self._moved, "z")
        self.observe(self._chosen, ["index", "pixels"])
        self._moved()
        self._chosen()

    @traitlets.validate("index")
    def _known(self, proposal: Any) -> int | None:
        index = proposal["value"]
        if index is not None and not 0 <= index < len(self.images):
            raise traitlets.TraitError(
                f"There is no image {index}: they are numbered from 0 to {len(self.images) - 1}."
            )
        return index

    @property
    def x(self) -> np.ndarray:
        """The chosen image, (H, W), in colour (H, W, 3)."""
        return self._pixels().reshape(self.shape).copy()

    @property
    def decoded(self) -> np.ndarray:
        """The mean image at z, (H, W), in colour (H, W, 3)."""
        with torch.no_grad():
            return self.vae.mean(torch.tensor([self.z]))[0].numpy().reshape(self.shape)

    def save(self, path: Path | str) -> None:
        """The page as one file, which opens without Python. What it cannot do there it says, and a warning here."""
        Path(path).write_text(self.page, "utf-8")
        if self.lacking:
            warnings.warn(self.lacking, stacklevel=2)

    def code_of(self, x: np.ndarray) -> list[float]:
        with torch.no_grad():
            return self.vae.code(torch.from_numpy(x)[None])[0].tolist()

    def _pixels(self) -> np.ndarray:
        return self.images[self.index] if self.index is not None else np.frombuffer(self.pixels, "<f4").copy()

    def _moved(self, _: Any = None) -> None:
        if not self.decodes_there:
            self.picture = np.rint(255 * self.decoded.clip(0, 1)).astype(np.uint8).tobytes()

    def _chosen(self, change: Any = None) -> None:
        if self.index is None and len(self.pixels) != 4 * self.images.shape[1]:
            return
        x = torch.from_numpy(self._pixels())
        if change and self.encodes and self.index is not None:
            self._go_to(self.code_of(x.numpy()))
        if self.question:
            self.code = self._answer(x)
        name = f"image {self.index}" if self.index is not None else self.image_name or "your image"
        self.bound, remark = bound(self.vae, x, self.encodes), GREY if self.grey else ""
        self.bound_line = in_words(self.bound, name, remark)
        self.bound = with_evidence(self.bound, self.grid, x)
        self.bound_line = in_words(self.bound, name, remark)

    def _go_to(self, z: list[float]) -> None:
        """Unless the page is there already, to three digits."""
        if not np.allclose(self.z, z, atol=NEAR):
            self.z = z

    def _answer(self, x: torch.Tensor) -> dict[str, Any]:
        with torch.no_grad():
            mean = self.vae.code(x[None])[0]
            sigma = self.vae.posterior(x[None]).stddev[0].tolist() if self.vae.stochastic else None
        return {"number": self.question, "mean": mean.tolist(), "sigma": sigma}
