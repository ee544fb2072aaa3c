"""Every page test starts as a fresh server does: nothing read or computed by the test before it."""

import pytest

from dashboard import later


@pytest.fixture(autouse=True)
def fresh_server():
    later.finish()
    later._results.clear()
    later._asked.clear()
