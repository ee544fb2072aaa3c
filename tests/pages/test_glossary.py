"""The glossary: what it says in numbers, and that each word stands once with its page."""

import math
import re
from urllib.parse import urljoin

from dashboard.glossary import terms
from dashboard.shared import page_registry
from vae_core.runs.store import bundled

TERMS = [term for group in terms.terms().values() for term in group]


def meaning(name: str) -> str:
    (found,) = [term.meaning for term in TERMS if term.name == name]
    return found


def test_every_term_stands_once_and_has_a_page():
    names = [term.name for term in TERMS]
    assert len(set(names)) == len(names)
    assert {term.page for term in TERMS} <= {*page_registry.PAGES, ""}


def test_a_term_that_is_its_own_sign_is_not_said_twice():
    headings = [part.split("</dt>")[0] for part in terms.as_html().split("<dt>")[1:]]
    for name in ("ELBO", "KL", "β"):
        assert [heading.count(name) for heading in headings if heading.endswith(f">{name}</b>")] == [1]


def test_links_stay_below_the_path_that_the_page_is_served_under():
    links = re.findall(r'href="([^"]*)"', terms.as_html())
    reached = {urljoin("http://host/course/lab/glossary", link) for link in links}
    assert reached == {
        f"http://host/course/lab/{'' if page == page_registry.PAGES[0] else page}"
        for page in {term.page for term in TERMS} - {""}
    }


def test_its_numbers_are_true():
    inner, outer = (100 * (1 - math.exp(-(r**2) / 2)) for r in (1, 2))
    assert f"{inner:.0f} % fall within the inner one, {outer:.0f} %" in meaning("1σ and 2σ circles")
    assert f"1 nat is {1 / math.log(2):.2f} bits" in meaning("nat")
    ten = bundled().get("mnist-10d")
    assert f"mnist 10-D keeps {ten.metrics['active_units']} of {ten.settings.model.latent_dim}" in meaning(
        "active unit"
    )
