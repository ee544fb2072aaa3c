"""Toy world: a truth that is known, what N images of it teach, and when the gap vanishes."""

from urllib.parse import urlencode

import streamlit as st

from dashboard.shared import formatting, page_elements, train_link
from dashboard.shared.section import section

LITERATURE = (
    "Shown here: Kingma & Welling (2014), *Auto-Encoding Variational Bayes* "
    "([arXiv:1312.6114](https://arxiv.org/abs/1312.6114)), section 2.1: images come from a true θ* that stays unknown. "
    "Tipping & Bishop (1999), *Probabilistic principal component analysis*: the likeliest θ in "
    "closed form. "
    "Doersch (2016), *Tutorial on variational autoencoders* ([arXiv:1606.05908](https://arxiv.org/abs/1606.05908)), "
    "its appendix: in one dimension the gap vanishes with the decoder’s noise, if the decoder can be inverted. "
    "Lucas, Tucker, Grosse & Norouzi (2019), *Don’t blame the ELBO!* "
    "([arXiv:1911.02469](https://arxiv.org/abs/1911.02469)): in a linear model the bound can reach log p(x)."
)


@section("This page")
def page() -> None:
    from dashboard.toy.vanishing import vanishing  # torch: a second of imports, once

    vanishing.chosen()  # what it has to say of the address stands under the title
    learn()
    with section("The link to Train"):
        st.markdown(invitation())
    shrink()
    st.caption(LITERATURE)


def invitation() -> str:
    """Where a VAE can be trained on world 0, and what it can reach at most."""
    from vae_core.data import toy

    address = "train?" + urlencode(train_link.share("linear", train_link.base("linear", "toy")))
    best = formatting.number(-toy.truth().entropy)
    return (
        f"The images of world 0, as grey levels, are the data set *toy*: [train a linear variational "
        f"autoencoder (VAE) on it]({address}). "
        f"In these units the best mean log p(x) is {best}, above 0, because a density may exceed 1."
    )


@st.fragment
@section("The world and what is learned of it")
def learn() -> None:
    from dashboard.toy.world import world
    from vae_core.analysis.known_truth import learn as learned

    world.draw()
    page_elements.show_source("The function that learns from N images and compares with the truth", learned)


@st.fragment
@section("The gap as the noise goes to 0")
def shrink() -> None:
    from dashboard.toy.vanishing import vanishing
    from vae_core.analysis.vanishing_gap import kl_to_posterior

    vanishing.draw()
    page_elements.show_source("The function that measures the gap", kl_to_posterior)


page()
