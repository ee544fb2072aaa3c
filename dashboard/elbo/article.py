"""What the evidence lower bound is, told along the figures above."""

from pathlib import Path

from dashboard.shared.article import article


def draw() -> None:
    article.draw("elbo", Path(__file__).with_suffix(".html"))
