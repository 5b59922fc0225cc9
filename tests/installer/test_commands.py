"""The installer's own command line, with Pythons old and new."""

from __future__ import annotations

import ast
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import inlay
import pytest
import tomllib

from installer import commands, venvs
from installer.places import ROOT, InstallError, version

START = ROOT / "installer" / "__main__.py"


def run(*arguments: str, code: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """`python3 installer ...`, or `code` run with the start file at hand as `start`."""
    command = [sys.executable, *(("-c", code) if code else (str(START.parent),)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environ, cwd=ROOT)


def test_help_names_all_commands() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in ("demo", "test", "krita", "zip"):
        assert command in done.stdout


def test_start_file_is_readable_by_old_pythons() -> None:
    ast.parse(START.read_text("utf-8"), feature_version=(3, 4))


OLD_PYTHON = f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location("start", {str(START)!r})
start = importlib.util.module_from_spec(spec)
spec.loader.exec_module(start)
start.NEEDED = (99, 0)
sys.exit(start.start_newer())
"""


def test_old_python_is_told_what_to_install() -> None:
    done = run(code=OLD_PYTHON)
    assert done.returncode == 2
    assert "Inlay needs Python 99.0 or newer. This is Python 3." in done.stderr
    assert "install one" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for Python")
def test_old_python_finds_a_newer_one(tmp_path: Path) -> None:
    fake = tmp_path / "python3.15"
    fake.write_text('#!/bin/sh\n[ "$1" = -c ] && exit 0\necho started with "$2"\nexit 7\n')
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    done = run("zip", code=OLD_PYTHON, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert (done.returncode, done.stdout) == (7, "started with zip\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["demo", "--image", "a.png"], "--image and --mask belong together"),
        (["demo", "--image", "none.png", "--mask", "none.png"], "--image none.png does not exist: check the name"),
        (["krita", "--resources", "/nowhere"], "--resources /nowhere is no folder"),
    ],
)
def test_wrong_use_ends_with_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(arguments) == 2
    assert message in capsys.readouterr().err


def test_no_venv_module_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "ensurepip is not available")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(InstallError, match="apt install python3-venv"):
        venvs.make_venv(tmp_path / "venv")


def test_fingerprint_follows_the_kernels_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "engine" / "native").mkdir(parents=True)
    for name in ("pyproject.toml", "setup.py", "engine/native/fill.cpp"):
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(venvs, "ROOT", tmp_path)
    before = venvs.fingerprint()
    assert venvs.fingerprint() == before
    (tmp_path / "engine/native/fill.cpp").write_text("two")
    assert venvs.fingerprint() != before


def test_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == version() == inlay.__version__


def test_no_dependency_is_unused() -> None:
    """A dependency that nothing imports is a download that nobody needs."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[>=<]", requirement)[0] for requirement in needed} - {"pyvips-binary"}
    names = {"cv2" if name == "opencv-python-headless" else name for name in names}
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "engine" / "inlay").rglob("*.py"))
    assert [name for name in names if not re.search(rf"\b(import|from) {name}\b", source)] == []
