"""The terms of the pages, from glossary.json, in the order in which one meets them."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dashboard.shared.page_registry import PAGES, page
from vae_core.runs.store import bundled


class Term(NamedTuple):
    name: str
    meaning: str
    page: str = ""  # where it can be seen
    symbol: str = ""  # the class of its colour
    sign: str = ""  # as formulas write it


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
    return f": at β = 1 mnist 10-D keeps {kept} of {dims}, although collapse’s eigenvalues would pay for all"


def as_html() -> str:
    """All terms, as a definition list per group."""
    return "".join(
        f'<section class="glossary"><h2>{group}</h2><dl>{"".join(entry(term) for term in found)}</dl></section>'
        for group, found in terms().items()
    )


def entry(term: Term) -> str:
    sign = f'<b class="symbol {term.symbol}">{term.sign}</b>' if term.sign else ""
    address = "./" if term.page == PAGES[0] else term.page  # beside this page: there may be a path before both
    link = f' <a href="{address}" target="_self">{page(term.page).title}</a>' if term.page else ""
    name = sign if term.name == term.sign else f"{term.name} {sign}"
    return f"<dt>{name}</dt><dd>{term.meaning}{link}</dd>"
