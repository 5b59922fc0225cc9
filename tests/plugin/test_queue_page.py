"""The queue's page: what it says, and its buttons, keys and mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from inlay_krita.panel import Panel
from inlay_krita.panel.turn_row import TurnRow
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.state import Work
from inlay_krita.waitlist import Waitlist
from inlay_krita.wire import Turn

from tests.plugin.conftest import Wait
from tests.plugin.test_panel import average_ink, find, palette, panel, words

__all__ = ["panel"]
ALT, NO_KEY = QtCore.Qt.KeyboardModifier.AltModifier, QtCore.Qt.KeyboardModifier.NoModifier
LEFT = QtCore.Qt.MouseButton.LeftButton
Asked = list[tuple[Any, ...]]


class Telling:
    """Stands for the engine: notes what it is asked for."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def move(self, job: str, before: str | None) -> None:
        self._asked.append(("move", job, before))

    def cancel(self, job: str) -> None:
        self._asked.append(("cancel", job))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the engine is asked for; it answers nothing."""
    told: Asked = []

    def ask(_: Waitlist, call: Callable[[Telling], None]) -> None:
        call(Telling(told))

    monkeypatch.setattr(Waitlist, "_ask", ask)
    monkeypatch.setattr(Waitlist, "look", lambda _: None)
    return told


def turn(name: str, position: int, seconds_left: float | None = None, **more: Any) -> Turn:
    state = "queued" if position else "running"
    return Turn(
        name, f"Remove {name}", "remove", state, position, more.get("progress", 0.0), "step 3 of 20", seconds_left
    )


@pytest.fixture
def full(panel: Panel, asked: Asked, application: QtWidgets.QApplication) -> Iterator[Panel]:
    """Four edits: ours runs, then two of another panel and one of ours."""
    session = panel.session
    for job, name in (("a", "barn.kra"), ("d", "sea.kra")):
        work = Work(f"Remove {job}", name, fraction=0.4 if job == "a" else None)
        work.errand = SimpleNamespace(job_id=job, cancel=lambda: None)  # type: ignore[assignment]
        session.works.append(work)
    session.waitlist._turns = [turn("a", 0, 12), turn("b", 1, 40), turn("c", 2, 70), turn("d", 3, 110)]
    panel.show_page("queue")
    session.changed.emit()
    application.processEvents()
    yield panel
    session.works.clear()


def rows(panel: Panel) -> list[TurnRow]:
    found = [row for row in panel.queue.turns.findChildren(TurnRow) if not row.isHidden()]
    return sorted(found, key=TurnRow.y)


def row(panel: Panel, title: str) -> TurnRow:
    return next(row for row in rows(panel) if row.title.text() == title)


def facts(panel: Panel) -> list[str]:
    return [row.facts.text().replace("\u200b", "") for row in rows(panel)]


def press(widget: QtWidgets.QWidget, key: QtCore.Qt.Key, modifiers: QtCore.Qt.KeyboardModifier = NO_KEY) -> None:
    QtWidgets.QApplication.sendEvent(widget, QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, key, modifiers))


def drag(row: TurnRow, y: int) -> None:
    """From the row's title to a height in the list."""
    start = QtCore.QPointF(8, 8)
    end = QtCore.QPointF(8, row.mapFromParent(QtCore.QPoint(0, y)).y())
    kinds = QtCore.QEvent.Type
    for kind, at in ((kinds.MouseButtonPress, start), (kinds.MouseMove, end), (kinds.MouseButtonRelease, end)):
        whole = QtCore.QPointF(row.mapToGlobal(at.toPoint()))
        QtWidgets.QApplication.sendEvent(row, QtGui.QMouseEvent(kind, at, whole, LEFT, LEFT, NO_KEY))


def test_an_empty_queue_says_what_belongs_here(panel: Panel, asked: Asked) -> None:
    panel.show_page("queue")
    assert any(text.startswith("Nothing is under way.") for text in words(panel))
    assert not panel.queue.cancel_all.isVisible()


def test_every_edit_is_told_in_its_order(full: Panel) -> None:
    assert [row.title.text() for row in rows(full)] == ["Remove a", "Remove b", "Remove c", "Remove d"]
    assert facts(full) == [
        "barn.kra \u00b7 Step 3 of 20 \u00b7 about 10 s left",
        "Another panel \u00b7 next \u00b7 about 40 s left",
        "Another panel \u00b7 waiting \u00b7 about 1 min left",
        "sea.kra \u00b7 waiting \u00b7 about 2 min left",
    ]
    assert full.queue.summary.text() == "4 edits \u00b7 about 2 min left"
    assert [row.bar.isVisible() for row in rows(full)] == [True, False, False, False]


def test_an_edit_without_a_label_is_not_named(full: Panel) -> None:
    waitlist = full.session.waitlist
    waitlist._turns = [Turn("x", "", "replace", "queued", 1, 0.0, "", None)]
    waitlist.changed.emit()
    assert row(full, "An edit").facts.text() == "Another panel \u00b7 next"


def test_buttons_move_one_place(full: Panel, asked: Asked) -> None:
    row(full, "Remove c").up.click()
    row(full, "Remove c").down.click()
    row(full, "Remove b").down.click()
    assert asked == [("move", "c", "b"), ("move", "c", None), ("move", "b", "d")]
    assert [(row.up.isEnabled(), row.down.isEnabled()) for row in rows(full)[1:]] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    assert not row(full, "Remove a").up.isVisible()


