"""README.md and assets/math.md are true of the code: citations, links, paths, commands and names."""

import ast
import re
import shlex
import unicodedata
from pathlib import Path

import pytest

import vae_core
from vae_core.__main__ import parser

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
MATH = (ROOT / "assets" / "math.md").read_text("utf-8")
CODE = sorted(
    path
    for folder in ("vae_core", "dashboard", "tests")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".js", ".mjs", ".json") and path != Path(__file__)
)


def anchors(text: str) -> set[str]:
    """Those that GitHub gives to the headings of a Markdown text."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    kept = ("".join(c for c in h.lower() if c in " -_" or unicodedata.category(c)[0] in "LN") for h in headings)
    return {heading.replace(" ", "-") for heading in kept}


def test_each_citation_of_the_mathematics_in_the_code_is_a_heading_there():
    cited = 0
    for path in CODE:
        for anchor in re.findall(r"(?<!\")math\.md(#[\w-]+)?", path.read_text("utf-8")):
            assert anchor, f"{path.relative_to(ROOT)} cites math.md without a section: write assets/math.md#its-heading"
            assert anchor[1:] in anchors(MATH), f"{path.relative_to(ROOT)} cites math.md{anchor}: no such heading"
            cited += 1
    assert cited >= 8


@pytest.mark.parametrize("text", [README, MATH], ids=["README.md", "math.md"])
def test_links_within_a_document_lead_to_a_heading(text):
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= anchors(text)


@pytest.mark.parametrize(("text", "folder"), [(README, ROOT), (MATH, ROOT / "assets")], ids=["README.md", "math.md"])
def test_linked_files_are_there(text, folder):
    linked = re.findall(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)", text)
    assert not [path for path in linked if not (folder / path).exists()]


def test_each_reference_of_the_mathematics_is_cited_there():
    body, references = MATH.split("## References")
    works = [
        (entry.split()[0].rstrip(","), re.search(r"\((\d{4})\)", entry)[1]) for entry in references.split("\n- ")[1:]
    ]
    assert len(works) > 15
    for first, year in works:
        assert re.search(rf"\b{first}\b.{{0,40}}?{year}", body, re.DOTALL), f"math.md cites {first} ({year}) nowhere"


def code_blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_each_command_of_the_readme_is_one_that_the_command_line_takes():
    lines = [line for block in code_blocks("sh") for line in block.splitlines() if " -m vae_core " in line]
    inline = re.findall(r"`(python -m vae_core [^`]+)`", README)
    assert len(lines) > 8
    for line in lines + inline:
        words = shlex.split(line, comments=True)
        parser().parse_args(words[words.index("vae_core") + 1 :])  # ends the test where a flag is unknown


def test_the_examples_use_names_that_the_library_has():
    for example in code_blocks("python"):
        compile(example, "README.md", "exec")
        for node in ast.walk(ast.parse(example)):
            if isinstance(node, ast.ImportFrom) and node.module == "vae_core":
                assert {alias.name for alias in node.names} <= set(vae_core.__all__)


def test_each_environment_variable_of_the_readme_is_read_by_the_code():
    sources = "".join(p.read_text("utf-8") for p in CODE if p.suffix == ".py" and "tests" not in p.parts)
    named = set(re.findall(r"VAE_[A-Z_]+", README))
    assert named
    assert not [name for name in named if name not in sources]


def test_the_map_names_every_package_and_page_and_nothing_that_is_not_there():
    where = README.split("## Where is what\n")[1].split("\n## ")[0]
    for folder in ("vae_core", "dashboard"):
        inside = {p.name for p in (ROOT / folder).iterdir() if p.is_dir() and p.name[0] not in "._"}
        assert not [name for name in inside if f"{name}/" not in where], f"the map leaves out folders of {folder}/"
    for path in re.findall(r"`((?:vae_core|dashboard|tests|assets)/[\w/.-]+)`", README):
        assert (ROOT / path).exists(), f"README.md names {path}, which is not there"
