"""The pages in the order of the navigation. A page is a folder whose package declares TITLE and URL_KEYS."""

from functools import cache
from importlib import import_module
from typing import NamedTuple

PAGES = ("explore", "manifold", "algorithm", "elbo", "kl", "compare", "gradients", "train", "glossary")


class Page(NamedTuple):
    title: str
    url_keys: tuple[str, ...]  # what the page reads from its address, and writes there on entry


@cache
def page(name: str) -> Page:
    declared = import_module(f"dashboard.{name}")
    return Page(declared.TITLE, declared.URL_KEYS)


def url_keys() -> set[str]:
    """Those of all pages."""
    return {key for name in PAGES for key in page(name).url_keys}


def script(name: str) -> str:
    """The page's script, as st.Page and st.switch_page name it."""
    return f"{name}/{name}.py"
