"""Earlier prompts: kept, bounded, and walked by arrow keys."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from inlay_krita.launcher import Launcher
from inlay_krita.panel.prompt_edit import FORGET, PromptEdit
from inlay_krita.prompt_history import LONGEST, MOST, PromptHistory, Recall
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session

from tests.plugin.conftest import MemoryCanvas

UP, DOWN = QtCore.Qt.Key.Key_Up, QtCore.Qt.Key.Key_Down


@pytest.fixture
def history(tmp_path: Path) -> PromptHistory:
    return PromptHistory(tmp_path / "data" / "prompts.json")


def test_the_newest_is_first_and_one_that_comes_again_moves_up(history: PromptHistory) -> None:
    for prompt in ("a barn", "a boat", " a barn ", "", "  "):
        history.add(prompt)
    assert history.prompts == ["a barn", "a boat"]


def test_they_are_kept_for_the_next_start(history: PromptHistory, tmp_path: Path) -> None:
    history.add("a barn\nin the sun")
    path = tmp_path / "data" / "prompts.json"
    assert PromptHistory(path).prompts == ["a barn\nin the sun"]
    assert [each.name for each in path.parent.iterdir()] == ["prompts.json"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    history.forget()
    assert PromptHistory(path).prompts == []


def test_two_kritas_share_them(history: PromptHistory, tmp_path: Path) -> None:
    other = PromptHistory(tmp_path / "data" / "prompts.json")
    history.add("a barn")
    other.add("a boat")
    history.add("a cat")
    assert history.prompts == ["a cat", "a boat", "a barn"]


def test_there_is_an_end_to_them(history: PromptHistory) -> None:
    for number in range(MOST + 5):
        history.add(f"barn {number}")
    history.add("x" * (LONGEST + 1))
    assert len(history.prompts) == MOST
    assert history.prompts[0] == f"barn {MOST + 4}"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"prompts": 3}', '{"prompts": [1, ""]}', "[" * 100000])
def test_a_damaged_file_is_no_history(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prompts.json"
    path.write_text(text, "utf-8")
    history = PromptHistory(path)
    assert history.prompts == []
    history.add("a barn")
    assert json.loads(path.read_text("utf-8"))["prompts"] == ["a barn"]


def test_a_disk_that_takes_nothing_leaves_them_until_the_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").write_text("in the way", "utf-8")
    history = PromptHistory(tmp_path / "data" / "prompts.json")
    history.add("a barn")
    history.add("a boat")
    assert history.prompts == ["a boat", "a barn"]
    assert "was not written" in caplog.text


def test_a_walk_goes_back_to_what_was_typed(history: PromptHistory) -> None:
    history.add("a barn")
    history.add("a boat")
    recall = Recall(history)
    assert recall.later("dra") is None
    assert recall.earlier("dra") == "a boat"
    assert recall.earlier("a boat") == "a barn"
    assert recall.earlier("a barn") is None
    assert recall.later("a barn") == "a boat"
    assert recall.later("a boat") == "dra"
    assert recall.later("dra") is None


def test_what_was_recalled_and_changed_is_a_new_beginning(history: PromptHistory) -> None:
    history.add("a barn")
    history.add("a boat")
    recall = Recall(history)
    assert recall.earlier("") == "a boat"
    assert recall.later("a boat with sails") is None
    assert recall.earlier("a boat with sails") == "a boat"
    assert recall.later("a boat") == "a boat with sails"


@pytest.fixture
def edit(shared_launcher: Launcher, tmp_path: Path, application: QtWidgets.QApplication) -> Iterator[PromptEdit]:
    session = Session(MemoryCanvas(), shared_launcher)
    session.prompts = PromptHistory(tmp_path / "prompts.json")
    session.prompts.add("a barn")
    session.prompts.add("a boat\non a lake")
    made = PromptEdit(session, "prompt")
    made.resize(200, made.height())
    made.show()
    application.processEvents()
    yield made
    made.close()
    made.deleteLater()
    session.close()


def press(edit: QtWidgets.QWidget, key: QtCore.Qt.Key) -> None:
    event = QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, key, QtCore.Qt.KeyboardModifier.NoModifier)
    QtWidgets.QApplication.sendEvent(edit, event)


def test_arrows_at_the_edges_walk_and_elsewhere_move(edit: PromptEdit) -> None:
    edit.setPlainText("one\ntwo")
    edit.moveCursor(QtGui.QTextCursor.MoveOperation.End)
    press(edit, UP)
    assert edit.toPlainText() == "one\ntwo"
    press(edit, UP)
    assert edit.toPlainText() == "a boat\non a lake"
    press(edit, UP)
    assert edit.toPlainText() == "a boat\non a lake"
    press(edit, UP)
    assert edit.toPlainText() == "a barn"
    press(edit, UP)
    assert edit.toPlainText() == "a barn"
    press(edit, DOWN)
    assert edit.toPlainText() == "a boat\non a lake"
    press(edit, DOWN)
    assert edit.toPlainText() == "one\ntwo"
    press(edit, DOWN)
    assert edit.toPlainText() == "one\ntwo"


def test_a_recalled_prompt_can_be_undone(edit: PromptEdit) -> None:
    edit.insertPlainText("half a thou")
    press(edit, UP)
    edit.undo()
    assert edit.toPlainText() == "half a thou"


def test_with_shift_the_arrows_select(edit: PromptEdit) -> None:
    edit.setPlainText("one")
    event = QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, UP, QtCore.Qt.KeyboardModifier.ShiftModifier)
    QtWidgets.QApplication.sendEvent(edit, event)
    assert edit.toPlainText() == "one"


def test_they_can_be_forgotten(edit: PromptEdit) -> None:
    (forget,) = [action for action in edit.menu().actions() if action.text() == FORGET]
    assert forget.isEnabled()
    forget.trigger()
    press(edit, UP)
    assert edit.toPlainText() == ""
    assert not edit.menu().actions()[-1].isEnabled()
