"""The library alone, as pip builds it from vae_core/pyproject.toml: every module is in it, and no assets are needed."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import vae_core
from tests.server import ROOT

CORE = ROOT / "vae_core"
PROJECT = tomllib.loads((CORE / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The built wheel, unpacked."""
    made = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made)]
    subprocess.run(build, cwd=CORE, check=True, capture_output=True)
    (file,) = made.glob("*.whl")
    zipfile.ZipFile(file).extractall(made / "site")
    return made / "site"


def run(wheel: Path, cache: Path, *arguments: str) -> subprocess.CompletedProcess:
    env = os.environ | {"PYTHONPATH": str(wheel), "VAE_CACHE_DIR": str(cache)}
    env.pop("VAE_ASSETS", None)
    command = [sys.executable, "-m", "vae_core", *arguments]
    return subprocess.run(command, cwd=cache, env=env, capture_output=True, text=True, encoding="utf-8")


def test_the_wheel_has_every_module_and_nothing_else(wheel):
    there = {path.relative_to(wheel / "vae_core") for path in (wheel / "vae_core").rglob("*") if path.is_file()}
    assert there == {path.relative_to(CORE) for path in CORE.rglob("*.py")}
    (metadata,) = wheel.glob("*.dist-info/METADATA")
    assert f"\nVersion: {vae_core.__version__}\n" in metadata.read_text("utf-8")
    (entry,) = wheel.glob("*.dist-info/entry_points.txt")
    assert "vae-core = vae_core.__main__:main" in entry.read_text("utf-8")


def test_what_the_library_needs_is_what_the_dashboard_installs():
    ours = {line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()}
    assert set(PROJECT["dependencies"]) <= ours


def test_the_library_alone_trains_and_says_where_the_bundled_models_are(wheel, tmp_path):
    assert run(wheel, tmp_path, "--version").stdout == f"VAE Lab {vae_core.__version__}\n"
    listed = run(wheel, tmp_path, "list")
    assert (listed.returncode, "come with VAE Lab’s repository" in listed.stdout) == (0, True)
    family = run(wheel, tmp_path, "family")
    assert (family.returncode, "VAE_ASSETS" in family.stderr) == (2, True)
    done = run(wheel, tmp_path, "train", "--dataset", "toy", "--preset", "linear", "--steps", "20", "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert "toy" in run(wheel, tmp_path, "list").stdout


def test_with_a_clones_assets_the_bundled_models_are_there(wheel, tmp_path, monkeypatch):
    env = os.environ | {"PYTHONPATH": str(wheel), "VAE_ASSETS": str(ROOT / "assets"), "VAE_CACHE_DIR": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-m", "vae_core", "list"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert "mnist-2d" in told.stdout
