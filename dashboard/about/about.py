"""About: what VAE Lab is, its version and licence, how to cite it, and the papers behind it."""

import platform
from importlib.metadata import version
from pathlib import Path

import streamlit as st

from dashboard.about import citations
from dashboard.shared import page_elements
from dashboard.shared.section import section
from vae_core import __version__

ROOT = Path(__file__).parents[2]


@section("This page")
def page() -> None:
    page_elements.claim(f"VAE Lab {__version__}", "A laboratory for variational autoencoders (VAEs).")
    page_elements.sentence(
        "Explore, teach and train variational autoencoders: networks that squeeze an image into a few numbers and draw "
        "it again from them. Every number on a page is computed from the model in front of you; with one or two "
        "dimensions even log p(x) is exact. Nothing you draw, open or train leaves the machine this runs on."
    )
    with section("What it runs on"):
        page_elements.sentence(f"{machine()} {licence()}")
    page_elements.part("How to cite")
    with section("How to cite"):
        st.code(citations.software(__version__), language=None, wrap_lines=True)
        page_elements.sentence("And the two papers that introduced the variational autoencoder:")
        st.code("\n\n".join(citations.FOUNDING), language=None, wrap_lines=True)
    page_elements.part("The papers behind it")
    with section("The papers behind it"), st.container(key="references"):
        st.markdown("\n".join(f"- {work}" for work in citations.references()))


def machine() -> str:
    """Which versions compute, for a report of what one saw."""
    named = {"torch": "PyTorch", "streamlit": "Streamlit", "numpy": "NumPy"}
    return f"Python {platform.python_version()}, " + ", ".join(f"{n} {version(m)}" for m, n in named.items()) + "."


def licence() -> str:
    """What may be done with it; a copy without a file of that name says so."""
    file = ROOT / "LICENSE"
    if not file.exists():
        return "This copy comes without a licence file: ask its authors before you pass it on."
    return f"Licence: {file.read_text('utf-8').strip().splitlines()[0]}."


page()
