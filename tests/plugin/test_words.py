"""No word that a person sees is left out of the catalogues."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import inlay_krita
import pytest

PLUGIN = Path(inlay_krita.__file__).parent
WINDOW = PLUGIN.parent.parent / "engine" / "inlay" / "panel"
ENGLISH_FILES = {"qt.py", "folders.py", "reporting.py"}  # names alone; a report is read by whoever mends Inlay
SOURCES = sorted(path for path in [*PLUGIN.rglob("*.py"), *WINDOW.rglob("*.py")] if path.name not in ENGLISH_FILES)
SENTENCE = re.compile(r"[A-Za-z']{2,}[,.:;]? [A-Za-z(]|^[A-Z][a-z]+")
PLAIN = re.compile(r"Inlay(: .*|)|(Ctrl|Alt|Shift)\+.*|[A-Z][\w-]+-[A-Z][\w-]+", re.DOTALL)  # layers, keys, headers
ENGLISH = {  # compared, kept or read by programs; what is shown of it goes through `tr` or `translated` where it is
    "canvas.py": {"Inlay's own window {}", "Krita {}"},
    "client.py": {"The edit failed.", "Authorization", "Bearer {}"},
    "contract.py": {"New", "Add", "Subtract", "Intersect"},
    "errand.py": {"Working…"},
    "extension.py": {"DockPosition"},
    "install_card.py": {"Apache-2.0"},
    "launcher.py": {"Error: "},
    "layers.py": {"<?xml version"},
    "recipes.py": {"tuple[tuple[int, float], ...]", "Result"},
    "remote.py": {"Authorization", "Bearer {}"},
    "state.py": {"Remove"},
    "styles.py": {"Cc", "Cs", "Co", "Cn"},
    "surface.py": {"KisOpenGLCanvas2", "KisQPainterCanvas"},
}
NOT_SEEN = {"tr", "trn", "later", "AssertionError", "compile", "getLogger", "namedtuple", "TypeVar"}
LOGGING = {"log", "_log", "logging"}


def unwrapped(tree: ast.AST) -> Iterator[str]:
    """Literals that read like words for people, outside of docstrings, of the log and of `tr`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            continue
        if isinstance(node, ast.Call) and _is_for_nobody(node):
            continue
        if isinstance(node, (ast.Constant, ast.JoinedStr)):
            said = _said(node)
            if SENTENCE.search(said) and not PLAIN.fullmatch(said):
                yield said
            yield from (each for part in ast.iter_child_nodes(node) for each in unwrapped(part))
            continue
        yield from unwrapped(node)


def _is_for_nobody(call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr in NOT_SEEN or (isinstance(function.value, ast.Name) and function.value.id in LOGGING)
    return isinstance(function, ast.Name) and function.id in NOT_SEEN


def _said(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(_said(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_word_goes_through_tr(source: Path) -> None:
    found = set(unwrapped(ast.parse(source.read_text("utf-8"))))
    known = tuple(ENGLISH.get(source.name, ()))
    assert [said for said in found if not said.startswith(known or ("\0",))] == []


def test_words_are_seen() -> None:
    tree = ast.parse("""label.setText("Nothing is selected")
button.setText(f"{count} of them")
Notice(f"{tr('Known')} {'Unknown' if x else ''}")
log.info("Not for people")
NAME = "inlay_button"
""")
    assert list(unwrapped(tree)) == ["Nothing is selected", "{} of them", "Unknown"]
