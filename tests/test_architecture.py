"""The architecture holds. A rule that is broken says where the code belongs, and the map of README.md follows."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import vae_core
from dashboard.shared.page_registry import PAGES

ROOT = Path(__file__).parent.parent
CORE, DASHBOARD = ROOT / "vae_core", ROOT / "dashboard"

# Read from top to bottom: a package or module imports from itself and from those before it.
ORDER = (
    "paths", "sealed_files", "registry", "settings", "model", "data", "inference", "training", "runs", "analysis",
    "exchange", "jobs", "cli", "notebook", "__init__", "__main__",
)  # fmt: skip
FOLDERS = {*PAGES, "tour", "shared"}  # of the dashboard; the tour is drawn on every page
TOP = {"app.py", "pages.py", "style.css", "icon.png", ".streamlit"}
MODULES = sorted(CORE.rglob("*.py"))
SCREENS = sorted(DASHBOARD.rglob("*.py"))
SCRIPTS = sorted(DASHBOARD.rglob("*.js"))
WHERE = (ROOT / "README.md").read_text("utf-8").split("## Where is what\n")[1].split("\n## ")[0]
NAMED = {*vae_core.__all__, "plain"}  # public names are resolved when first used; plain is an error handler
JS_IMPORT = re.compile(r'^import .* from "(\.[^"]+)";', re.MULTILINE)


@pytest.fixture(autouse=True)
def where_is_what():
    """pytest shows what was printed before a test only if that test fails."""
    print(WHERE)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path, types: bool = True) -> set[str]:
    """Modules named in import statements, `a.b` for `from a.b import c` and `a.b.c` too; `types`: under
    `if TYPE_CHECKING:` as well."""
    tree = ast.parse(path.read_text("utf-8"))
    if not types:
        tree.body = [n for n in tree.body if not (isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test))]
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def module(path: Path) -> str:
    """vae_core/runs/store.py -> vae_core.runs.store"""
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def package(path: Path) -> str:
    return path.relative_to(CORE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_package_imports_from_those_before_it(path):
    known = {module(other): other for other in MODULES if other.name != "__init__.py"}
    below = ORDER[: ORDER.index(package(path)) + 1]
    for needed in imports(path, types=False) & known.keys():
        assert package(known[needed]) in below, f"{name(path)} imports {needed}: the order is {' < '.join(ORDER)}"


def test_modules_import_each_other_without_circles():
    known = {module(path) for path in MODULES}
    below = {module(path): imports(path, types=False) & known - {module(path)} for path in MODULES}
    while below:
        free = [one for one, needs in below.items() if not needs & below.keys()]
        assert free, f"a circle among {sorted(below)}"
        for one in free:
            del below[one]


def test_the_core_has_the_packages_of_the_plan_and_no_more():
    found = {path.name.removesuffix(".py") for path in CORE.iterdir() if path.name != "__pycache__"}
    assert found - {"pyproject.toml"} == set(ORDER), "a module belongs into one of the packages"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_the_core_never_meets_the_screen(path):
    assert not {needed.split(".")[0] for needed in imports(path)} & {"streamlit", "plotly", "dashboard", "matplotlib"}


@pytest.mark.parametrize("path", [p for p in MODULES if package(p) not in ("cli", "__main__")], ids=name)
def test_only_the_command_line_prints(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_nothing_draws_from_the_process_wide_generator_or_unpickles(path):
    source = ast.unparse(ast.parse(path.read_text("utf-8")))
    for word in ("rsample(", "torch.manual_seed(", "np.random.seed(", "torch.save(", "import pickle"):
        assert word not in source
    for call in source.split("torch.load(")[1:]:
        assert "weights_only=True" in call.split("\n")[0], f"{path.name} would run what a file says"
    for word in ("torch.randn(", "torch.rand(", "torch.randperm("):
        for call in source.split(word)[1:]:
            assert "generator=" in call.split("\n")[0], f"{word} without a generator in {path.name}"


def folder(path: Path) -> str:
    """The page of a file in dashboard/, or shared."""
    return path.relative_to(DASHBOARD).parts[0]


def test_the_dashboard_has_a_folder_for_each_page_and_no_file_beside_the_plan():
    found = {path.name for path in DASHBOARD.iterdir() if path.name not in ("__pycache__", "__init__.py")}
    assert found == FOLDERS | TOP, "what belongs to a page lies in its folder, what several need lies in shared/"


@pytest.mark.parametrize("path", [p for p in SCREENS if p.parent != DASHBOARD], ids=name)
def test_a_page_imports_itself_and_what_is_shared(path):
    allowed = {"shared", folder(path)}
    for needed in imports(path):
        if needed.startswith("dashboard."):
            assert needed.split(".")[1] in allowed, f"{name(path)} imports {needed}: move what both need to shared/"


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_imports_from_its_own_page_and_from_what_is_shared(path):
    for needed in JS_IMPORT.findall(path.read_text("utf-8")):
        target = (path.parent / needed).resolve()
        assert target.exists(), f"{name(path)} imports {needed}, which is not there"
        assert folder(target) in {"shared", folder(path)}, f"{name(path)} imports {needed}: move it to shared/js/"


@pytest.mark.parametrize("path", sorted(DASHBOARD.rglob("*.html")), ids=name)
def test_a_section_is_one_stem(path):
    text = path.stem == "article"  # which shared/article/ draws
    assert text or path.with_suffix(".js").exists(), "a component's .html lies beside its .js"
    assert path.with_suffix(".py").exists(), "the section's Python lies beside them, under the same stem"


def test_each_page_declares_itself():
    from dashboard.shared import page_registry

    assert set(page_registry.PAGES) <= FOLDERS
    for page in page_registry.PAGES:
        assert (DASHBOARD / page_registry.script(page)).exists()
        assert page_registry.page(page).title


def test_importing_the_core_and_reading_runs_needs_no_torch():
    code = "import sys, vae_core, vae_core.runs.store, vae_core.runs.export; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_public_names_mean_what_they_say_however_they_are_imported():
    code = (
        "import vae_core.inference.elbo, vae_core.training.train; from vae_core import elbo, train, evaluate;"
        "import vae_core; assert all(callable(f) for f in (elbo, train, evaluate, vae_core.elbo));"
        "assert 'elbo' in dir(vae_core); [getattr(vae_core, name) for name in vae_core.__all__]"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_visible_top_level_is_the_agreed_one():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    visible = {one for one in top if not one.startswith(".")}
    assert visible - {"LICENSE"} <= {"requirements.txt", "README.md", "dashboard", "vae_core", "tests", "assets"}


def names_in(module: Path) -> set[str]:
    """Every name that is defined, assigned or imported in a module of ours; of a package its modules too."""
    names = {path.stem for path in module.parent.iterdir()} if module.name == "__init__.py" else set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return names


@pytest.mark.parametrize("path", [*MODULES, *SCREENS, *sorted((ROOT / "tests").rglob("*.py"))], ids=name)
def test_an_import_names_what_is_there(path):
    """Also one inside a function, which would fail only when somebody calls it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("vae_core", "dashboard"):
            place = ROOT.joinpath(*node.module.split("."))
            source = place.with_suffix(".py") if place.with_suffix(".py").exists() else place / "__init__.py"
            known = names_in(source) if source.exists() else {inside.stem for inside in place.glob("*")}
            known |= NAMED if node.module == "vae_core" else set()
            missing = {alias.name for alias in node.names} - known
            assert not missing, f"{name(path)} imports {missing} from {node.module}, where there is no such name"


