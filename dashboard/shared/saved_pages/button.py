"""The button that saves a page as one file, as it stands: made by another process when it is asked for."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from dashboard.shared import page_registry, url_state
from dashboard.shared.section import section

ROOT = Path(__file__).parents[3]
LONGEST = 240  # seconds
SETTLES = 1.0  # seconds in which what a hand has just moved comes into the address
HELP = "One HTML file that opens anywhere without Python or network. Your own images stay out of it."

_one = threading.Lock()  # at a time: each takes some hundred megabytes for as long as it works


@section("The button that saves this page")
def offer(page: str, name: str, model: str = "") -> None:
    """`name` begins the file's name; `model` is the key of the page's model, "" for the lecture."""
    read = url_state.reader()
    st.download_button(
        "Save this as a page", lambda: saved(page, model, read), f"{name}.html", "text/html", on_click="ignore",
        help=HELP, key="save-page",
    )  # fmt: skip


def saved(page: str, model: str, read: Callable[[], dict[str, str]]) -> bytes:
    """The file's bytes, of the page as its address has it now; ValueError with a sentence where there is none."""
    time.sleep(SETTLES)
    known = page_registry.page(page).url_keys
    address = urlencode({key: text for key, text in read().items() if key in known and key != "model"})
    with _one, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        command = [sys.executable, "-m", __package__, str(file), page, model, address]
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST)
        except subprocess.TimeoutExpired:
            raise ValueError("Saving this page took too long: this machine is busy. Try again later.") from None
        if done.returncode:
            raise ValueError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "It could not be saved.")
        return file.read_bytes()
