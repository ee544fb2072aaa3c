"""Each component's files are joined into one module: what one imports, another must export as components read it."""

import pytest

from dashboard.shared.components import DASHBOARD, EXPORT, IMPORT, module

SCRIPTS = sorted(DASHBOARD.rglob("*.js"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(DASHBOARD)))
def test_what_is_imported_is_exported(script):
    for names, path in IMPORT.findall(script.read_text("utf-8")):
        exported = EXPORT.findall((script.parent / path).read_text("utf-8"))
        for name in names.split(","):
            assert name.split(" as ")[0].strip() in exported, f"{path}: one exported name a line, or it is not read"


@pytest.mark.parametrize(
    "script", [s for s in SCRIPTS if s.with_suffix(".html").exists()], ids=lambda path: str(path.relative_to(DASHBOARD))
)
def test_comments_and_indentation_stay_here(script):
    sent = module(script.relative_to(DASHBOARD).as_posix()).splitlines()
    assert not [line for line in sent if not line or line[0] in " \t" or line.startswith("//")]
    assert sent[-1].startswith("export default")
