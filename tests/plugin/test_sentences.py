"""English sentences that come from elsewhere, in the painter's language."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import inlay
import pytest
from inlay_krita import sentences, translation
from inlay_krita.sentences import ENGINE, translated
from inlay_krita.shapes import TIMES
from inlay_krita.state import title_of
from inlay_krita.wire import Box, CanvasInfo, ExtendEdit, RemoveEdit, ReplaceEdit

SOURCES = sorted(Path(inlay.__file__).parent.rglob("*.py"))
SIZE = f"240 {TIMES} 180 px"
VALUE = "\N{WHITE SQUARE}"
MADE_FROM_PARTS = {  # in the engine's source, by more than one literal
    "Mask: the selection",
    "Mask: the selection, or else the whole picture",
    "Reads: a layer and what lies below it",
    "Reads: a layer alone; what is transparent in it stays so",
    "The picture's {side} is {size} px, and Inlay works up to {most} px.",
}


class German(gettext.NullTranslations):
    """A catalogue of three sentences."""

    SAID = {  # noqa: RUF012 - not changed
        "Remove {size}": "{size} entfernen",
        "Replace: {prompt}": "Ersetzen: {prompt}",
        "Select something first.": "Wähle zuerst etwas aus.",
    }

    def gettext(self, message: str) -> str:
        return self.SAID.get(message, message)


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(translation, "_catalogue", German)
    sentences._patterns.cache_clear()
    yield
    sentences._patterns.cache_clear()


def spoken(tree: ast.AST) -> Iterator[str]:
    """The tree's literals, a square for each value in them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)


def test_the_engine_says_each_of_them() -> None:
    """A sentence that the engine has changed would be shown in English without anybody noticing."""
    said = {text[:1].upper() + text[1:] for path in SOURCES for text in spoken(ast.parse(path.read_text("utf-8")))}
    wanted = {re.sub(r"\{\w+\}", VALUE, template) for template in set(ENGINE) - MADE_FROM_PARTS}
    assert wanted - said == set()


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("english", "expected"),
    [
        (f"Remove {SIZE}", f"{SIZE} entfernen"),
        ("Replace: two {odd} cats: Remove 3", "Ersetzen: two {odd} cats: Remove 3"),
        ("Select something first.", "Wähle zuerst etwas aus."),
        ("Nobody has translated this.", "Nobody has translated this."),
        ("", ""),
    ],
)
def test_known_sentences_are_translated(english: str, expected: str) -> None:
    assert translated(english) == expected


@pytest.mark.usefixtures("german")
def test_titles_are_kept_in_english() -> None:
    canvas, box = CanvasInfo(200, 100, "RGBA", "U8"), Box(0, 0, 40, 30)
    assert title_of(RemoveEdit(), canvas, box) == f"Remove 40 {TIMES} 30 px"
    assert title_of(ReplaceEdit(prompt="a cat"), canvas, box) == "Replace: a cat"
    assert title_of(ExtendEdit(left_px=20), canvas, None) == f"Extend to 220 {TIMES} 100 px"


def test_english_stays_english() -> None:
    assert translated(f"Remove {SIZE}") == f"Remove {SIZE}"
