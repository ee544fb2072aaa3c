"""The glossary: what it says in numbers, and that each word stands once with its page."""

import math
import re
from urllib.parse import urljoin

from dashboard.glossary import popover, terms
from dashboard.shared import page_registry
from tests.server import ROOT
from vae_core.runs.store import bundled

TERMS = [term for group in terms.terms().values() for term in group]


def meaning(name: str) -> str:
    (found,) = [term.meaning for term in TERMS if term.name == name]
    return found


def test_every_term_stands_once_and_has_a_page():
    names = [term.name for term in TERMS]
    assert len(set(names)) == len(names)
    assert {term.page for term in TERMS} <= {*page_registry.PAGES, ""}


def test_every_term_has_a_place_of_its_own_and_names_works_that_are_referenced():
    anchors = [term.anchor for term in TERMS]
    assert len(set(anchors)) == len(anchors)
    assert terms.named("Kullback–Leibler divergence").anchor == "kullback-leibler-divergence"
    references = (ROOT / "assets" / "math.md").read_text("utf-8").split("## References")[1]
    for term in TERMS:
        for source in filter(None, term.source.split("; ")):
            author, year = source.split()[0].rstrip(","), source.split()[-1]
            assert re.search(rf"^- {author}\b.*\({year}\)", references, re.MULTILINE), source


def test_abbreviations_are_spelled_out_and_the_words_of_the_pages_have_their_entries():
    spelled = {"VAE": "variational autoencoder", "ELBO": "evidence lower bound", "KL": "KL of the code"}
    assert {term.sign: term.name for term in TERMS if term.sign in spelled} == spelled
    assert "Kullback–Leibler divergence" in meaning("KL of the code")
    for name in popover.WORDS.values():
        assert terms.named(name).meaning
    for name in ("Bernoulli", "Gaussian", "strokes", "binarised", "importance weights"):
        assert meaning(name)


def test_links_stay_below_the_path_that_the_page_is_served_under():
    links = [found["address"] for term in TERMS if (found := terms.link(term))]
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
    assert f"MNIST 10-D keeps {ten.metrics['active_units']} of {ten.settings.model.latent_dim}" in meaning(
        "active unit"
    )
