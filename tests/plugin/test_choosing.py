"""The one button: what it says, why it cannot be pressed, its menu, and its keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from inlay_krita.choosing import NO_PICTURE, OPEN_ONE, Facts, Way, obstacle, way_for
from inlay_krita.contract import CanvasError
from inlay_krita.engine_watch import EngineWatch
from inlay_krita.launcher import Launcher
from inlay_krita.panel import Panel
from inlay_krita.panel.run_bar import TIPS, RunBar
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.settings import ExtendSettings
from inlay_krita.wire import InstalledModel, ListedModel

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait

ALL = InstalledModel("all", "All-rounder", ("replace", "restyle", "instruct", "background"))
FILL = InstalledModel("fill", "Filler", ("replace",))
CONTROL = QtCore.Qt.KeyboardModifier.ControlModifier
PLAIN = QtCore.Qt.KeyboardModifier.NoModifier
RETURN, ESCAPE = QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Escape


@pytest.mark.parametrize(
    ("selected", "said", "growing", "way"),
    [
        (True, False, False, Way.REMOVE),
        (True, False, True, Way.REMOVE),
        (True, True, False, Way.REPLACE),
        (True, True, True, Way.REPLACE),
        (False, True, False, Way.INSTRUCT),
        (False, True, True, Way.EXTEND),
        (False, False, True, Way.EXTEND),
        (False, False, False, Way.REMOVE),
    ],
)
def test_the_way_that_is_meant(selected: bool, said: bool, growing: bool, way: Way) -> None:
    assert way_for(Facts(has_selection=selected, has_prompt=said, is_growing=growing)) is way


READY = Facts(has_selection=True, has_prompt=True, has_words=True, is_growing=True, models=(ALL,))


@pytest.mark.parametrize("way", list(Way))
def test_nothing_is_in_the_way(way: Way) -> None:
    assert obstacle(way, READY) is None
    assert obstacle(way, replace(READY, models=None)) is None


@pytest.mark.parametrize(
    ("way", "changes", "text"),
    [
        (Way.REMOVE, {"trouble": NO_PICTURE}, f"No picture is open. {OPEN_ONE}"),
        (Way.REMOVE, {"trouble": "It is too small."}, "It is too small."),
        (Way.REMOVE, {"has_selection": False}, "Nothing is selected. Select what should go."),
        (
            Way.REMOVE,
            {"has_selection": False, "has_prompt": False},
            "Nothing is selected. Select what should go, or write what to change.",
        ),
        (Way.RESTYLE, {"has_selection": False}, "Nothing is selected. Select what the words are about."),
        (Way.REPLACE, {"has_words": False}, "Nothing is said. Write what should be there instead."),
        (Way.BACKGROUND, {"has_words": False}, "Nothing is said. Write what should be around the subject."),
        (Way.EXTEND, {"is_growing": False}, "No side is set. Say under Extend how far the canvas goes out."),
        (Way.INSTRUCT, {"models": ()}, "Needs a model that edits as told."),
        (Way.RESTYLE, {"models": (FILL,)}, "Needs a model that restyles."),
        (
            Way.RESTYLE,
            {"models": (FILL, ALL), "model": "fill"},
            "Needs another model than Filler. Choose one, or Automatic.",
        ),
    ],
)
def test_what_is_in_the_way(way: Way, changes: dict[str, object], text: str) -> None:
    found = obstacle(way, replace(READY, **changes))  # type: ignore[arg-type]
    assert found is not None
    assert found.text == text
    assert found.needs_model == text.startswith("Needs a model")


def offered(size_bytes: int, is_alone: bool = True) -> ListedModel:
    return ListedModel(
        "x", "X", False, ("replace",), size_bytes, "", "", False, "", False, 0, None, is_alone, is_on_server=False
    )


def test_how_large_the_smallest_model_is_that_would_do() -> None:
    listed = (offered(6_900_000_000), offered(2_100_000_000), offered(5, is_alone=False), offered(0))
    found = obstacle(Way.REPLACE, replace(READY, models=(), offered=listed))
    assert found is not None
    assert found.text == "Needs a model that replaces (2.1\N{NO-BREAK SPACE}GB or more)."


@pytest.fixture
def panel(session: Session, application: QtWidgets.QApplication) -> Iterator[Panel]:
    session.engine.look = lambda: None  # type: ignore[method-assign]  # the tests say which models there are
    made = Panel(session)
    made.resize(240, 800)
    made.show()
    application.processEvents()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def bar(panel: Panel) -> RunBar:
    return panel.prompt.run


Asked = list[str]


@pytest.fixture
def asked(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the session is asked for."""
    said: Asked = []
    session = panel.session
    monkeypatch.setattr(session, "ask", said.append)
    monkeypatch.setattr(session, "remove", lambda: said.append("remove"))
    monkeypatch.setattr(session, "extend", lambda: said.append("extend"))
    monkeypatch.setattr(session.backgrounds, "replace", lambda: said.append("background"))
    return said


