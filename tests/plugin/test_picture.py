"""The Select section by mouse and keys: where clicks land, what is drawn, what keys mean, and what is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from inlay_krita.contract import Mode
from inlay_krita.looking import Hints
from inlay_krita.panel import Panel
from inlay_krita.panel.picture import Picture
from inlay_krita.panel.select_section import ModeButtons, Pointing
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.settings import SelectSettings
from inlay_krita.wire import Box, CanvasInfo, InstalledModel

from tests.plugin.conftest import MemoryDocument, Wait
from tests.plugin.seer import Seer, candidate, refusal

LEFT, RIGHT = QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.MouseButton.RightButton
NONE, ALT = QtCore.Qt.KeyboardModifier.NoModifier, QtCore.Qt.KeyboardModifier.AltModifier
SHIFT = QtCore.Qt.KeyboardModifier.ShiftModifier
Kinds, Keys = QtCore.QEvent.Type, QtCore.Qt.Key
PRESS, MOVE, RELEASE = Kinds.MouseButtonPress, Kinds.MouseMove, Kinds.MouseButtonRelease


@pytest.fixture
def panel(session: Session, document: MemoryDocument, application: QtWidgets.QApplication) -> Iterator[Panel]:
    document.mask[:] = 0
    made = Panel(session)
    made.resize(260, 800)
    made.show()
    application.processEvents()
    yield made
    made.close()
    made.deleteLater()
    application.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)


@pytest.fixture
def pointing(panel: Panel, seer: Seer, wait: Wait) -> Pointing:
    panel.select.unfold()
    wait(lambda: panel.session.picturing.picture is not None)
    return panel.select.pointing


def send(
    picture: Picture,
    kind: QtCore.QEvent.Type,
    x: float,
    y: float,
    button: QtCore.Qt.MouseButton = LEFT,
    keys: QtCore.Qt.KeyboardModifier = NONE,
) -> None:
    """A mouse event at a canvas pixel's place."""
    place = picture.place
    assert picture._canvas
    scale = place.width() / picture._canvas.width
    at = place.topLeft() + QtCore.QPointF(x, y) * scale
    held = button if kind is not RELEASE else QtCore.Qt.MouseButton.NoButton
    event = QtGui.QMouseEvent(kind, at, picture.mapToGlobal(at), button, held, keys)
    QtWidgets.QApplication.sendEvent(picture, event)


def click(
    picture: Picture,
    x: float,
    y: float,
    button: QtCore.Qt.MouseButton = LEFT,
    keys: QtCore.Qt.KeyboardModifier = NONE,
) -> None:
    send(picture, PRESS, x, y, button, keys)
    send(picture, RELEASE, x, y, button, keys)


def drag(picture: Picture, start: tuple[float, float], end: tuple[float, float]) -> None:
    send(picture, PRESS, *start)
    send(picture, MOVE, *end)
    send(picture, RELEASE, *end)


def press(widget: QtWidgets.QWidget, key: QtCore.Qt.Key, keys: QtCore.Qt.KeyboardModifier = NONE) -> bool:
    """Whether the widget claims a key before shortcuts; then the key."""
    override = QtGui.QKeyEvent(Kinds.ShortcutOverride, key, keys)
    override.ignore()
    QtWidgets.QApplication.sendEvent(widget, override)
    QtWidgets.QApplication.sendEvent(widget, QtGui.QKeyEvent(Kinds.KeyPress, key, keys))
    return override.isAccepted()


def answered(pointing: Pointing, seer: Seer, wait: Wait) -> None:
    seer.go.release()
    wait(lambda: not pointing.session.selecting.stage)


@pytest.mark.parametrize("size", [(320, 240), (240, 320), (4000, 100), (100, 4000), (8192, 8192), (3, 2)])
@pytest.mark.parametrize("width", [134, 300, 584])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_clicks_land_on_the_pixel_under_them(
    session: Session, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], width: int, ratio: float
) -> None:
    picture = Picture(session)
    monkeypatch.setattr(picture, "devicePixelRatioF", lambda: ratio)
    picture.show_canvas(QtGui.QImage(8, 8, QtGui.QImage.Format.Format_RGB32), CanvasInfo(*size, "RGBA", "U8"))
    picture.resize(width, picture.heightForWidth(width))
    seen: list[tuple[int, int]] = []
    picture.pointed.connect(lambda x, y, _: seen.append((x, y)))
    half = 0.5 / ratio / (picture.place.width() / size[0])
    for share in (0.001, 0.31, 0.5, 0.77, 0.999):
        x, y = size[0] * share, size[1] * share
        click(picture, x - half, y - half)  # Qt tells the corner of the screen's pixel
        assert abs(seen[-1][0] - x) <= 1
        assert abs(seen[-1][1] - y) <= 1
    assert len(seen) == 5
    picture.deleteLater()


