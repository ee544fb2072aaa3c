"""The pages and what all of them share; app.py serves them."""

import gc
import sys
from pathlib import Path

HERE = Path(__file__).parent
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

import streamlit as st  # noqa: E402  the repository's root has to be on the path first

from dashboard import address, hall, tour  # noqa: E402
from dashboard.section import section  # noqa: E402

st.set_page_config("VAE Lab", page_icon=str(HERE / "icon.png"), layout="wide", initial_sidebar_state="collapsed")
st.html(HERE / "style.css")


@st.cache_resource(show_spinner=False)
def settled() -> None:
    """What the imports made stays for good: the collector need not walk it again."""
    gc.collect()
    gc.freeze()


hall.admit()
page = st.navigation(
    [
        st.Page("views/explore.py", title="Explore", default=True),
        st.Page("views/manifold.py", title="Manifold"),
        st.Page("views/elbo.py", title="ELBO"),
        st.Page("views/kl.py", title="KL regularizer"),
        st.Page("views/compare.py", title="Compare"),
        st.Page("views/gradients.py", title="Gradients"),
        st.Page("views/train.py", title="Train"),
        st.Page("views/glossary.py", title="Glossary"),
    ],
    position="top",
)
name = page.url_path or "explore"
address.arrive(name)
page.run()
with section("The tour"):
    tour.guide(name)
settled()
