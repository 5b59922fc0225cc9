"""Which language the panel speaks, and how it writes numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from inlay_krita.qt import QtCore
from inlay_krita.translation import direction, languages, local_moment, local_time, numeral, tr, trn

ROOT = Path(__file__).parents[2]
SPOKEN = """
import json
from inlay_krita.qt import QtCore
from inlay_krita.translation import direction, numeral, tr, trn
MORE = ("And {count} more.", "And {count} more.")
print(json.dumps([
    tr("Remove"), tr("No such text"), tr(""), numeral(1234.5, 1), [trn(*MORE, count) for count in (1, 2, 5)],
    direction() == QtCore.Qt.LayoutDirection.RightToLeft,
]))
"""


@pytest.mark.parametrize(
    ("wished", "expected"),
    [
        (["de-Latn-DE", "de-DE", "de"], ["de_Latn_DE", "de_DE", "de"]),
        (["fr", "de-AT"], ["fr", "de_AT"]),
        (["fr", "en-GB", "de"], ["fr"]),
        (["en-US", "en", "de-DE"], []),
        ([], []),
    ],
)
def test_no_language_is_taken_that_comes_after_english(wished: list[str], expected: list[str]) -> None:
    assert languages(wished) == expected


def spoken(**environ: str) -> list[object]:
    """What a program in another language says."""
    done = subprocess.run(
        [sys.executable, "-c", SPOKEN], cwd=ROOT, env=os.environ | environ, capture_output=True, check=True
    )
    told: list[object] = json.loads(done.stdout)
    return told


def test_german() -> None:
    told = spoken(LANGUAGE="de", LC_ALL="de_DE.UTF-8")
    assert told == ["Entfernen", "No such text", "", "1234,5", ["Und noch {count}."] * 3, False]


def test_arabic() -> None:
    removed, *_, number, forms, is_right_to_left = spoken(LANGUAGE="ar", LC_ALL="ar_EG.UTF-8")
    assert removed == "\u0625\u0632\u0627\u0644\u0629"
    assert number == "\u0661\u0662\u0663\u0664\u066b\u0665"
    assert len(set(forms)) == 3  # type: ignore[call-overload]
    assert is_right_to_left


@pytest.mark.parametrize("language", ["en", "fr", "en:de", "xx"])
def test_english_where_there_is_nothing_better(language: str) -> None:
    assert spoken(LANGUAGE=language, LC_ALL="en_US.UTF-8")[:2] == ["Remove", "No such text"]


def test_english_here() -> None:
    assert (tr("Remove"), trn("{count} edit", "{count} edits", 2)) == ("Remove", "{count} edits")
    assert direction() == QtCore.Qt.LayoutDirection.LeftToRight


def test_numbers_and_times_are_those_of_the_country() -> None:
    before = QtCore.QLocale()
    try:
        QtCore.QLocale.setDefault(QtCore.QLocale("de_DE"))
        assert (numeral(1234567), numeral(0.25, 2)) == ("1234567", "0,25")
        assert local_time(14, 5) == "14:05"
        assert local_moment(datetime(2026, 11, 21, 14, 5)) == "21.11.26 14:05"
    finally:
        QtCore.QLocale.setDefault(before)
