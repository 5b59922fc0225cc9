"""What the tests need from Debian's packages, Krita above all. As root."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from installer.places import InstallError

PACKAGES = (
    "g++ python3-venv "  # the kernel, and the venv
    "libdbus-1-3 libegl1 libfontconfig1 libgl1 libglib2.0-0 libxkbcommon0"  # PySide6, offscreen
)
NEWEST = "experimental"
"""The release that Debian keeps Krita 6 in; this system's own release has an older one."""


def prepare(root: Path) -> dict[str, str]:
    """Install packages, Krita and a second, newest Krita. Gives the variables that make a skipped Krita test fail."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise InstallError("--krita installs Debian packages: run it as root on Debian, or leave --krita out.")
    bench = root / "tests" / "krita"
    tree = Path("/opt/krita-6.0")
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES.split())
    run("bash", str(bench / "install.sh"))
    if not (tree / "usr" / "bin" / "krita").is_file():
        run("bash", str(bench / "chroot.sh"), "make", NEWEST, str(tree))
    return {"INLAY_REQUIRE_KRITA": "1", "INLAY_KRITA_TREES": str(tree)}


def run(*command: str) -> None:
    """Run a command quietly. Raises InstallError with what it said if it fails."""
    print("+", *command[:6], flush=True)
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise InstallError(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")