def have(session: Session, *models: InstalledModel) -> None:
    session.engine.models = list(models)
    session.changed.emit()


def deselect(panel: Panel, document: MemoryDocument) -> None:
    document.mask[:] = 0
    panel._glance()


def test_the_label_follows_selection_prompt_and_sides(
    panel: Panel, bar: RunBar, document: MemoryDocument, asked: Asked
) -> None:
    have(panel.session, ALL)
    seen = [bar.button.text()]
    panel.prompt.prompt.setPlainText("a barn")
    seen.append(bar.button.text())
    bar.button.click()
    deselect(panel, document)
    seen.append(bar.button.text())
    bar.button.click()
    panel.session.extend_settings = ExtendSettings(left=10)
    panel.session.refresh()
    seen.append(bar.button.text())
    bar.button.click()
    document.select(5, 5, 5, 5)
    panel.prompt.prompt.setPlainText(" \n")
    panel._glance()
    seen.append(bar.button.text())
    bar.button.click()
    assert seen == ["Remove", "Replace", "Edit", "Extend", "Remove"]
    assert asked == ["replace", "instruct", "extend", "remove"]


def test_why_not_stands_below_and_goes_when_it_can(panel: Panel, bar: RunBar, document: MemoryDocument) -> None:
    assert bar.button.isEnabled()
    assert not bar.why.isVisible()
    deselect(panel, document)
    assert not bar.button.isEnabled()
    assert bar.why.words.text() == "Nothing is selected. Select what should go, or write what to change."
    assert bar.button.accessibleDescription() == bar.why.words.text()
    assert not bar.why.show_models.isVisible()
    document.select(5, 5, 5, 5)
    panel._glance()
    assert bar.button.isEnabled()
    assert not bar.why.isVisible()
    assert bar.button.accessibleDescription() == TIPS[Way.REMOVE]


def test_a_model_that_is_missing_is_told_until_it_is_there(panel: Panel, bar: RunBar) -> None:
    wanted: list[bool] = []
    have(panel.session)
    panel.prompt.prompt.setPlainText("a barn")
    assert bar.why.words.text() == "Needs a model that replaces."
    panel.session.models_wanted.connect(lambda: wanted.append(True))
    bar.why.show_models.click()
    assert wanted == [True]
    have(panel.session, FILL)
    assert bar.button.isEnabled()
    assert not bar.why.isVisible()


def test_the_engine_tells_how_large_a_model_would_be(panel: Panel, bar: RunBar, wait: Wait) -> None:
    panel.prompt.prompt.setPlainText("a barn")
    EngineWatch.look(panel.session.engine)
    wait(lambda: bar.why.isVisible())
    assert re.fullmatch(r"Needs a model that replaces \(\d+\.\d\sGB or more\)\.", bar.why.words.text())


def test_without_a_picture(shared_launcher: Launcher, application: QtWidgets.QApplication) -> None:
    session = Session(MemoryCanvas(), shared_launcher)
    panel = Panel(session)
    panel.show()
    application.processEvents()
    assert panel.prompt.run.why.words.text() == f"No picture is open. {OPEN_ONE}"
    panel.close()
    session.close()


