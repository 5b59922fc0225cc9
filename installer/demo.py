"""`python3 installer demo`: from nothing to a repainted photograph."""

from __future__ import annotations

import subprocess
from pathlib import Path

from installer.places import ROOT, InstallError, program
from installer.venvs import install_editable, make_venv


def demo(image: Path | None, mask: Path | None, out: Path | None) -> int:
    """Install, then run `installer.demonstration` in the venv. Gives its exit status."""
    if (image is None) != (mask is None):
        raise InstallError("--image and --mask belong together: give both, or neither.")
    for option, path in (("--image", image), ("--mask", mask)):
        if path is not None and not path.is_file():
            raise InstallError(f"{option} {path} does not exist: check the name.")
    venv = ROOT / ".venv"
    make_venv(venv)
    install_editable(venv, "demo")
    command = [str(program(venv, "python")), "-m", "installer.demonstration", str((out or ROOT / "demo").resolve())]
    command += [str(path.resolve()) for path in (image, mask) if path is not None]
    return subprocess.run(command, cwd=ROOT, check=False).returncode
