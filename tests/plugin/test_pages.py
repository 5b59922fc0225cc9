"""Pages: one at a time, by mouse, keyboard and name; which one is kept, and what brings one to the front."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from inlay_krita.kept import kept_text, restored
from inlay_krita.launcher import Launcher
from inlay_krita.panel import Panel
from inlay_krita.panel.pages import PageButton
from inlay_krita.panel.part import Fold
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.settings import PanelSettings

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait
from tests.plugin.test_history import told
from tests.plugin.test_panel import find, panel

__all__ = ["panel"]
NAMES = ["edit", "history", "queue", "models", "settings"]
SECTIONS = {"edit": "prompt", "history": "history", "queue": "queue", "models": "models", "settings": "settings"}


def seen(panel: Panel) -> list[str]:
    """The pages whose content can be seen."""
    return [name for name, section in SECTIONS.items() if getattr(panel, section).isVisible()]


def press(widget: QtWidgets.QWidget, key: QtCore.Qt.Key) -> None:
    for kind in (QtCore.QEvent.Type.KeyPress, QtCore.QEvent.Type.KeyRelease):
        event = QtGui.QKeyEvent(kind, key, QtCore.Qt.KeyboardModifier.NoModifier)
        QtWidgets.QApplication.sendEvent(widget, event)


def test_one_page_is_seen_at_a_time(panel: Panel) -> None:
    assert seen(panel) == ["edit"]
    assert list(panel.pages.buttons) == NAMES
    for name in NAMES:
        find(panel, f"inlay_page_{name}_button").click()
        assert seen(panel) == [name]
        assert panel.engine.isVisible()
        assert panel.session.panel_settings.page == name


def test_buttons_say_which_page_they_show(panel: Panel) -> None:
    for button in panel.findChildren(PageButton):
        assert button.toolTip() == button.accessibleName() != ""
        assert not button.icon().isNull()


def test_arrow_keys_go_from_page_to_page(panel: Panel, application: QtWidgets.QApplication) -> None:
    buttons = panel.pages.buttons
    panel.activateWindow()
    buttons["edit"].setFocus()
    press(buttons["edit"], QtCore.Qt.Key.Key_Right)
    assert seen(panel) == ["history"]
    press(buttons["history"], QtCore.Qt.Key.Key_Right)
    press(buttons["queue"], QtCore.Qt.Key.Key_Left)
    assert seen(panel) == ["history"]


def test_each_page_keeps_its_own_place(panel: Panel, application: QtWidgets.QApplication) -> None:
    panel.resize(260, 300)
    application.processEvents()
    bar = panel.pages._scrolls["edit"].verticalScrollBar()
    bar.setValue(bar.maximum())
    panel.show_page("history")
    panel.show_page("edit")
    application.processEvents()
    assert bar.value() == bar.maximum() > 0


def test_a_part_is_shown_with_its_page(panel: Panel) -> None:
    panel.show_page("models")
    panel.show_part(panel.extend.button)
    assert seen(panel) == ["edit"]
    assert panel.extend.button.visibleRegion().boundingRect().height() == panel.extend.button.height()


def test_an_odd_name_shows_no_other_page(panel: Panel) -> None:
    panel.show_page("models")
    panel.show_page("nowhere")
    assert seen(panel) == ["models"]


def test_what_needs_a_page_brings_it(panel: Panel, document: MemoryDocument, wait: Wait) -> None:
    panel.session.models_wanted.emit()
    assert seen(panel) == ["models"]
    panel.session.selecting.wanted.emit()
    assert seen(panel) == ["edit"]
    panel.show_page("history")
    panel.session.history.change(told("remove"))
    assert seen(panel) == ["edit"]
    assert panel.layer.said.isVisible()


def test_the_page_is_kept_for_the_next_panel(panel: Panel, session: Session) -> None:
    panel.show_page("history")
    other = Panel(session)
    assert other.pages.current == "history"
    other.deleteLater()
    assert restored(kept_text((session.panel_settings,), None), PanelSettings()).page == "history"


def test_open_folds_are_kept_for_the_next_panel(panel: Panel, session: Session) -> None:
    panel.extend.fold.setChecked(True)
    assert restored(kept_text((session.panel_settings,), None), PanelSettings()).folds == "inlay_extend_fold"
    other = Panel(session)
    assert (other.extend.fold.isChecked(), other.select.fold.isChecked()) == (True, False)
    assert other.extend.frame.isVisibleTo(other.extend)
    other.extend.fold.setChecked(False)
    assert session.panel_settings.folds == ""
    other.deleteLater()


@pytest.fixture
def later(shared_launcher: Launcher, document: MemoryDocument) -> Iterator[Session]:
    """A session over what a later version kept."""

    class Later:
        def read(self) -> str:
            return json.dumps(
                {"PanelSettings": {"page": "hologram", "depth": 3, "folds": "inlay_depth_fold inlay_why"}}
            )

        def write(self, text: str) -> None:
            """Nothing is asked here."""

    made = Session(MemoryCanvas(document), shared_launcher, keeper=Later())
    yield made
    assert made.close()


def test_a_page_of_a_later_version_is_the_first_one(later: Session) -> None:
    made = Panel(later)
    assert made.pages.current == "edit"
    assert not any(fold.isChecked() for fold in made.findChildren(Fold))
    made.deleteLater()
