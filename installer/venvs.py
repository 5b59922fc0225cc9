"""Virtual environments: made whole, and filled with Inlay."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from installer.compilers import build_environment, has_compiler
from installer.places import ROOT, InstallError, program

STAMP = "inlay-installed"
NOT_COPIED = shutil.ignore_patterns(
    ".*", "build", "dist", "demo", "*.egg-info", "__pycache__", "*.so", "*.pyd", "*.dylib"
)


def make_venv(folder: Path) -> None:
    """A venv with pip in it; one that is there already and works is kept."""
    if works(folder):
        return
    if folder.exists():
        shutil.rmtree(folder)
    done = subprocess.run([sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    if "ensurepip" in done.stdout + done.stderr:
        raise InstallError(
            "this Python cannot make virtual environments: as root, apt install python3-venv, then again."
        )
    raise InstallError(f"no virtual environment could be made in {folder}:\n{done.stdout}{done.stderr}")


def works(folder: Path) -> bool:
    """Whether the venv's Python starts and has pip: it may be a copy, or its base may be gone."""
    python = program(folder, "python")
    check = [str(python), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return python.is_file() and subprocess.run(check, capture_output=True, check=False).returncode == 0


def install_editable(folder: Path, extra: str) -> None:
    """Install this folder's Inlay into a venv, so that changed code is used at once; quick if nothing else changed.

    Where there is no compiler the portable fill will do here.
    """
    stamp, wanted = folder / f"{STAMP}-{extra}", fingerprint()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    print(f"Installing Inlay into {folder} (about a minute) ...", flush=True)
    install(folder, dict(os.environ), "--editable", f"{ROOT}[{extra}]")
    stamp.write_text(wanted, "utf-8")


def install_copy(folder: Path, extra: str = "") -> None:
    """Install Inlay into a venv so that it stays when this folder goes; extra: of pyproject.toml, such as "models".

    It is built from a clean copy: what an earlier build left behind would go into the wheel. This one is worked with
    daily: where there is no compiler, one is fetched for the build.
    """
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "inlay"
        shutil.copytree(ROOT, source, ignore=NOT_COPIED)
        with build_environment(program(folder, "python")) as environ:
            install(folder, environ, f"{source}[{extra}]" if extra else str(source))


def fingerprint() -> str:
    """What decides whether an editable install must be made again: dependencies, the kernel's source, a compiler."""
    digest = hashlib.sha256(b"compiler" if has_compiler() else b"none")
    native = sorted((ROOT / "engine" / "native").glob("*"))
    for path in [ROOT / "pyproject.toml", ROOT / "setup.py", *native]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def install(folder: Path, environ: dict[str, str], *what: str) -> None:
    """Have the venv's pip build and install Inlay. Raises InstallError with what it said."""
    python = str(program(folder, "python"))
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *what]
    done = subprocess.run(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise InstallError(f"pip failed; is the network there?\n{done.stdout.strip()}")
