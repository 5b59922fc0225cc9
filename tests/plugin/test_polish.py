"""The whole panel, looked at in every language, size and theme: nothing cut, nothing nameless, Tab as one reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from inlay_krita.panel import Panel
from inlay_krita.panel.glancing import GLANCE_MS
from inlay_krita.panel.part import Card, ElidedLabel, IconButton
from inlay_krita.qt import QtCore, QtGui, QtWidgets

from tests.plugin.whole_panel import (
    cut_words,
    look,
    nameless,
    out_of_order,
    pages,
    palette,
    settle,
    whole_panel,
)

ROOT = Path(__file__).parents[2]
NOTHING = {"cut": [], "nameless": [], "order": []}
RIGHT_TO_LEFT = QtCore.Qt.LayoutDirection.RightToLeft


@pytest.fixture
def panel(application: QtWidgets.QApplication, tmp_path: Path) -> Iterator[Panel]:
    before, style = application.palette(), application.style().objectName()
    application.setStyle("fusion")
    application.setPalette(palette("dark"))
    made = whole_panel(tmp_path)
    made.resize(240, 900)
    made.show()
    settle()
    yield made
    made.close()
    made.session.works.clear()
    assert made.session.close()
    made.deleteLater()
    application.setPalette(before)
    application.setStyle(style)


def looked_at(*arguments: str, **environ: str) -> dict[str, list[str]]:
    """What a look at a panel in a program of its own finds."""
    command = [sys.executable, "-m", "tests.plugin.whole_panel", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("width", [240, 700])
def test_in_english(panel: Panel, width: int) -> None:
    panel.resize(width, 900)
    settle()
    assert look(panel) == NOTHING


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("scale", ["1", "1.25", "1.5", "2"])
def test_in_other_languages_at_every_scale(language: str, scale: str) -> None:
    assert looked_at(LANGUAGE=language, QT_SCALE_FACTOR=scale) == NOTHING


@pytest.mark.parametrize("arguments", [("--letters=14",), ("--width=700",)], ids=str)
def test_in_german_with_large_letters_and_much_room(arguments: tuple[str, ...]) -> None:
    assert looked_at(*arguments, LANGUAGE="de") == NOTHING


def test_such_a_look_sees_what_is_amiss(panel: Panel) -> None:
    panel.show_page("edit")
    settle()
    panel.edge.grow.setAccessibleName("")
    panel.extend.button.setFixedWidth(40)
    panel.extend.outcome.setFixedHeight(4)
    assert {"PushButton", "Words"} <= {told.split()[0] for told in cut_words(panel)}
    assert nameless(panel) == ["NumberBox inlay_grow"]
    panel.extend.button.move(0, -400)
    assert out_of_order(panel) == ["inlay_extend_model -> inlay_extend_button"]


def test_a_theme_that_changes_leaves_no_trace(
    panel: Panel, application: QtWidgets.QApplication, tmp_path: Path
) -> None:
    """A panel that has seen a dark theme looks as one that was made in the bright one, and back again."""
    dark = steady_shots(panel)
    application.setPalette(palette("bright"))
    settle()
    bright = shots(panel)
    fresh = whole_panel(tmp_path / "fresh")
    fresh.resize(panel.size())
    fresh.show()
    settle()
    made_bright = steady_shots(fresh)
    application.setPalette(palette("dark"))
    settle()
    again = shots(panel)
    fresh.close()
    fresh.session.works.clear()
    assert fresh.session.close()
    fresh.deleteLater()
    for name in dark:
        assert bright[name] != dark[name]
        assert bright[name] == made_bright[name], name
        assert again[name] == dark[name], name


def steady_shots(panel: Panel) -> dict[str, bytes]:
    """Of every page, once its pictures have been read and it has had time to look around."""
    last, deadline = shots(panel), time.monotonic() + 30
    while time.monotonic() < deadline:
        looked = time.monotonic() + 1.5 * GLANCE_MS / 1000
        while time.monotonic() < looked:
            settle()
            time.sleep(0.02)
        before, last = last, shots(panel)
        if last == before and panel.session.picturing.picture is not None:
            return last
    raise AssertionError("the panel does not come to rest")


def shots(panel: Panel) -> dict[str, bytes]:
    """Without the focus, which the window that came last has."""
    focused = QtWidgets.QApplication.focusWidget()
    if focused:
        focused.clearFocus()
    return {name: pixels(panel.grab().toImage()) for name in pages(panel)}


def pixels(shot: QtGui.QImage) -> bytes:
    plain = shot.convertToFormat(QtGui.QImage.Format.Format_RGB888)
    return bytes(plain.constBits())


def test_icons_are_sharp(application: QtWidgets.QApplication) -> None:
    """Drawn anew for a fine screen, not enlarged."""
    icon = IconButton("again", "Again").icon()
    fine = icon.pixmap(QtCore.QSize(16, 16), 2.0)
    assert (fine.width(), fine.height()) == (32, 32)
    enlarged = icon.pixmap(QtCore.QSize(16, 16), 1.0).scaled(fine.size())
    assert fine.toImage() != enlarged.toImage()


class TestRightToLeft:
    """Lines begin at the right; pictures stay as they are."""

    @pytest.fixture
    def mirrored(self, panel: Panel) -> Panel:
        panel.setLayoutDirection(RIGHT_TO_LEFT)
        panel.show_page("edit")
        settle()
        return panel

    def test_nothing_is_cut(self, mirrored: Panel) -> None:
        assert look(mirrored) == NOTHING

    def test_buttons_of_a_grid(self, mirrored: Panel) -> None:
        buttons = mirrored.background.buttons
        assert buttons["remove_background"].x() > buttons["background"].x()

    def test_sides_of_the_picture_are_where_they_are(self, mirrored: Panel) -> None:
        boxes = mirrored.extend.boxes
        assert boxes["left"].x() < boxes["top"].x() < boxes["right"].x()

    def test_a_card_has_its_bar_and_its_room_at_the_right(self, mirrored: Panel) -> None:
        card = next(card for card in mirrored.findChildren(Card) if card.isVisible())
        shot, middle = card.grab().toImage(), card.height() // 2
        assert shot.pixelColor(card.width() - 2, middle) != shot.pixelColor(1, middle)
        margins = card.box.contentsMargins()
        assert margins.right() > margins.left()

    def test_words_of_an_elided_label_end_at_the_left(self, application: QtWidgets.QApplication) -> None:
        label = ElidedLabel("\u0635\u0648\u0631\u0629")
        label.setLayoutDirection(RIGHT_TO_LEFT)
        label.resize(200, 20)
        shot = label.grab().toImage()
        inked = {x for x in range(200) for y in range(20) if shot.pixelColor(x, y) != shot.pixelColor(0, 0)}
        assert min(inked) > 100

    def test_arrows_point_along_the_line(self, application: QtWidgets.QApplication) -> None:
        before, after = IconButton("previous", "Before"), IconButton("next", "After")
        assert picture(before) != picture(after)
        before.setLayoutDirection(RIGHT_TO_LEFT)
        assert picture(before) == picture(after)

    def test_folds(self, mirrored: Panel) -> None:
        fold = mirrored.prompt.fold
        fold.setChecked(False)
        closed = fold.grab().toImage()
        mirrored.setLayoutDirection(QtCore.Qt.LayoutDirection.LeftToRight)
        settle()
        assert ink_of(closed)[0] > ink_of(fold.grab().toImage())[0]


def picture(button: IconButton) -> QtGui.QImage:
    return button.icon().pixmap(16, 16).toImage()


def ink_of(shot: QtGui.QImage) -> list[int]:
    """The columns that differ from the first one."""
    rows = range(shot.height())
    return [x for x in range(shot.width()) if any(shot.pixelColor(x, y) != shot.pixelColor(0, y) for y in rows)]
