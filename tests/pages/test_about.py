"""About as Python sees it: this version, what to cite, and the works that the mathematics refers to."""

import re

from dashboard.about import citations
from tests.pages.visiting import opened, words
from tests.server import ROOT
from vae_core import __version__


def test_it_names_its_version_and_gives_bibtex_to_copy():
    page = opened("about/about.py")
    assert f"VAE Lab {__version__}" in words(page)
    software, papers = (code.value for code in page.code)
    assert re.search(rf"version = \{{{__version__}\}},\n  year    = \{{\d{{4}}\}}", software)
    for entry in (software, *papers.split("\n\n")):
        assert entry.startswith("@")
        assert entry.count("{") == entry.count("}")


def test_it_says_which_licence_there_is():
    said = words(opened("about/about.py"))
    assert ("Licence: " in said) == (ROOT / "LICENSE").exists()


def test_the_papers_are_those_of_the_mathematics():
    listed = (ROOT / "assets" / "math.md").read_text("utf-8").split("## References")[1].count("\n- ")
    assert len(citations.references()) == listed > 15
    shown = opened("about/about.py").markdown[0].value
    assert "- Kingma & Welling (2014). Auto-encoding variational Bayes. ICLR." in shown
