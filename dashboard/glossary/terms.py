"""The terms of the pages, from glossary.json, in the order in which one meets them."""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from dashboard.shared.page_registry import PAGES, page
from vae_core.runs.store import bundled


class Term(NamedTuple):
    name: str
    meaning: str
    page: str = ""  # where it can be seen
    symbol: str = ""  # the class of its colour
    sign: str = ""  # as formulas write it
    figure: str = ""  # the function of figures.js that draws it
    source: str = ""  # who introduced it, or where it is explained best

    @property
    def anchor(self) -> str:
        """Its place on the page: Kullback–Leibler divergence -> kullback-leibler-divergence."""
        plain = unicodedata.normalize("NFKD", self.name.replace("–", "-").replace("β", "beta").replace("σ", "sigma"))
        return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


@cache
def terms() -> dict[str, list[Term]]:
    groups = json.loads((Path(__file__).parent / "glossary.json").read_text("utf-8"))
    for found in groups.values():
        for term in found:
            term["meaning"] = term["meaning"].replace("{survivors}", survivors())
    return {group: [Term(**term) for term in found] for group, found in groups.items()}


def survivors() -> str:
    """What one bundled model shows of it; nothing where that model is missing."""
    try:
        ten = bundled().get("mnist-10d")
        kept, dims = ten.metrics["active_units"], ten.settings.model.latent_dim
    except (KeyError, ValueError, OSError, AttributeError):
        return ""
    return f": at β = 1 MNIST 10-D keeps {kept} of {dims}, although collapse’s eigenvalues would pay for all"


def shown(term: Term) -> dict[str, Any]:
    """A term for the browser; its texts are our own and may hold markup."""
    return term._asdict() | {"anchor": term.anchor, "link": link(term)}


def link(term: Term) -> dict[str, str] | None:
    """The page where it can be seen: its address beside this page, for there may be a path before both."""
    if not term.page:
        return None
    return {"address": "./" if term.page == PAGES[0] else term.page, "title": page(term.page).title}


def named(name: str) -> Term:
    (found,) = [term for group in terms().values() for term in group if term.name == name]
    return found
