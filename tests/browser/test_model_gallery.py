"""A card of the list of models is clicked, and the page shows that model: every page that has the list."""

import pytest

from tests.parameters import rest_long

pytestmark = pytest.mark.browser
STILL = 3000  # ms, after which nothing is computed any more that would draw the whole page again
PAGES = {
    "elbo": ".elbo[data-complete='true']", "primer": ".primer", "gradients": ".arrows", "algorithm": ".walk",
    "manifold": ".manifold", "": ".pad",
}  # fmt: skip


@pytest.mark.parametrize("page", rest_long(list(PAGES), ["elbo", "primer", "gradients"]))
def test_a_card_that_is_clicked_is_the_model_of_the_page(visit, page):
    guest = visit()
    guest.page.goto(f"{guest.url}/{page}?model=mnist-2d")
    guest.page.locator(PAGES[page]).first.wait_for()
    shown = guest.page.locator(".st-key-models button")
    for key, dims in (("mnist-1d", "1 dimension"), ("mnist-2d", "2 dimensions")):
        guest.page.wait_for_timeout(STILL)
        shown.click()
        guest.page.locator(f".model-gallery[data-frames] [data-pick={key}]").click()
        guest.until(lambda dims=dims: f", {dims}" in shown.inner_text(), f"the model {key}")
        assert f"model={key}" in guest.page.url