def test_a_picture_that_cannot_be_worked_on(panel: Panel, bar: RunBar, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise CanvasError("Inlay cannot work in YUV: convert the picture.")

    monkeypatch.setattr(panel.session.canvas, "info", refuse)
    panel._glance()
    assert bar.why.words.text() == "Inlay cannot work in YUV: convert the picture."


def entries(bar: RunBar) -> dict[str, QtGui.QAction]:
    bar.ways.refresh()
    return {action.objectName(): action for action in bar.ways.list.actions()}


def test_the_menu_has_all_ways_and_says_why_not(panel: Panel, bar: RunBar, document: MemoryDocument) -> None:
    have(panel.session, FILL)
    deselect(panel, document)
    panel.prompt.prompt.setPlainText("a barn")
    assert [(action.text(), action.isEnabled()) for action in entries(bar).values()] == [
        ("Remove: nothing is selected", False),
        ("Replace: nothing is selected", False),
        ("Restyle: nothing is selected", False),
        ("Edit: needs a model that edits as told", False),
        ("Replace background: needs a model that replaces backgrounds", False),
        ("Extend: no side is set", False),
    ]
    document.select(5, 5, 5, 5)
    assert [action.text() for action in entries(bar).values()][:2] == ["Remove", "Replace"]


def test_the_menu_does_it_at_once_and_remembers_nothing(panel: Panel, bar: RunBar, asked: Asked) -> None:
    have(panel.session, ALL)
    panel.prompt.prompt.setPlainText("a barn")
    panel.session.extend_settings = ExtendSettings(left=10)
    for name in ("remove", "replace", "restyle", "instruct", "background", "extend"):
        entries(bar)[f"inlay_way_{name}"].trigger()
    assert asked == ["remove", "replace", "restyle", "instruct", "background", "extend"]
    assert bar.button.text() == "Replace"


def press(widget: QtWidgets.QWidget, key: QtCore.Qt.Key, modifiers: QtCore.Qt.KeyboardModifier) -> bool:
    """Press a key as a window system does; whether it was kept from becoming a shortcut."""
    kinds = QtCore.QEvent.Type
    override = QtGui.QKeyEvent(kinds.ShortcutOverride, key, modifiers)
    override.ignore()
    QtWidgets.QApplication.sendEvent(widget, override)
    QtWidgets.QApplication.sendEvent(widget, QtGui.QKeyEvent(kinds.KeyPress, key, modifiers))
    return override.isAccepted()


WHERE: list[Callable[[Panel], QtWidgets.QWidget]] = [
    lambda panel: panel.prompt.prompt,
    lambda panel: panel.prompt.strength,
    lambda panel: panel.edge,
    lambda panel: panel,
]


@pytest.mark.parametrize("where", WHERE)
def test_control_and_enter_run_it(panel: Panel, asked: Asked, where: Callable[[Panel], QtWidgets.QWidget]) -> None:
    have(panel.session, ALL)
    panel.prompt.prompt.setPlainText("a barn")
    assert press(where(panel), RETURN, CONTROL)
    assert asked == ["replace"]
    assert panel.prompt.prompt.toPlainText() == "a barn"


def test_enter_alone_is_a_new_line(panel: Panel, asked: Asked) -> None:
    press(panel.prompt.prompt, RETURN, PLAIN)
    assert asked == []


def test_a_selection_that_is_newer_than_the_label_counts(
    panel: Panel, bar: RunBar, document: MemoryDocument, asked: Asked
) -> None:
    document.mask[:] = 0
    press(panel.prompt.prompt, RETURN, CONTROL)
    assert asked == []
    assert bar.why.isVisible()
    document.select(5, 5, 5, 5)
    press(panel.prompt.prompt, RETURN, CONTROL)
    assert asked == ["remove"]


def test_escape_cancels_what_runs_for_this_document(panel: Panel, document: MemoryDocument, wait: Wait) -> None:
    session = panel.session
    assert not press(panel.prompt.prompt, ESCAPE, PLAIN)  # Krita may have it: there is nothing to cancel
    session.remove()
    (work,) = session.works
    assert press(panel.prompt.prompt, ESCAPE, PLAIN)
    assert work.is_cancelled
    wait(lambda: not session.works)
    assert document.placements == []


def test_it_removes(panel: Panel, bar: RunBar, document: MemoryDocument, wait: Wait) -> None:
    bar.button.click()
    wait(lambda: document.placements)
    assert panel.session.notices == []


def test_what_was_asked_for_can_be_recalled(panel: Panel) -> None:
    panel.prompt.prompt.setPlainText("a barn in the fog")
    panel.session.ask("replace")
    assert panel.session.prompts.prompts[0] == "a barn in the fog"
    panel.session.cancel_active()