def test_clicks_beside_a_high_picture_are_none(session: Session) -> None:
    picture = Picture(session)
    picture.show_canvas(QtGui.QImage(8, 8, QtGui.QImage.Format.Format_RGB32), CanvasInfo(100, 4000, "RGBA", "U8"))
    picture.resize(300, picture.heightForWidth(300))
    assert picture.height() == 480
    assert picture.place.width() == 12
    seen: list[int] = []
    picture.pointed.connect(lambda x, y, _: seen.append(x))
    picture.framed.connect(lambda box: seen.append(box))
    click(picture, -300, 2000)
    assert seen == []
    drag(picture, (-900, -300), (50.2, 1000.2))
    assert seen == [Box(0, 0, 51, 1001)]
    picture.deleteLater()


def test_buttons_and_alt(pointing: Pointing, seer: Seer, wait: Wait) -> None:
    click(pointing.picture, 100, 90)
    click(pointing.picture, 20, 30, RIGHT)
    click(pointing.picture, 40, 50, keys=ALT)
    points = pointing.session.selecting.hints.points
    assert [point.is_on for point in points] == [True, False, False]
    assert abs(points[0].x - 100) <= 1
    assert pointing.stage.isVisible()
    seer.go.release()
    answered(pointing, seer, wait)
    assert not pointing.stage.isVisible()


def test_a_small_movement_is_a_click_and_a_long_one_a_box(
    pointing: Pointing,
    seer: Seer,
    wait: Wait,
) -> None:
    drag(pointing.picture, (100, 100), (102, 101))
    assert len(pointing.session.selecting.hints.points) == 1
    drag(pointing.picture, (50.0, 40.0), (150.0, 120.0))
    box = pointing.session.selecting.hints.box
    assert box
    assert abs(box.x - 50) <= 1
    assert abs(box.right - 150) <= 1
    assert abs(box.bottom - 120) <= 1
    drag(pointing.picture, (200.0, 200.0), (100.0, 90.0))
    assert pointing.session.selecting.hints.box != box
    seer.go.release()
    answered(pointing, seer, wait)


def test_keys_are_the_pictures_own(pointing: Pointing, seer: Seer, document: MemoryDocument, wait: Wait) -> None:
    selecting, picture = pointing.session.selecting, pointing.picture
    click(picture, 100, 90)
    answered(pointing, seer, wait)
    click(picture, 20, 30, RIGHT)
    answered(pointing, seer, wait)
    assert press(picture, Keys.Key_Backspace)
    assert len(selecting.hints.points) == 1
    answered(pointing, seer, wait)
    assert press(picture, Keys.Key_Z, QtCore.Qt.KeyboardModifier.ControlModifier)
    assert selecting.hints == Hints()
    click(picture, 100, 90)
    answered(pointing, seer, wait)
    assert press(picture, Keys.Key_Escape)
    assert selecting.candidate is None
    assert not press(picture, Keys.Key_B)
    click(picture, 100, 90)
    answered(pointing, seer, wait)
    assert press(picture, Keys.Key_Return)
    assert document.mask.any()


def test_words(pointing: Pointing, seer: Seer, wait: Wait) -> None:
    selecting = pointing.session.selecting
    pointing.words.setText("  the red  car")
    press(pointing.words, Keys.Key_Return)
    assert selecting.hints.words == "the red car"
    answered(pointing, seer, wait)
    selecting.clear()
    assert pointing.words.text() == ""
    seer.errors = [refusal("nothing_found")]
    pointing.words.setText("the ship")
    press(pointing.words, Keys.Key_Return)
    answered(pointing, seer, wait)
    assert pointing.problem.isVisible()
    assert pointing.words.text() == "the ship"
    assert selecting.hints == Hints()


def test_refusals_are_said_below_the_picture(pointing: Pointing, seer: Seer, wait: Wait) -> None:
    seer.errors = [refusal("no_finder")]
    pointing.session.selecting.name("the ship")
    answered(pointing, seer, wait)
    assert pointing.problem.text() == "It cannot be. Do something else."
    assert pointing.help.isVisible()
    click(pointing.picture, 100, 90)
    assert not pointing.problem.isVisible()
    assert not pointing.help.isVisible()
    answered(pointing, seer, wait)


def test_the_stepper(pointing: Pointing, seer: Seer, wait: Wait) -> None:
    seer.candidates = tuple(candidate(Box(x, 0, 50, 50)) for x in (1, 2, 3))
    assert not pointing.next.isVisible()
    click(pointing.picture, 100, 90)
    answered(pointing, seer, wait)
    assert pointing.count.text() == "1 of 3"
    pointing.next.click()
    assert pointing.count.text() == "2 of 3"
    pointing.previous.click()
    pointing.previous.click()
    assert pointing.count.text() == "3 of 3"


