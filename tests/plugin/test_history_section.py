"""The History section: what it lists, what each row does, and that it fits."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from inlay.panel.window import Window
from inlay_krita.history import FILLED, KEPT_AGAIN, LAYER_GONE
from inlay_krita.launcher import Launcher
from inlay_krita.logbook import RECIPES
from inlay_krita.panel import Panel
from inlay_krita.panel.history_section import FIRST_SHOWN, MORE_SHOWN, RunRow, Thumbnail
from inlay_krita.qt import QtCore, QtWidgets
from inlay_krita.session import Session

from tests.plugin.conftest import MemoryDocument, Wait
from tests.plugin.test_history import told
from tests.plugin.test_panel import find, panel
from tests.plugin.test_standalone import photo, stroke

__all__ = ["panel"]


def rows(panel: Panel) -> list[RunRow]:
    QtWidgets.QApplication.processEvents()  # Qt shows them then
    return [row for row in panel.findChildren(RunRow, "inlay_result") if row.isVisibleTo(panel.history)]


def choose(row: RunRow, name: str) -> None:
    """Choose from a row's menu."""
    (action,) = [action for action in row.menu.actions() if action.objectName() == f"inlay_history_{name}"]
    action.trigger()


def run(panel: Panel, wait: Wait) -> RunRow:
    panel.session.remove()
    wait(lambda: not panel.session.works)
    return rows(panel)[0]


def test_a_run_is_listed_with_its_picture(panel: Panel, document: MemoryDocument, wait: Wait) -> None:
    assert panel.history.empty.isVisibleTo(panel.history)
    row = run(panel, wait)
    assert not panel.history.empty.isVisibleTo(panel.history)
    picture = row.findChild(Thumbnail)
    assert picture.has_picture
    assert picture.accessibleName() == "Show its layer: Remove 60 \u00d7 40 px"
    assert not panel.grab().toImage().isNull()


def test_the_menu_does_what_it_says(panel: Panel, document: MemoryDocument, wait: Wait) -> None:
    row, said = run(panel, wait), find(panel, "inlay_history_said")
    document.active_layer = "another"
    choose(row, "show")
    assert document.active_layer == "layer 1"
    choose(row, "keep")
    wait(lambda: not panel.session.works)
    assert said.text() == KEPT_AGAIN
    assert len(rows(panel)) == 1
    choose(rows(panel)[0], "again")
    wait(lambda: not panel.session.works)
    assert len(rows(panel)) == 2
    find(panel, "inlay_grow").setValue(9)
    choose(rows(panel)[0], "change")
    assert find(panel, "inlay_grow").value() == 0
    assert said.text() == FILLED
    choose(rows(panel)[0], "copy")
    command = QtWidgets.QApplication.clipboard().text()
    assert shlex.split(command)[:5] == ["inlay", "remove", "photo.png", "--box", "100,80,60,40"]
    assert panel.session.notices == []


def test_the_thumbnail_shows_the_layer_or_says_that_it_is_gone(
    panel: Panel, document: MemoryDocument, wait: Wait
) -> None:
    picture = run(panel, wait).findChild(Thumbnail)
    document.active_layer = "another"
    picture.click()
    assert document.active_layer == "layer 1"
    document.layers.clear()
    picture.click()
    assert find(panel, "inlay_history_said").text() == LAYER_GONE


def test_the_active_layer_knows_its_run(panel: Panel, document: MemoryDocument, wait: Wait) -> None:
    card = find(panel, "inlay_layer_card")
    run(panel, wait)
    assert card.isVisible()
    document.active_layer = "another"
    panel._glance()
    assert not card.isVisible()
    document.active_layer = "layer 1"
    panel._glance()
    assert card.isVisible()
    find(panel, "inlay_layer_again_button").click()
    wait(lambda: not panel.session.works)
    assert len(document.placements) == 2
    find(panel, "inlay_feather").setValue(5)
    find(panel, "inlay_layer_change_button").click()
    assert find(panel, "inlay_feather").value() == 0


