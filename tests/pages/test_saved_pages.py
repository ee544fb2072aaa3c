"""A page as a file: what is in it and what must not be, and what is said where it cannot be made."""

import base64
import gzip
import html
import json
import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.shared import model_view
from dashboard.shared.browser_blobs import header
from dashboard.shared.saved_pages import button, files, recording, site
from dashboard.shared.saved_pages.document import document
from dashboard.shared.saved_pages.facts import facts
from dashboard.shared.saved_pages.recording import Recording
from tests.small_models import own_digits, publish
from vae_core.cli import pages
from vae_core.data.datasets import load_dataset


def told(page: str) -> dict:
    """What a saved page's script reads."""
    (text,) = re.findall(r'id="recorded">([^<]*)<', page)
    return json.loads(gzip.decompress(base64.b64decode(text)))


def blobs(page: str) -> list[bytes]:
    """Without the eight bytes before each."""
    return [gzip.decompress(base64.b64decode(text))[8:] for text in re.findall(r'data-blob="\w+">([^<]*)<', page)]


@pytest.fixture
def own(cache):
    digits = own_digits(cache)
    return publish(cache, "own", count=100, name=str(digits)), load_dataset(str(digits)).test.numpy()


@pytest.mark.parametrize("asked", [False, True])
def test_a_file_loads_nothing_and_holds_ones_own_images_only_where_they_are_asked_for(own, tmp_path, asked):
    entry, images = own
    made = files.save_model(entry, tmp_path / "own.html", own_images=asked, n="12")
    page, known = made.path.read_text("utf-8"), told(made.path.read_text("utf-8"))
    assert made.size == len(page.encode())
    kinds = [header(blob).get("kind", "decoder") for blob in blobs(page)]
    assert ("pictures" in kinds) is asked
    assert any(images[0].tobytes() in blob for blob in blobs(page)) is asked
    assert asked or base64.b64encode(images[0].tobytes()).decode()[40:400] not in json.dumps(known)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert not {found for found in re.findall(r"https?://[^\s\"'`<>)]+", page) if "www.w3.org" not in found}
    markup = re.sub(r"<script>.*</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=[\"'](?!data:|#)[^\"']+[\"']", markup)
    assert known["pages"]["manifold"]["mounts"][0]["data"]["n"] == 12
    assert set(known["pages"]["manifold"]["answers"]["captions"]) == {"inverse CDF", "linear"}


def test_what_a_model_cannot_do_without_python_is_said(cache, monkeypatch):
    def unknown(_):
        raise ValueError("a network of another kind")

    monkeypatch.setattr("dashboard.shared.saved_pages.facts.encoder_blob", unknown)
    known = facts(model_view.model(publish(cache, "odd")))
    assert [sentence.split(":")[0] for sentence in known.missing] == ["This encoder runs in Python only"]
    page = Recording("explore", "Explore", "")
    assert html.escape(known.missing[0]) in document([page], known)


def test_a_folder_that_cannot_be_written_is_said_before_any_work(cache, tmp_path, monkeypatch):
    entry = publish(cache, "two")
    monkeypatch.setattr(recording, "_record", None)
    with pytest.raises(ValueError, match=r"There is no folder .*nowhere: make it"):
        files.save_model(entry, tmp_path / "nowhere" / "page.html")
    with pytest.raises(ValueError, match="is a folder: name a file in it"):
        files.save_model(entry, tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ValueError, match="cannot be written to: choose another"):
        files.save_page("kl", tmp_path / "page.html")
    monkeypatch.undo()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    with pytest.raises(ValueError, match="is not empty: name a new folder"):
        site.write_site(tmp_path / "full", [], print)
    with pytest.raises(ValueError, match="There is no finished model nobody here"):
        files.entry_of("nobody")


def test_the_library_alone_says_where_pages_come_from(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="dashboard is not there: clone all of VAE Lab"):
        pages.dashboard("files")


def test_a_site_has_a_page_for_each_model_and_links_that_lead_somewhere(cache, tmp_path):
    publish(cache, "two")
    made = site.write_site(tmp_path / "site", ["two"], lambda _: None)
    found = {str(path.relative_to(tmp_path / "site")) for path in (tmp_path / "site").rglob("*") if path.is_file()}
    assert made.files == len(found)
    assert {"index.html", "explore/two.html", "manifold/two.html", "static/style.css"} <= found
    others = [f"{name}.html" for name in site.OTHERS]
    for page in ("explore/two.html", "manifold/two.html", *others, "index.html"):
        text = (tmp_path / "site" / page).read_text("utf-8")
        links = re.findall(r'(?:href|src)="([^"#]+)"', text)
        there = (tmp_path / "site" / page).parent
        missing = [
            link for link in links if not link.startswith(("data:", "./")) and not (there / link).resolve().exists()
        ]
        assert not missing
        if page != "index.html":
            blobs_asked = told(text)["blobs"]
            assert all(f"blobs/{name}.bin" in found for name in blobs_asked)


def test_a_site_says_of_each_panel_and_axis_of_the_paper_what_the_page_says_at_that_address():
    claims = files.with_answers(recording.record("paper")).answers["claims"]
    for panel, axis in [("mnist-20", "seconds"), ("n-1000", "updates"), ("frey-2", "images")]:
        title, text = claims[panel][axis]
        assert f"<h1>{title}</h1><p>{text}</p>" in recording.record("paper", panel=panel, axis=axis).body


def test_a_page_is_saved_as_its_address_stands_when_the_button_is_pressed(monkeypatch):
    def page():
        from dashboard.shared import url_state
        from dashboard.shared.saved_pages import button

        url_state.arrive("kl")
        button.offer("kl", "lecture")
        url_state.keep("beta", "4")  # as a fragment does, which draws no button anew

    offered, asked = [], []

    def make(command, **_):
        asked.append(command[-1])
        Path(command[3]).write_bytes(b"a page")
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(st, "download_button", lambda _, data, *__, **___: offered.append(data))
    monkeypatch.setattr(button.subprocess, "run", make)
    monkeypatch.setattr(button, "SETTLES", 0)
    run = AppTest.from_function(page)
    run.query_params.update(scene="plane", model="elsewhere")
    assert not run.run().exception
    assert offered[-1]() == b"a page"
    assert asked == ["scene=plane&beta=4"]