def test_the_mask_is_drawn_over_the_picture(
    pointing: Pointing,
    seer: Seer,
    document: MemoryDocument,
    application: QtWidgets.QApplication,
    wait: Wait,
) -> None:
    document.pixels[..., :3] = 200
    pointing.session.picturing.glance()
    picture = pointing.picture
    wait(lambda: picture.grab().toImage().pixelColor(30, 30).lightness() == 200)
    seer.candidates = (candidate(Box(80, 60, 160, 120)),)
    click(picture, 160, 120)
    answered(pointing, seer, wait)
    shown = picture.grab().toImage()
    place, ratio = picture.place, shown.devicePixelRatioF()

    def lightness(x: float, y: float) -> int:
        at = (place.topLeft() + QtCore.QPointF(x, y) * place.width() / 320) * ratio
        return shown.pixelColor(round(at.x()), round(at.y())).lightness()

    assert lightness(100, 80) == 200
    assert lightness(20, 20) < 120
    edge = {lightness(x, y) for x in range(76, 85) for y in range(70, 170)}
    assert min(edge) < 60
    assert max(edge) > 215


@pytest.mark.parametrize(
    ("keys", "mode"), [(NONE, Mode.NEW), (SHIFT, Mode.ADD), (ALT, Mode.SUBTRACT), (SHIFT | ALT, Mode.INTERSECT)]
)
def test_keys_choose_a_mode_as_in_krita(
    application: QtWidgets.QApplication, keys: QtCore.Qt.KeyboardModifier, mode: Mode
) -> None:
    buttons = ModeButtons()
    assert buttons.mode_with(keys) is mode
    buttons.buttons[Mode.ADD].click()
    assert buttons.mode_with(NONE) is Mode.ADD
    assert not buttons.buttons[Mode.NEW].isChecked()
    buttons.deleteLater()


def test_widths_and_model_are_kept_and_asked_for(pointing: Pointing, seer: Seer, wait: Wait) -> None:
    session = pointing.session
    session.engine.models = [InstalledModel("sam", "Segment Anything", ("select",))]
    session.changed.emit()
    assert pointing.model.isVisible()
    assert not pointing.better.isVisible()
    assert [pointing.model.itemText(row) for row in range(3)] == [
        "Automatic",
        "GrabCut (no model)",
        "Segment Anything",
    ]
    pointing.model.setCurrentIndex(1)
    click(pointing.picture, 100, 90)
    answered(pointing, seer, wait)
    pointing.grow.setValue(6)
    answered(pointing, seer, wait)
    pointing.feather.setValue(2)
    answered(pointing, seer, wait)
    assert session.select_settings == SelectSettings(6, 2, "grabcut")
    assert seer.widths == [(0, 0), (6, 0), (6, 2)]
    assert set(seer.models) == {"grabcut"}
    session.engine.models = []
    session.changed.emit()
    assert pointing.better.isVisible()
    pointing.show_models.click()


def test_nothing_is_asked_of_the_engine_until_the_picture_is_shown(panel: Panel, seer: Seer) -> None:
    panel.session.refresh()
    assert panel.session.picturing.picture is None
    assert seer.shown == []


def test_without_a_document(session: Session, application: QtWidgets.QApplication, seer: Seer) -> None:
    session.canvas.active = None  # type: ignore[attr-defined]
    panel = Panel(session)
    panel.show()
    panel.select.unfold()
    application.processEvents()
    click_at = QtCore.QPointF(5, 5)
    for kind in (PRESS, RELEASE):
        event = QtGui.QMouseEvent(kind, click_at, click_at, LEFT, LEFT, NONE)
        QtWidgets.QApplication.sendEvent(panel.select.pointing.picture, event)
    assert session.selecting.hints == Hints()
    assert session.notices == []
    panel.close()
    panel.deleteLater()


def test_the_action_without_a_selection_shows_the_picture(panel: Panel, seer: Seer, wait: Wait) -> None:
    panel.select.button.click()
    assert panel.select.pointing.isVisible()
    assert panel.select.pointing.picture.hasFocus()
    wait(lambda: panel.session.picturing.picture)
    assert panel.session.selecting.hints.points == ()


@pytest.mark.parametrize("width", [150, 200, 600])
def test_the_section_fits(panel: Panel, pointing: Pointing, application: QtWidgets.QApplication, width: int) -> None:
    pointing.session.engine.models = []
    pointing.session.changed.emit()
    panel.resize(width, 900)
    application.processEvents()
    for widget in panel.select.findChildren(QtWidgets.QWidget):
        if widget.isVisible():
            assert widget.width() >= widget.minimumSizeHint().width(), widget.objectName()
    wanted = panel.select.minimumSizeHint().width()
    assert wanted <= 130
