"""Works to cite: the program itself, the two papers that began it, and the references of assets/math.md#references."""

import re
from functools import cache
from pathlib import Path

MATH = Path(__file__).parents[2] / "assets" / "math.md"
SOFTWARE = """@software{{vae-lab,
  title   = {{VAE Lab: explore, teach and train variational autoencoders}},
  author  = {{{{The VAE Lab authors}}}},
  version = {{{version}}},
  year    = {{{year}}}
}}"""
FOUNDING = (
    """@inproceedings{kingma2014auto,
  title     = {Auto-Encoding Variational {Bayes}},
  author    = {Kingma, Diederik P. and Welling, Max},
  booktitle = {International Conference on Learning Representations},
  year      = {2014}
}""",
    """@inproceedings{rezende2014stochastic,
  title     = {Stochastic Backpropagation and Approximate Inference in Deep Generative Models},
  author    = {Rezende, Danilo Jimenez and Mohamed, Shakir and Wierstra, Daan},
  booktitle = {International Conference on Machine Learning},
  year      = {2014}
}""",
)


def software(version: str) -> str:
    """BibTeX of this version; its number begins with the year."""
    return SOFTWARE.format(version=version, year=version.split(".")[0])


@cache
def references() -> list[str]:
    """The works that assets/math.md#references lists, each in one line."""
    text = MATH.read_text("utf-8").split("## References")[1]
    return [re.sub(r"\s+", " ", work).strip() for work in text.split("\n- ")[1:]]