def test_keys_move_and_cancel(full: Panel, asked: Asked) -> None:
    full.activateWindow()
    moved = row(full, "Remove d")
    moved.setFocus()
    press(moved, QtCore.Qt.Key.Key_Up, ALT)
    press(moved, QtCore.Qt.Key.Key_Down, ALT)  # it is the last one
    other = row(full, "Remove b")
    other.setFocus()
    press(other, QtCore.Qt.Key.Key_Delete)
    assert asked == [("move", "d", "c"), ("cancel", "b")]


def test_keys_of_a_row_are_no_shortcuts_of_krita(full: Panel) -> None:
    full.activateWindow()
    held = row(full, "Remove b")
    held.setFocus()
    for key, modifiers, is_ours in (
        (QtCore.Qt.Key.Key_Delete, NO_KEY, True),
        (QtCore.Qt.Key.Key_Up, ALT, True),
        (QtCore.Qt.Key.Key_B, NO_KEY, False),
    ):
        event = QtGui.QKeyEvent(QtCore.QEvent.Type.ShortcutOverride, key, modifiers)
        event.ignore()
        QtWidgets.QApplication.sendEvent(held, event)
        assert event.isAccepted() is is_ours


@pytest.mark.parametrize(
    ("title", "target", "share", "expected"),
    [
        ("Remove d", "Remove b", 0.2, [("move", "d", "b")]),
        ("Remove b", "Remove d", 0.9, [("move", "b", None)]),
        ("Remove b", "Remove c", 0.9, [("move", "b", "d")]),
        ("Remove c", "Remove a", 0.5, [("move", "c", "b")]),
        ("Remove c", "Remove c", 0.8, []),
        ("Remove a", "Remove d", 0.9, []),
    ],
)
def test_rows_are_dragged(full: Panel, asked: Asked, title: str, target: str, share: float, expected: Asked) -> None:
    place = row(full, target).geometry()
    drag(row(full, title), round(place.y() + share * place.height()))
    assert asked == expected


def test_rows_keep_their_widgets_when_the_order_changes(full: Panel, application: QtWidgets.QApplication) -> None:
    kept = row(full, "Remove d")
    waitlist = full.session.waitlist
    waitlist._turns = [turn("d", 1), turn("b", 2)]
    waitlist.changed.emit()
    application.processEvents()
    assert row(full, "Remove d") is kept
    assert [row.title.text() for row in rows(full)][:2] == ["Remove d", "Remove b"]


def test_our_own_are_cancelled_and_others_are_left_alone(full: Panel, asked: Asked) -> None:
    find(full, "inlay_queue_clear_button").click()
    ours = {work.document_name: work.is_cancelled for work in full.session.works}
    assert ours == {"barn.kra": False, "sea.kra": True}
    find(full, "inlay_queue_cancel_button").click()
    assert all(work.is_cancelled for work in full.session.works)
    assert not full.queue.cancel_all.isEnabled()
    assert asked == []


def test_what_is_listed_is_not_shown_twice(full: Panel) -> None:
    assert not full.activity.isVisible()
    full.show_page("edit")
    assert full.activity.isVisible()


def test_the_button_counts(full: Panel) -> None:
    button = find(full, "inlay_page_queue_button")
    assert button.toolTip() == button.accessibleName() == "Queue: 2"
    full.session.works.clear()
    full.session.changed.emit()
    assert button.accessibleName() == "Queue"


@pytest.mark.parametrize(("window", "text"), [("#474747", "#d6d6d6"), ("#dcdcdc", "#1e1e1e")])
def test_the_count_can_be_read(
    full: Panel, application: QtWidgets.QApplication, window: str, text: str, wait: Wait
) -> None:
    before = application.palette()
    try:
        application.setPalette(palette(window, text))
        application.processEvents()
        with_count = find(full, "inlay_page_queue_button").grab().toImage()
        full.session.works.clear()
        full.session.changed.emit()
        without = find(full, "inlay_page_queue_button").grab().toImage()
        changed = [
            with_count.pixelColor(x, y).value()
            for x in range(with_count.width())
            for y in range(with_count.height())
            if with_count.pixelColor(x, y) != without.pixelColor(x, y)
        ]
        assert max(changed) - min(changed) > 90
    finally:
        application.setPalette(before)


def test_icons_of_pages_are_for_their_theme(panel: Panel) -> None:
    for name in ("edit", "history", "queue", "models", "settings"):
        assert average_ink(panel.pages.buttons[name].icon()) > 0


def test_seen_alone_it_asks(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bool] = []
    monkeypatch.setattr(Waitlist, "look", lambda _: looked.append(True))
    panel.queue._timer.timeout.emit()
    assert looked == [True]  # the timer is what is stopped while it is hidden
    assert not panel.queue._timer.isActive()
    panel.show_page("queue")
    assert panel.queue._timer.isActive()
    assert looked == [True, True]


@pytest.mark.parametrize("width", [200, 240])
def test_it_fits_a_narrow_docker(full: Panel, application: QtWidgets.QApplication, width: int) -> None:
    full.resize(width, 900)
    application.processEvents()
    for each in full.queue.findChildren(QtWidgets.QWidget):
        if each.isVisible():
            assert each.mapTo(full, QtCore.QPoint(each.width(), 0)).x() <= width


def test_the_session_is_not_held(session: Session) -> None:
    """A panel that is closed stops asking."""
    made = Panel(session)
    made.show_page("queue")
    made.show()
    made.close()
    assert not made.queue._timer.isActive()
    made.deleteLater()
