"""The articles below the figures: every number is the model's, and every link sets what its page understands."""

import re
from html import unescape
from urllib.parse import parse_qsl

import pytest

from dashboard.kl.lecture import lecture
from dashboard.shared import model_view, page_registry
from tests.pages.visiting import again, given, opened, settled, words
from vae_core.runs.store import bundled

PLACES = {"explore": "explore/explore.py", "elbo": "elbo/elbo.py", "kl": "kl/kl.py"}


def article(page) -> str:
    return " ".join(given(page, "article")["text"].split())


@pytest.mark.parametrize("name", PLACES)
def test_every_link_sets_what_its_page_understands(name):
    page = settled(opened(PLACES[name]))
    links = [unescape(link) for link in re.findall(r'data-set="([^"]*)"', article(page))]
    assert len(links) >= 2
    for link in links:
        wanted = dict(parse_qsl(link, keep_blank_values=True))
        assert wanted.keys() <= set(page_registry.page(name).url_keys), link
        page.query_params.update({key: text for key, text in wanted.items() if text})
        again(page)
        assert "The address has" not in words(page), link
        assert all(page.query_params[key] in (text, [text]) for key, text in wanted.items() if text), link


def test_the_other_links_lead_to_pages():
    for name, place in PLACES.items():
        for address in re.findall(r'href="([^"#]*)"', article(settled(opened(place)))):
            assert address in page_registry.PAGES, (name, address)


def test_explores_article_speaks_of_the_model_above_it():
    ten = article(settled(opened(PLACES["explore"], model="strokes-10d")))
    model = model_view.model(bundled().get("strokes-10d"))
    for fact in ("28 × 28 = 784", "10 numbers", f"{len(model.mean):,} codes", f"costs {model.kl.sum():.1f} nats"):
        assert fact in ten, fact
    assert "20 × 28 = 560" in article(settled(opened(PLACES["explore"], model="frey-2d")))


def test_the_article_on_the_regularizer_has_the_familys_numbers():
    rows = {row["beta"]: row for row in lecture.rows(lecture.members())}
    text = article(opened(PLACES["kl"]))
    assert f"The {len(rows)} models" in text
    assert f"in {100 * rows[0]['holes']:.1f} % of the" in text
    (half,) = re.findall(r"At <a[^>]*>β = (\d+)</a> one of the two numbers is dead", text)
    assert rows[float(half)]["active_units"] == 1
    assert f"({100 * rows[1]['holes']:.1f} %)" in text


def test_an_autoencoder_has_no_article_about_distributions():
    page = settled(opened(PLACES["explore"], model="mnist-ae-2d"))
    assert not [e for e in page.get("bidi_component") if e.proto.component_name == "vae_lab.article"]
