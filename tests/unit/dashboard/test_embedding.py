"""Which sites may show the pages in a frame: origins only, and nonsense is said and left out."""

import logging

import pytest

from dashboard.shared import embedding


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", "'self'"),
        ("https://moodle.uni.edu", "'self' https://moodle.uni.edu"),
        ("https://a.org, http://localhost:8080", "'self' https://a.org http://localhost:8080"),
        ("https://*.school.org:8443", "'self' https://*.school.org:8443"),
    ],
)
def test_origins_are_passed_on(monkeypatch, caplog, text, allowed):
    monkeypatch.setenv(embedding.VARIABLE, text)
    assert embedding.frame_ancestors() == allowed
    assert not caplog.records


@pytest.mark.parametrize(
    "text",
    [
        "*", "https:", "https://*", "*://a.org", "https://a.org/path", "a.org", "https://a.org;script-src", "data:",
        "'none'", "https://u:p@a.org", "javascript://a.org", "https://a.org%0d%0aX:1",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_logged_and_left_out(monkeypatch, caplog, text):
    monkeypatch.setenv(embedding.VARIABLE, f"{text} https://good.org")
    with caplog.at_level(logging.ERROR):
        assert embedding.frame_ancestors() == "'self' https://good.org"
    assert "write https://host" in caplog.text
