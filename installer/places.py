"""Where things are, and what the installer raises."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class InstallError(Exception):
    """Something that the user can mend: what happened, and what to do."""


def version() -> str:
    """The version of the Inlay in this folder."""
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "engine" / "inlay" / "__init__.py").read_text("utf-8"))
    assert found
    return found[1]


def bin_folder(venv: Path) -> Path:
    """Where a venv keeps its programs."""
    return venv / ("Scripts" if os.name == "nt" else "bin")


def program(venv: Path, name: str) -> Path:
    """A program in a venv."""
    return bin_folder(venv) / (f"{name}.exe" if os.name == "nt" else name)
