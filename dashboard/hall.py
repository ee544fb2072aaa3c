"""Who may do what: alone everybody trains; in a lecture hall the presenter does, and the others look and explore.

VAE_LAB_PRESENTER=<secret> on the server makes every visitor a viewer, but for one who opens ?presenter=<secret>.
"""

import hmac
import os

import streamlit as st

KEY = "presenter"


def admit() -> None:
    """Reads the secret from the address, once, and takes it out of it."""
    offered = st.query_params.get(KEY)
    if offered is None:
        return
    del st.query_params[KEY]
    secret = os.environ.get("VAE_LAB_PRESENTER", "")
    if secret and hmac.compare_digest(offered.encode(), secret.encode()):
        st.session_state["presents"] = True


def may_train() -> bool:
    return not os.environ.get("VAE_LAB_PRESENTER") or st.session_state.get("presents", False)


def visitor() -> str:
    """This session, for the queue's caps."""
    context = st.runtime.scriptrunner.get_script_run_ctx()
    return context.session_id if context else ""
