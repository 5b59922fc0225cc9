"""What the plugin may be made of: Python 3.10, the standard library, and Qt through one door."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import inlay_krita
import pytest

PLUGIN = Path(inlay_krita.__file__).parent
SOURCES = sorted(PLUGIN.rglob("*.py"))
KRITA = {"krita", "pykrita"}
BINDINGS = {"PyQt5", "PyQt6", "PySide6"}


def imported(source: Path) -> set[str]:
    """The top-level packages that a file imports."""
    tree = ast.parse(source.read_text("utf-8"), feature_version=(3, 10))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 0}
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(PLUGIN)))
def test_imports(source: Path) -> None:
    allowed = set(sys.stdlib_module_names) | KRITA | (BINDINGS if source.name == "qt.py" else set())
    assert imported(source) <= allowed


def test_only_krita_files_know_krita() -> None:
    assert {source.name for source in SOURCES if imported(source) & KRITA} == {
        "canvas.py",
        "cutting.py",
        "extension.py",
        "layers.py",
        "qt.py",
        "selections.py",
        "surface.py",
    }


def test_icons_come_in_pairs() -> None:
    icons = {path.stem for path in (PLUGIN / "icons").glob("*.svg")}
    assert icons
    assert {f"{name.rpartition('-')[0]}-{kind}" for name in icons for kind in ("dark", "light")} == icons
