"""Whatever stands in the address or is put into a widget: no exception, no markup from outside, a sentence instead."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

import vae_core.runs.store
from dashboard.shared import background, page_registry, training_queue
from tests.pages.visiting import Idle
from tests.small_models import own_digits, publish
from vae_core.jobs.queue import Jobs
from vae_core.runs.store import trained

APP = str(Path(__file__).parent.parent.parent / "dashboard" / "pages.py")
PAGES = sorted(set(page_registry.PAGES) - {"glossary", "about"})
KEYS = sorted(page_registry.url_keys())
MARK = "http://outside.example/"
OURS = {
    "b",
    "br",
    "code",
    "div",
    "h1",
    "h2",
    "i",
    "p",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "td",
    "tr",
}

NUMBERS = some.one_of(
    some.floats(allow_nan=True, allow_infinity=True).map(str), some.integers(-(10**30), 10**30).map(str),
    some.sampled_from(["0", "1", "-0", "1e999", "9" * 5000, "0" * 9 + "9" * 4500, "000000000041", "٣", "½", "1_0"]),
)  # fmt: skip
SETTINGS = some.dictionaries(
    some.sampled_from(["beta", "latent_dim", "encoder", "steps", "name", "likelihood", "pixels", "seed", "__class__"]),
    some.sampled_from(["1", "-1", "null", "true", "NaN", "1e999", "1" + "0" * 400, '"../../etc/passwd"', '"\\u0000"',
                       "[]", "[1, [2]]", "{}", '"<b>"', "[9999999999]", '"gaussian"', "0.5"]),
    max_size=3,
).map(lambda fields: "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}")  # fmt: skip
HOSTILE = some.sampled_from([
    "", " ", "\x00", "a\x1b[2J\r\n\u202eb", "../../../../etc/passwd", "..%2f..%2fetc", "C:\\nul", "{" * 3000,
    f"<img src=x onerror=alert(1) {MARK}>", f"<script>fetch('{MARK}')</script>", "</p><h1>", "<" * 60,
    f"![]({MARK}a.png)", f"[a]({MARK})", "javascript:alert(1)", "$\\sum$", ":material/star:", "A" * 10_000,
    "mnist-2d", "two", "two,ten", "ten,ten", "half", "best", "prior3", "none", "sample", "code", "linear", "classes",
])  # fmt: skip
TEXTS = some.one_of(
    HOSTILE, HOSTILE, NUMBERS, some.lists(NUMBERS, max_size=12).map(",".join), some.text(max_size=60), SETTINGS
)
FAMILIES = ("kl", "likelihood")
VALUES = some.one_of(TEXTS, TEXTS, TEXTS, some.lists(TEXTS, min_size=2, max_size=3))  # a key may come several times


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory(prefix="vae-lab-fuzz-") as made:
        cache = Path(made)
        digits = str(own_digits(cache))
        publish(cache, "two", count=100, name=digits)
        publish(cache, "ten", count=100, name=digits, latent_dim=10)
        yield cache


@pytest.fixture
def small(folder, monkeypatch, request):
    """Two small models and an idle queue; pages about a family keep the one that comes with the product."""
    monkeypatch.setenv("VAE_CACHE_DIR", str(folder))
    if not any(page in request.node.name for page in FAMILIES):
        monkeypatch.setattr(vae_core.runs.store, "ASSETS", folder / "no models here")
    queue = Jobs(trained(), Idle())
    monkeypatch.setattr(training_queue, "jobs", lambda: queue)


def opened(page: str, address: dict) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=120)
    if page != "explore":
        at.switch_page(f"{page}/{page}.py")
    at.query_params.update(address)
    at.run()
    return at


def sound(at: AppTest, address: dict) -> None:
    """No exception, no element that is not ours, nothing that a browser would fetch from elsewhere."""
    assert not at.exception, (address, at.exception)
    for element in at.get("html"):
        tags = set(re.findall(r"<\s*/?\s*([a-zA-Z!][\w-]*)", element.proto.body))
        assert {tag.lower() for tag in tags} <= OURS, (address, element.proto.body[:400])
    marked = [*at.markdown, *at.caption]
    read = [e.value for e in marked] + [button.label for button in at.button]
    assert not any(MARK in text for text in read), address


def visit(page: str, address: dict) -> AppTest:
    at = opened(page, address)
    sound(at, address)
    background.finish()
    sound(at.run(), address)
    return at


def notices(at: AppTest) -> str:
    return " ".join(e.proto.body for e in at.get("html") if 'class="notice"' in e.proto.body)


KINDS = ("number_input", "text_input", "selectbox", "toggle", "slider", "button")
HANDS = some.tuples(some.integers(0, 10**6), some.floats(0, 1), TEXTS)  # which widget, how far, what text


def touch(at: AppTest, hand: tuple[int, float, str]) -> None:
    """Something a visitor may put into one of the page's own widgets."""
    which, share, text = hand
    offered = [(kind, widget) for kind in KINDS for widget in getattr(at, kind) if not widget.disabled]
    if not offered:
        return
    kind, widget = offered[which % len(offered)]
    if kind == "button":
        widget.click()
    elif kind == "toggle":
        widget.set_value(not widget.value)
    elif kind == "text_input":
        widget.set_value(text[:60])
    elif kind == "selectbox":
        widget.select_index(int(share * (len(widget.options) - 1)))
    else:
        value = widget.min + share * (widget.max - widget.min)
        widget.set_value(type(widget.value)(value))


