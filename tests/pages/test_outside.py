"""What comes from outside stays text, and the server tells and serves no more than it has to."""

import ast
import tomllib
from pathlib import Path

import pytest

DASHBOARD = Path(__file__).parent.parent.parent / "dashboard"
SOURCES = sorted(DASHBOARD.rglob("*.py"))
WRITERS = {  # the only places where markup is made; whatever a page puts into it is its own or escaped
    "app.py": ["HERE / 'style.css'"],
    "prose.py": [
        "f'<div class=\"claim\"><h1>{headline}</h1><p>{explanation}</p></div>'",
        "f'<p class=\"{kind}\">{text}</p>'",
    ],
    "elbo.py": ["'<i class=\"sums\"></i>'"],
    "glossary.py": ["glossary.as_html()"],
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_markup_is_made_in_four_places_and_markdown_never_holds_any(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    assert not [
        call for call in calls for word in call.keywords if word.arg in ("unsafe_allow_html", "unsafe_allow_javascript")
    ]
    made = [ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) in ("st.html", "streamlit.html")]
    assert made == WRITERS.get(path.name, []) or not made


def test_the_walk_would_see_another_writer():
    call = ast.parse("st.html(f'<p>{name}</p>')").body[0].value
    assert ast.unparse(call.func) == "st.html"
    assert ast.unparse(call.args[0]) not in WRITERS["prose.py"]


def test_the_server_is_set_up_for_a_lecture_hall():
    config = tomllib.loads((DASHBOARD / ".streamlit" / "config.toml").read_text("utf-8"))
    server, client = config["server"], config["client"]
    assert server["address"] == "127.0.0.1"
    assert server["maxUploadSize"] == 10
    assert server["fileWatcherType"] == "none"
    assert server.get("enableCORS", True)
    assert server.get("enableXsrfProtection", True)
    assert not server.get("enableStaticServing", False)
    assert config["browser"]["gatherUsageStats"] is False
    assert client["showErrorDetails"] == "none"
    assert client["showErrorLinks"] is False
    assert client["toolbarMode"] == "minimal"
