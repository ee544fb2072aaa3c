"""The house holds: floors import from below, the core meets no screen, the top level is what it was agreed to be."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = {
    "settings": 0, "gaussians": 0, "folders": 0, "files": 0, "seals": 0, "uses": 1,
    "datasets": 1, "embedded": 1, "frey": 1, "idx": 1, "own_data": 1, "download": 1, "pictures": 1,
    "albums": 1, "uploads": 1, "class_names": 1, "array_files": 1, "array_layouts": 1,
    "images": 1, "traits": 1, "aggregate": 2, "inpainting": 4,
    "strokes": 1, "networks": 1, "likelihoods": 1,
    "vae": 2, "linear": 2, "collapse": 2, "surgery": 3, "coverage": 5, "family": 5, "comparison": 5, "remedies": 5,
    "elbo": 3, "quadrature": 3, "evidence": 3, "manifold": 3,
    "derivation": 4, "evaluate": 4, "gradients": 4, "refine": 4, "tightness": 4, "slow": 5, "train": 4,
    "drafts": 5, "workers": 5, "runs": 5, "perform": 5, "jobs": 5, "export": 5, "card": 5, "archive": 5, "recipes": 5,
    "transfer": 5, "upkeep": 5, "sweep": 5,
    "__init__": 6, "flags": 6, "terminal": 6, "commands": 6, "rebuilding": 6, "__main__": 6,
}  # fmt: skip
COMMAND_LINE = {"__main__", "commands", "rebuilding", "terminal"}
MODULES = sorted((ROOT / "vae_core").glob("*.py"))


def imports(path: Path) -> set[str]:
    """Modules named in import statements that run or are type-checked, `a.b` for `from a.b import c`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def run_time_imports(path: Path) -> set[str]:
    """As `imports`, without what stands under `if TYPE_CHECKING:`."""
    tree = ast.parse(path.read_text("utf-8"))
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    ]
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("vae_core"):
            parts = [node.module] if node.module != "vae_core" else [f"vae_core.{alias.name}" for alias in node.names]
            names |= {part.split(".")[1] for part in parts}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_a_module_imports_from_its_own_floor_or_below(path):
    for name in run_time_imports(path):
        assert FLOORS[name] <= FLOORS[path.stem], f"{path.stem} reaches up to {name}"


def test_every_module_has_its_floor():
    assert {path.stem for path in MODULES} == set(FLOORS)


def test_modules_of_one_floor_import_each_other_without_cycles():
    below = {path.stem: run_time_imports(path) - {path.stem} for path in MODULES}
    while below:
        free = [name for name, needs in below.items() if not needs & below.keys()]
        assert free, f"a cycle among {sorted(below)}"
        for name in free:
            del below[name]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_the_core_never_meets_the_screen(path):
    assert not {name.split(".")[0] for name in imports(path)} & {"streamlit", "plotly", "dashboard", "matplotlib"}


@pytest.mark.parametrize("path", [p for p in MODULES if p.stem not in COMMAND_LINE], ids=lambda p: p.stem)
def test_only_the_command_line_prints(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_nothing_draws_from_the_process_wide_generator_or_unpickles(path):
    source = ast.unparse(ast.parse(path.read_text("utf-8")))
    for word in ("rsample(", "torch.manual_seed(", "np.random.seed(", "torch.load(", "torch.save(", "import pickle"):
        assert word not in source
    for word in ("torch.randn(", "torch.rand(", "torch.randperm("):
        for call in source.split(word)[1:]:
            assert "generator=" in call.split("\n")[0], f"{word} without a generator in {path.name}"


def test_importing_the_core_and_reading_runs_needs_no_torch():
    code = "import sys, vae_core, vae_core.runs, vae_core.export; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_public_names_mean_the_functions_however_they_are_imported():
    code = (
        "import vae_core.elbo, vae_core.train; from vae_core import elbo, train, evaluate; import vae_core;"
        "assert all(callable(f) for f in (elbo, train, evaluate, vae_core.elbo)); assert 'elbo' in dir(vae_core);"
        "[getattr(vae_core, name) for name in vae_core.__all__]"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_visible_top_level_is_the_agreed_one():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in listed.stdout.splitlines()}
    visible = {name for name in top if not name.startswith(".")}
    assert visible - {"LICENSE"} <= {"requirements.txt", "README.md", "dashboard", "vae_core", "tests", "assets"}
