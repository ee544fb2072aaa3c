"""What comes from outside stays text, and the server tells and serves no more than it has to."""

import ast
import asyncio
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard import app
from dashboard.shared import model_view

DASHBOARD = Path(__file__).parent.parent.parent / "dashboard"
SOURCES = sorted(DASHBOARD.rglob("*.py"))
WRITERS = {  # the only places where markup is made; whatever a page puts into it is its own or escaped
    "page_elements.py": [
        "f'<div class=\"claim\">{first}<h1>{headline}</h1><p>{explanation}</p></div>'",
        "f'<h2 class=\"{kind}\">{title}</h2>'",
        "f'<p class=\"{kind}\">{text}</p>'",
    ],
    "elbo.py": ["'<i class=\"sums\"></i>'"],
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_markup_is_made_in_three_places_and_markdown_never_holds_any(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    assert not [
        call for call in calls for word in call.keywords if word.arg in ("unsafe_allow_html", "unsafe_allow_javascript")
    ]
    made = [ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) in ("st.html", "streamlit.html")]
    assert made == WRITERS.get(path.name, []) or not made


def test_the_walk_would_see_another_writer():
    call = ast.parse("st.html(f'<p>{name}</p>')").body[0].value
    assert ast.unparse(call.func) == "st.html"
    assert ast.unparse(call.args[0]) not in WRITERS["page_elements.py"]


def test_a_browser_is_told_to_load_nothing_from_elsewhere():
    rules = dict(rule.split(" ", 1) for rule in app.HEADERS["content-security-policy"].split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["object-src"] == "'none'"
    allowed = {source for name, rule in rules.items() if name != "style-src" for source in rule.split()}
    assert {source for source in allowed if "sha256" not in source} == {"'self'", "'none'", "blob:", "data:"}
    assert "unsafe" not in rules["script-src"]


def test_the_server_imports_no_page_before_it_serves():
    code = "import sys, dashboard.app; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=DASHBOARD.parent, capture_output=True, text=True, check=True)
    assert not {"dashboard.shared.model_picker", "dashboard.shared.components", "vae_core", "torch", "pandas"} & set(
        run.stdout.split()
    )


def test_a_damaged_model_does_not_break_the_warming_up(monkeypatch):
    def damaged(entry):
        raise ValueError(f"{entry.key} is damaged")

    monkeypatch.setattr(model_view, "model", damaged)
    app.get_ready()


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({"server.headless": True}, None),
        ({}, "http://localhost:8509"),
        ({"server.address": "127.0.0.1"}, "http://localhost:8509"),
        ({"server.address": "192.0.2.7"}, "http://192.0.2.7:8509"),
        ({"server.address": "2001:db8::7"}, "http://[2001:db8::7]:8509"),
        ({"server.baseUrlPath": "/lab/vae/"}, "http://localhost:8509/lab/vae/"),
        ({"server.sslCertFile": "own.pem", "server.baseUrlPath": "lab"}, "https://localhost:8509/lab/"),
    ],
)
def test_at_a_desk_the_server_opens_a_browser(monkeypatch, options, address):
    visited = []
    monkeypatch.setattr(app, "get_ready", lambda: None)
    monkeypatch.setattr(app.webbrowser, "open", visited.append)
    monkeypatch.setattr(app.st, "get_option", ({"server.port": 8509} | options).get)

    async def start() -> None:
        async with app.lifespan(app.app):
            await asyncio.sleep(0.5)

    with ThreadPoolExecutor(1) as elsewhere:  # a browser test before this one leaves its event loop here
        elsewhere.submit(asyncio.run, start()).result()
    assert visited == ([address] if address else [])


def test_the_server_is_set_up_for_a_lecture_hall():
    config = tomllib.loads((DASHBOARD / ".streamlit" / "config.toml").read_text("utf-8"))
    server, client = config["server"], config["client"]
    assert server["address"] == "127.0.0.1"
    assert server["maxUploadSize"] == 64
    assert server["fileWatcherType"] == "none"
    assert server.get("enableCORS", True)
    assert server.get("enableXsrfProtection", True)
    assert not server.get("enableStaticServing", False)
    assert config["browser"]["gatherUsageStats"] is False
    assert client["showErrorDetails"] == "none"
    assert client["showErrorLinks"] is False
    assert client["toolbarMode"] == "minimal"
