"""Paper: the figures of Kingma & Welling (2014), computed again, and a curve of one's own laid over them."""

import streamlit as st

from dashboard.paper import lesson
from dashboard.shared import background, page_elements
from dashboard.shared.section import section
from vae_core.analysis import paper_figures

LITERATURE = (
    "Shown here: Kingma & Welling (2014), *Auto-Encoding Variational Bayes* "
    "([arXiv:1312.6114](https://arxiv.org/abs/1312.6114)), section 5: figures 2 and 3 with the settings it states, "
    "figures 4 and 5 (which stand in appendix A); appendix D, which estimates log p(x), and appendix E, Monte "
    "Carlo EM. Hinton, Dayan, Frey & Neal (1995), *The wake-sleep algorithm for unsupervised neural networks*. "
    "Gelfand & Dey (1994), *Bayesian model choice*: log p(x) from draws of the posterior. "
    "Seconds are those of one processor core; the machine was shared, so less than a factor of two means little. "
    "`python -m vae_core paper` prints all numbers; with `--write` it computes them again."
)


@section("This page")
def page() -> None:
    learn()
    draws()
    with st.expander("Teach this paper in 45 minutes"):
        st.markdown(lesson.PLAN)
    st.caption(LITERATURE)


@st.fragment
@section("Figures 2 and 3")
def learn() -> None:
    from dashboard.paper.figures import figures

    figures.draw(paper_figures.kept())
    page_elements.show_source("The function that measures a point of these curves", paper_figures.measured)
    background.redraw_when_done()


@st.fragment
@section("Figures 4 and 5")
def draws() -> None:
    from dashboard.paper.models import models

    models.draw()


page()
