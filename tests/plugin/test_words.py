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
SOURCES = sorted([*PLUGIN.rglob("*.py"), *WINDOW.rglob("*.py")])
SENTENCE = re.compile(r"[A-Za-z']{2,}[,.:;]? [A-Za-z(]|^[A-Z][a-z]+")
NOT_SEEN = {"tr", "trn", "later", "AssertionError", "compile", "getLogger", "namedtuple", "TypeVar"}
LOGGING = {"log", "_log", "logging"}


def unwrapped(tree: ast.AST) -> Iterator[str]:
    """Literals that read like words for people, outside of docstrings, of the log and of `tr`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        if isinstance(node, ast.Call) and _is_for_nobody(node):
            continue
        if isinstance(node, (ast.Constant, ast.JoinedStr)):
            said = _said(node)
            if SENTENCE.search(said):
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
    assert found - set(KEPT_IN_ENGLISH.get(source.name, ())) == set()


KEPT_IN_ENGLISH: dict[str, tuple[str, ...]] = {}