def test_a_prompt_goes_back_into_its_fields(panel: Panel, document: MemoryDocument) -> None:
    made = told("restyle", prompt="a barn", negative_prompt="people", strength=0.4, source_prompt="a field")
    document.annotations[RECIPES] = json.dumps([made.recipe]).encode()
    find(panel, "inlay_prompt").setPlainText("typed")
    panel.session.refresh()
    choose(rows(panel)[0], "change")
    for name, text in (("prompt", "a barn"), ("negative_prompt", "people"), ("source_prompt", "a field")):
        assert find(panel, f"inlay_{name}").toPlainText() == text
    assert find(panel, "inlay_strength").value() == 40
    assert panel.session.prompt_settings.strength_percent == 40
    find(panel, "inlay_prompt").undo()
    assert find(panel, "inlay_prompt").toPlainText() == "typed"


def test_older_ones_are_shown_when_asked_for(panel: Panel, document: MemoryDocument) -> None:
    document.annotations[RECIPES] = json.dumps([told("remove").recipe] * 40).encode()
    panel.session.refresh()
    older = find(panel, "inlay_history_older_button")
    assert (len(rows(panel)), older.text()) == (FIRST_SHOWN, "Show 20 of 32 older")
    older.click()
    assert (len(rows(panel)), older.text()) == (FIRST_SHOWN + MORE_SHOWN, "Show 12 older")
    older.click()
    assert (len(rows(panel)), older.isVisible()) == (40, False)


def test_what_cannot_be_read_is_told(panel: Panel, document: MemoryDocument) -> None:
    document.annotations[RECIPES] = b"{"
    panel.session.refresh()
    assert "is damaged. It stays as it is" in find(panel, "inlay_history_problem").text()
    assert rows(panel) == []
    document.annotations[RECIPES] = json.dumps([{}, {"edit": 3, "title": 4, "made": [], "plan": 5}]).encode()
    panel.session.refresh()
    assert len(rows(panel)) == 2
    assert not find(panel, "inlay_history_problem").isVisible()


@pytest.mark.parametrize("width", [200, 240])
def test_it_fits_a_narrow_docker(
    panel: Panel, document: MemoryDocument, wait: Wait, application: QtWidgets.QApplication, width: int
) -> None:
    run(panel, wait)
    panel.session.history.command(panel.session.history.runs()[0])
    panel.resize(width, 900)
    application.processEvents()
    for widget in panel.history.findChildren(QtWidgets.QWidget):
        if widget.isVisible():
            right = widget.mapTo(panel, QtCore.QPoint(widget.width(), 0)).x()
            assert right <= width, widget.objectName() or type(widget).__name__
    for button in panel.history.findChildren(QtWidgets.QAbstractButton):
        assert button.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus
        assert button.accessibleName() or button.text(), button.objectName()


@pytest.fixture
def window(shared_launcher: Launcher, application: QtWidgets.QApplication) -> Iterator[Window]:
    made = Window(shared_launcher)
    made.show()
    yield made
    if made.canvas.opened:
        made.canvas.opened.is_saved = True
    made.close()
    made.deleteLater()


def test_a_file_has_the_same_list_while_it_is_open(window: Window, tmp_path: Path, wait: Wait) -> None:
    window.open(photo(tmp_path / "photo.png"))
    stroke(window, (60, 50), (90, 60))
    session: Session = window.session
    session.remove()
    wait(lambda: not session.works)
    (row,) = rows(window.panel)
    assert row.findChild(Thumbnail).has_picture
    assert row.menu.actions()[0].objectName() == "inlay_history_keep"
    window.undo_action.trigger()
    window.view.selection.clear()
    choose(row, "keep")
    wait(lambda: not session.works)
    assert window.canvas.opened
    assert (len(window.canvas.opened.version.layers), session.history.said) == (2, KEPT_AGAIN)
    assert session.notices == []
    choose(rows(window.panel)[0], "change")
    wait(lambda: window.view.selection.mask.any())
    window.open(photo(tmp_path / "other.png"))
    assert rows(window.panel) == []
