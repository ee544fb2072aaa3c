"""Which address phones are told: one that they reach, or none."""

import pytest
import streamlit as st

from dashboard.kl.hall import invitation


@pytest.fixture
def listening(monkeypatch):
    """On which address the server listens, and which one its machine has."""

    def on(address: str, own: str = "192.168.1.5") -> None:
        monkeypatch.setattr(st, "get_option", lambda name: {"server.address": address}[name])
        monkeypatch.setattr(invitation, "own_address", lambda: own)

    monkeypatch.delenv("VAE_LAB_ADDRESS", raising=False)
    return on


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("http://192.168.1.7:8501/kl", "http://192.168.1.7:8501/vote"),
        ("https://lab.uni.edu/vae/kl", "https://lab.uni.edu/vae/vote"),
        ("http://localhost:8501/kl", "http://192.168.1.5:8501/vote"),
        ("http://127.0.0.1:8501/lab/kl", "http://192.168.1.5:8501/lab/vote"),
        ("http://[::1]:8501/kl", "http://192.168.1.5:8501/vote"),
    ],
)
def test_the_browser_s_own_address_or_this_machine_s_in_its_network(listening, page, told):
    listening("0.0.0.0")
    assert invitation.vote_address(page) == told


def test_no_address_where_no_phone_reaches_the_server(listening):
    listening("127.0.0.1")
    assert invitation.vote_address("http://localhost:8501/kl") == ""
    listening("0.0.0.0", own="")
    assert invitation.vote_address("http://localhost:8501/kl") == ""


def test_a_lecturer_names_another_address_or_is_told_that_it_is_none(listening, monkeypatch, caplog):
    listening("127.0.0.1")
    monkeypatch.setenv("VAE_LAB_ADDRESS", "https://lab.uni.edu/vae/")
    assert invitation.vote_address("http://localhost:8501/kl") == "https://lab.uni.edu/vae/vote"
    for wrong in ("lab.uni.edu", "javascript:alert(1)", "http://a b", 'http://x"><script>', "http://x/?q=1"):
        monkeypatch.setenv("VAE_LAB_ADDRESS", wrong)
        assert invitation.vote_address("http://localhost:8501/kl") == ""
        assert "VAE_LAB_ADDRESS" in caplog.text
        caplog.clear()
