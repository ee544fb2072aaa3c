"""The way through the pages of the theory: the menu's order, the foot of a page, the plan of a lecture, the sources."""

import itertools
import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from dashboard.paper import lesson
from dashboard.shared.page_registry import PAGES, READING_PATH, SECTIONS, page, script
from tests.pages.visiting import opened
from tests.small_models import publish

DASHBOARD = Path(lesson.__file__).parents[1]


def test_the_menu_is_in_the_order_of_the_path():
    path = [name for name in READING_PATH if name in SECTIONS["Learn"]]
    assert path == list(SECTIONS["Learn"][: len(path)])
    assert set(READING_PATH) <= set(PAGES)


def test_the_foot_of_a_page_leads_to_its_neighbours(cache):
    publish(cache, "two")
    visit = opened("pages.py", model="two")
    assert not visit.get("page_link"), "Explore is not on the path"
    labels = {}
    for name in ("toy", "about", "primer"):
        visit.switch_page(script(name)).run()
        labels[name] = [link.proto.label for link in visit.get("page_link")]
    assert labels["toy"] == ["← Paper"]
    assert labels["about"] == ["The path through the paper begins with **Primer** →"]
    assert labels["primer"] == [f"Next: **ELBO**, {READING_PATH['elbo']} →"]


def test_each_line_of_the_lecture_opens_a_page_in_a_state_that_it_has():
    table = [line for line in lesson.PLAN.splitlines() if line.startswith("|")]
    rows = [row.split(" | ") for row in table[2:]]
    minutes = [tuple(map(int, re.findall(r"\d+", row[0]))) for row in rows]
    assert (minutes[0][0], minutes[-1][1]) == (0, 45)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(minutes))
    for row in rows:
        ((name, query),) = re.findall(r"\]\((\w+)\??([^)]*)\)", row[1])
        assert name in PAGES
        assert {key for key, _ in parse_qsl(query, strict_parsing=bool(query))} <= set(page(name).url_keys)


@pytest.mark.parametrize("name", [*READING_PATH, "explore"])
def test_the_foot_of_a_page_names_what_it_shows_with_sections_or_equations(name):
    source = (DASHBOARD / script(name)).read_text("utf-8")
    assert re.search(r'"Shown here: [^"]+', source)
    assert re.search(r"arXiv:\d{4}\.\d{5}|arXiv:\d{4}\.\d{4}", source)
    assert re.search(r"(section|equation|appendix|algorithm|figure)s? [\dA-F]", source.split("Shown here")[1])
    assert "st.caption(" in source
