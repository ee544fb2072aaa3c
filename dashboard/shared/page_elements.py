"""The elements that every page is built of: the heading, a line of text, the source of a function."""

import inspect
from collections.abc import Callable
from functools import cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def claim(headline: str, explanation: str, definition: str = "") -> None:
    """A page's heading, the sentence below it, and one above it where a word has to be known first."""
    first = f"<p>{definition}</p>" if definition else ""
    st.html(f'<div class="claim">{first}<h1>{headline}</h1><p>{explanation}</p></div>')


def part(title: str, kind: str = "part") -> None:
    """The heading of a further part of the page, or of another `kind`."""
    st.html(f'<h2 class="{kind}">{title}</h2>')


def sentence(text: str, kind: str = "caption") -> None:
    st.html(f'<p class="{kind}">{text}</p>')


def place() -> DeltaGenerator:
    """Around figures whose images may still have to be read: a window high until one stands, so that what is below is
    not seen to move."""
    return st.container(key="place")


source = cache(inspect.getsource)  # 2 ms of reading and parsing, at each drawing of a page


def show_source(title: str, function: Callable) -> None:
    """The running function itself, folded away."""
    with st.expander(title):
        st.code(source(function), language="python")
