"""A click that fails is said in a sentence under the title; the page stands, and the next click works."""

import html
import logging

import pytest

from dashboard.shared import callbacks, section, streamlit_internals
from dashboard.train import launch
from tests.pages.visiting import again, opened, words


@pytest.fixture(autouse=True)
def _here(cache, digits, monkeypatch):
    section._logged.clear()
    monkeypatch.delenv("VAE_LAB_PRESENTER", raising=False)


def train_page():
    page = opened("pages.py")
    page.switch_page("train/train.py")
    return again(page)


def click(page):
    (button,) = [button for button in page.button if button.key == "train"]
    button.click()
    return again(page)


def test_streamlit_calls_every_callback_where_ours_is_caught():
    assert streamlit_internals._run_callback is not None, "this Streamlit has no place to catch a callback's error"


def test_a_button_whose_callback_fails(monkeypatch, caplog):
    def start(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(launch, "start", start)
    page = train_page()
    said = html.escape(callbacks.SENTENCE)
    assert said not in words(page)
    with caplog.at_level(logging.ERROR, "vae_lab"):
        for _ in range(2):
            page = click(page)
            assert said in words(page)
            assert [button for button in page.button if button.key == "train"], "the rest of the page is there"
    logged = [record for record in caplog.records if record.name == "vae_lab" and record.levelno >= logging.ERROR]
    assert len(logged) == 1, "logged once"
    assert "no space left on device" in caplog.text
    assert said not in words(again(page)), "not said for good"
    began = []
    monkeypatch.setattr(launch, "start", lambda *_: began.append(True))
    click(again(page))
    assert began


def test_a_rerun_within_a_callback_is_no_failure(monkeypatch):
    import streamlit as st

    monkeypatch.setattr(launch, "start", lambda *_: st.rerun())
    page = click(train_page())
    assert html.escape(callbacks.SENTENCE) not in words(page)