def of(page: str):
    """An address with some of the page's keys, or of other pages'."""
    return some.dictionaries(
        some.sampled_from([*page_registry.page(page).url_keys, *KEYS]), VALUES, min_size=1, max_size=5
    )


SILENT = {("kl", "present"), ("train", "at"), ("elbo", "by")}  # anything else is what they are without a value
SILENT |= {(page, "class") for page in PAGES}  # which only a conditional model reads
FIRST = ("explore", "elbo", "compare", "train")  # whose keys CI tries one by one
QUIET = {  # an example takes a second: what fails is shown as it is, not shrunk
    "deadline": None, "database": None, "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.generate],
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@settings(max_examples=4, derandomize=True, **QUIET)
@given(data=some.data())
def test_any_address_opens_a_page(small, page, data):
    visit(page, data.draw(of(page)))


@pytest.mark.parametrize("page", PAGES)
@settings(max_examples=3, derandomize=True, **QUIET)
@given(hands=some.lists(HANDS, min_size=2, max_size=2))
def test_any_value_of_a_widget_is_taken_or_answered_in_a_sentence(small, page, hands):
    at = opened(page, {})
    for hand in hands:
        touch(at, hand)
        sound(at.run(), hands)


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES)
@seed(0)
@settings(max_examples=286, **QUIET)
@given(data=some.data())
def test_two_thousand_addresses_and_hands(small, page, data):
    address, hand = data.draw(of(page)), data.draw(HANDS)
    at = visit(page, address)
    touch(at, hand)
    sound(at.run(), (address, hand))


NEEDS = {"axes": {"model": "ten"}, "others": {"model": "ten"}, "i": {"model": "ten", "others": "code"}}


@pytest.mark.parametrize(
    ("page", "key"),
    [
        pytest.param(page, key, marks=() if page in FIRST else pytest.mark.long)
        for page in PAGES
        for key in page_registry.page(page).url_keys
        if (page, key) not in SILENT
    ],
)
def test_each_key_answers_nonsense_with_a_sentence_and_goes_on(small, page, key):
    nonsense = f"<img src={MARK}>" + "9" * 6000
    at = opened(page, NEEDS.get(key, {}) | {key: nonsense})
    said = notices(at)
    sound(at, {key: nonsense})
    background.finish()
    said += notices(at.run())
    sound(at, {key: nonsense})
    assert said, "nothing is said"
    assert key in ("models", "over") or f"{key} = &lt;img" in said or "“&lt;img" in said, said


@pytest.mark.parametrize("number", ["9" * 5000, "0" * 9 + "9" * 4500])
@pytest.mark.parametrize(
    ("page", "key"), [("explore", "seed"), ("explore", "hide"), ("elbo", "step"), ("manifold", "n")]
)
def test_a_number_of_thousands_of_digits_is_never_read(small, page, key, number):
    at = opened(page, {key: number})
    background.finish()
    said = notices(at) + notices(at.run())
    assert not at.exception
    assert f"The address has {key} = " in said


def test_what_a_key_means_on_one_page_is_not_asked_of_another(small):
    """Manifold's layer is no list of curves, and a step of a training no point of a plane."""
    at = opened("manifold", {"over": "codes"})
    at.switch_page("train/train.py")
    at.query_params.clear()
    assert notices(at.run()) == notices(at.run()) == ""
