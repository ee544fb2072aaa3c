"""Who may do what: alone everybody trains; in a lecture hall the presenter does, and the others look and explore.

VAE_LAB_PRESENTER=<secret> on the server makes every visitor a viewer, but for one who opens ?presenter=<secret>. The
server answers with a cookie, so that a reload, a link or another tab is still the presenter's until the browser is
closed. It holds a keyed hash, not the secret, and no script can read it.
"""

import hmac
import os
from urllib.parse import parse_qs

import streamlit as st

from dashboard.shared import streamlit_internals

KEY = "presenter"
COOKIE = "vae-lab-presenter"


def secret() -> str:
    return os.environ.get("VAE_LAB_PRESENTER", "")


def known(offered: str, expected: str) -> bool:
    return bool(secret()) and hmac.compare_digest(offered.encode(), expected.encode())


def token() -> str:
    return hmac.new(secret().encode(), KEY.encode(), "sha256").hexdigest()


def cookie(query: bytes, https: bool) -> str | None:
    """What the server answers whoever asks with the secret."""
    offered = parse_qs(query.decode("latin-1")).get(KEY, [""])[-1]
    if not known(offered, secret()):
        return None
    return f"{COOKIE}={token()}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if https else ''}"


def authenticate() -> None:
    """Reads the secret from the address, once, and takes it out of it."""
    offered = st.query_params.get(KEY)
    if offered is None:
        return
    del st.query_params[KEY]
    if known(offered, secret()):
        st.session_state["presents"] = True  # for a browser that keeps no cookies


def presents() -> bool:
    return st.session_state.get("presents", False) or known(str(st.context.cookies.get(COOKIE, "")), token())


def may_train() -> bool:
    return not secret() or presents()


def visitor() -> str:
    """This session, for the queue's caps."""
    return streamlit_internals.session_id()
