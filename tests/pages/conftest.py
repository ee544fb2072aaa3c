"""Every page test starts as a fresh server does: nothing read or computed by the test before it."""

import pytest

from dashboard import form, later


@pytest.fixture(autouse=True)
def fresh_server():
    later.finish()
    later._results.clear()
    later._asked.clear()


@pytest.fixture(autouse=True)
def plain_processor(monkeypatch):
    """New forms are the same on every machine."""
    monkeypatch.setattr(form, "has_bfloat16", lambda: False)
