"""Which q the ELBO page looks at, as the address has it: its start, and how far it has climbed from there."""

import streamlit as st

from dashboard.shared import notices, url_state

STEPS = 40
WIDEST, FURTHEST = 10.0, 50.0  # deviations and means beyond which nothing is to be seen


def guess(encoder: tuple[float, ...]) -> tuple[tuple[float, ...], str]:
    """Where q starts (means, then deviations), and at which step of its climb it is; else at the encoder's."""
    return start(encoder), step()


def of_model(key: str) -> None:
    """A model that is chosen while the q of another one stands in the address begins at its own encoder's guess."""
    now, before = (url_state.asked("q"), url_state.asked("step")), st.session_state.get("q of")
    if before and before[0] != key and before[1:] == now and any(now):
        encoders()
        now = (None, None)
    st.session_state["q of"] = (key, *now)


def start(encoder: tuple[float, ...]) -> tuple[float, ...]:
    text = url_state.asked("q")
    if not text:
        return encoder
    try:
        q = tuple(url_state.numbers(text))
        means, sigmas = q[: len(encoder) // 2], q[len(encoder) // 2 :]
        if len(q) != len(encoder) or max(map(abs, means)) > FURTHEST or not all(1e-4 < s < WIDEST for s in sigmas):
            raise ValueError(text)
    except ValueError:
        said = f"The address has q = {text[:40]}, not a mean and a deviation per dimension; the encoder guesses."
        notices.notify(said)
        url_state.forget("q")
        return encoder
    return q


def step() -> str:
    text = url_state.asked("step") or "0"
    if text == "best" or (text.isascii() and text.isdecimal() and len(text) < 3 and int(text) <= STEPS):
        return text
    notices.notify(f"The address has step = {text[:40]}, not a number from 0 to {STEPS} or “best”; this is the start.")
    url_state.forget("step")
    return "0"


def encoders() -> None:
    url_state.forget("q", "step")


def stationed(step: str) -> None:
    """The hand has chosen a row."""
    encoders() if step == "encoder" else url_state.keep("step", step)


def made(q: list[float]) -> None:
    """The hand has let go of q."""
    url_state.forget("step")
    url_state.keep("q", ",".join(f"{value:.5g}" for value in q))
