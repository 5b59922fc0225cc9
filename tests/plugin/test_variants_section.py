"""The Variants section by mouse and keyboard, on a real engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from inlay_krita.panel import Panel
from inlay_krita.panel.variant_grid import Cell
from inlay_krita.panel.variants_section import SetCard
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.variants import VariantSet
from inlay_krita.wire import Plan

from tests.plugin.conftest import MemoryDocument, Wait

Key, Reason = QtCore.Qt.Key, QtCore.Qt.FocusReason


@pytest.fixture
def panel(session: Session, application: QtWidgets.QApplication) -> Iterator[Panel]:
    made = Panel(session)
    made.resize(280, 900)
    made.show()
    made.activateWindow()
    application.processEvents()
    yield made
    made.hide()
    made.deleteLater()
    application.processEvents()


@pytest.fixture
def card(panel: Panel, session: Session, wait: Wait) -> SetCard:
    session.variants.choose_count(3)
    session.remove()
    wait(lambda: session.variants.of_active() and len(session.variants.of_active()[0].ready) == 3)
    card = panel.variants.findChild(SetCard)
    assert isinstance(card, SetCard)
    wait(lambda: card.grid.cells[2].isVisible())
    return card


def press(widget: QtWidgets.QWidget, key: Key) -> None:
    """As the window system does: to whatever has the focus, past filters of the application."""
    for kind in (QtCore.QEvent.Type.KeyPress, QtCore.QEvent.Type.KeyRelease):
        event = QtGui.QKeyEvent(kind, key, QtCore.Qt.KeyboardModifier.NoModifier)
        QtWidgets.QApplication.sendEvent(widget, event)


def enter(cell: Cell) -> None:
    point = QtCore.QPointF(5, 5)
    QtWidgets.QApplication.sendEvent(cell, QtGui.QEnterEvent(point, point, point))


def leave(cell: Cell) -> None:
    QtWidgets.QApplication.sendEvent(cell, QtCore.QEvent(QtCore.QEvent.Type.Leave))


def test_nothing_is_there_before_several_are_made(panel: Panel) -> None:
    assert not panel.variants.isVisible()
    assert panel.prompt.run.count.value() == 1


def test_the_count_beside_the_button_is_kept(panel: Panel, session: Session) -> None:
    panel.prompt.run.count.setValue(5)
    assert session.variants.count == 5
    session.variants.choose_count(2)
    assert panel.prompt.run.count.value() == 2
    session.panel_settings = dataclasses.replace(session.panel_settings, variants=0)
    assert session.variants.count == 1


def test_they_come_one_by_one(panel: Panel, session: Session, wait: Wait) -> None:
    session.variants.choose_count(4)
    session.remove()
    wait(lambda: panel.variants.findChildren(Cell))
    cells = panel.variants.findChildren(Cell)
    assert len(cells) == 4
    (card,) = panel.variants.findChildren(SetCard)
    assert not card.keep_button.isEnabled()
    works = panel.activity.findChildren(QtWidgets.QWidget, "inlay_work")
    assert len([work for work in works if work.isVisible()]) == 1  # one card for all of them
    wait(lambda: card.of.ready)
    assert card.keep_button.isEnabled()
    wait(lambda: not session.works)
    assert cells[3].accessibleName() == "Variant 4 of 4, ready"
    assert panel.variants.isVisible()


def test_pointing_shows_and_leaving_does_not(card: SetCard, session: Session, wait: Wait) -> None:
    cell, showing = card.grid.cells[1], session.variants.showing
    enter(cell)
    wait(lambda: showing.shown)
    leave(cell)
    assert showing.shown is None


def test_enter_keeps_what_is_pointed_at_wherever_the_focus_is(
    card: SetCard, panel: Panel, session: Session, document: MemoryDocument, wait: Wait
) -> None:
    panel.prompt.run.button.setFocus()
    enter(card.grid.cells[1])
    press(panel.prompt.run.button, Key.Key_Return)
    assert len(document.placements) == 1
    assert card.of.variants[1].layer
    assert card.words.text() == "This one is kept: its layer is in the picture."
    leave(card.grid.cells[1])
    press(panel.prompt.run.button, Key.Key_Return)
    assert len(document.placements) == 1


def test_enter_is_the_writers_where_somebody_writes(
    card: SetCard, panel: Panel, document: MemoryDocument, application: QtWidgets.QApplication
) -> None:
    panel.prompt.prompt.setFocus()
    application.processEvents()
    enter(card.grid.cells[0])
    press(panel.prompt.prompt, Key.Key_Return)
    assert document.placements == []
    assert panel.prompt.prompt.toPlainText() == "\n"


def test_by_the_keyboard_alone(card: SetCard, session: Session, document: MemoryDocument, wait: Wait) -> None:
    first, second, _ = card.grid.cells
    first.setFocus(Reason.TabFocusReason)
    wait(lambda: session.variants.showing.shown)
    press(first, Key.Key_Right)
    assert second.hasFocus()
    press(second, Key.Key_Return)
    assert [bool(variant.layer) for variant in card.of.variants] == [False, True, False]
    press(second, Key.Key_Left)
    press(first, Key.Key_Delete)
    assert len(card.of.variants) == 2
    assert len(document.placements) == 1


def test_a_click_chooses_and_the_button_keeps(card: SetCard, document: MemoryDocument) -> None:
    card.grid.cells[2].click()
    card.keep_button.click()
    assert card.of.variants[2].delivery
    assert document.placements[0].pixels == card.of.variants[2].delivery.pixels


def test_what_undo_takes_away_is_not_kept_any_more(card: SetCard, session: Session, document: MemoryDocument) -> None:
    cell = card.grid.cells[0]
    session.variants.keep(card.of, cell.variant)
    assert cell.accessibleName() == "Variant 1 of 3, kept"
    layer = document.layers.pop()
    session.variants.stepped()
    assert cell.accessibleName() == "Variant 1 of 3, ready"
    document.layers.append(layer)
    session.variants.stepped()
    assert cell.accessibleName() == "Variant 1 of 3, kept"
    document.layers.remove(layer)
    session.variants.stepped()
    session.variants.keep(card.of, cell.variant)
    assert len(document.placements) == 2
    assert cell.accessibleName() == "Variant 1 of 3, kept"


def test_done_takes_the_pictures_away(card: SetCard, panel: Panel, application: QtWidgets.QApplication) -> None:
    card.close_button.click()
    application.processEvents()
    assert not panel.variants.isVisible()


def test_a_picture_that_goes_while_it_is_pointed_at_is_not_seen_any_more(
    card: SetCard, session: Session, wait: Wait
) -> None:
    enter(card.grid.cells[0])
    wait(lambda: session.variants.showing.shown)
    session.variants.throw_away(card.of, card.of.variants[0])
    assert session.variants.showing.shown is None


def test_the_built_in_fill_has_no_noise_to_turn(card: SetCard) -> None:
    assert card.again_button.isEnabled()
    assert not card.near_button.isEnabled()
    assert not card.strengths_button.isEnabled()


def by_a_model(of: VariantSet) -> None:
    """As if a model had made them."""
    for variant in of.variants:
        assert variant.delivery
        plan: Plan = dataclasses.replace(variant.delivery.plan, settings={"strength": 0.9})
        variant.delivery = dataclasses.replace(variant.delivery, plan=plan)


def test_a_model_s_can_be_gone_on_with(
    card: SetCard, session: Session, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(session.variants, "_send", lambda work, deliver: sent.append(work.edit))
    by_a_model(card.of)
    card.refresh()
    chosen = card.of.variants[0].edit
    card.near_button.click()
    assert [edit.seed for edit in sent] == [chosen.seed] * 3  # type: ignore[attr-defined]
    assert len({edit.variations for edit in sent}) == 3  # type: ignore[attr-defined]
    sent.clear()
    card.strengths_button.click()
    assert [edit.strength for edit in sent] == [0.3, 0.5, 0.7, 0.9]  # type: ignore[attr-defined]
    assert [cell.variant.note for cell in card.grid.cells[-4:]] == ["30 %", "50 %", "70 %", "90 %"]
    session.cancel_all()
    session.works.clear()


@pytest.mark.parametrize("width", [180, 240, 500])
def test_pictures_fill_the_rows(card: SetCard, panel: Panel, application: QtWidgets.QApplication, width: int) -> None:
    panel.resize(width, 900)
    application.processEvents()
    grid = card.grid
    boxes = [cell.geometry() for cell in grid.cells]
    assert all(grid.rect().contains(box) for box in boxes)
    assert not any(one.intersects(other) for one in boxes for other in boxes if one is not other)
    assert all(box.width() == box.height() for box in boxes)