ADDED_BY_TESTS = {"vae_core.data.bars", "dashboard.stub"}  # a data set and a page that exist while a test runs
TEXTS = [*MODULES, *SCREENS, *SCRIPTS, *sorted(p for p in (ROOT / "tests").rglob("*") if p.suffix in (".py", ".mjs"))]


def is_there(dotted: str) -> bool:
    """Whether a package, a module or a name in it is what its dots say."""
    if dotted.split(".")[1] in NAMED or dotted.split(".")[1].startswith("__"):
        return True
    place, parts = ROOT, dotted.split(".")
    while parts and (place / parts[0]).is_dir():
        place /= parts.pop(0)
    if not parts:
        return True
    if (package := place / "__init__.py").exists() and parts[0] in names_in(package):
        return True
    source = (place / parts[0]).with_suffix(".py")
    return source.exists() and (len(parts) == 1 or parts[1] in names_in(source) or parts[1].startswith("__"))


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_modules_that_strings_and_comments_name_are_there(path):
    """What no import statement tells: what another process runs, the snippet of a model card, a comment."""
    dotted = set(re.findall(r"(?<![\w/.-])(?:vae_core|dashboard)(?:\.[A-Za-z_]\w*)+", path.read_text("utf-8")))
    missing = [one for one in sorted(dotted - ADDED_BY_TESTS) if not is_there(one)]
    assert not missing, f"{name(path)} names {missing}: there is no such thing"


def test_the_tests_that_ci_names_are_there():
    named = re.findall(r"\btests/[\w/]+\.py", (ROOT / ".ci" / "run").read_text("utf-8"))
    assert not [one for one in named if not (ROOT / one).exists()]


@pytest.mark.parametrize("path", [*MODULES, *SCREENS], ids=name)
def test_a_module_has_what_is_asked_of_it(path):
    """`module.name`, also inside of a section whose failure the page would only say in a sentence."""
    tree, modules = ast.parse(path.read_text("utf-8")), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("vae_core", "dashboard"):
            for alias in node.names:
                place = ROOT.joinpath(*node.module.split("."), f"{alias.name}.py")
                if place.exists():
                    modules[alias.asname or alias.name] = import_module(f"{node.module}.{alias.name}")
    arguments = [
        one for node in ast.walk(tree) if isinstance(node, ast.arguments) for one in node.args + node.kwonlyargs
    ]
    own = {one.arg for one in arguments}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in modules.keys() - own
        ):
            asked = modules[node.value.id]
            assert hasattr(asked, node.attr), f"{name(path)}:{node.lineno} asks {asked.__name__} for {node.attr}"
