"""A hall with a presenter: who opened the secret's address once is the presenter wherever he goes."""

import re

import pytest

from tests.server import served
from tests.waiting import until

pytestmark = pytest.mark.browser


def says(page, address: str) -> str:
    page.goto(address)
    page.wait_for_selector(".training", timeout=180_000)
    said = page.locator(".stMain").get_by_text(re.compile("You present|the presenter trains"))
    said.wait_for(timeout=180_000)
    return said.inner_text()


def test_a_presenter_stays_one_after_a_reload_and_in_another_tab(chromium, tmp_path):
    with served(VAE_CACHE_DIR=str(tmp_path), VAE_LAB_PRESENTER="open sesame") as address:
        presenter, viewer = chromium.new_context(), chromium.new_context()
        page = presenter.new_page()
        page.goto(f"{address}/?presenter=open%20sesame")
        page.wait_for_selector(".pad", timeout=180_000)
        until(lambda: "presenter" not in page.url, "the secret to leave the address")
        assert "You present" in says(page, f"{address}/train")
        page.reload()
        assert "You present" in says(presenter.new_page(), f"{address}/train?preset=quick")
        assert "presenter" not in page.evaluate("document.cookie")
        assert "In this hall the presenter trains" in says(viewer.new_page(), f"{address}/train?presenter=guess")
        presenter.close()
        viewer.close()
