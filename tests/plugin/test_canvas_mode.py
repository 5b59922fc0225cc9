"""The mode in which a canvas is clicked: which events are its own, what they mean, how it ends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from inlay_krita.canvas_mode import CanvasMode
from inlay_krita.contract import Mode
from inlay_krita.looking import Candidate, Hints
from inlay_krita.panel.marks import overlay as overlay_of
from inlay_krita.qt import QtCore, QtGui, QtWidgets
from inlay_krita.session import Session
from inlay_krita.wire import Box, Point

from tests.plugin.conftest import MemoryDocument, Wait
from tests.plugin.seer import Seer, candidate

Types, Buttons, Keys, Held = QtCore.QEvent.Type, QtCore.Qt.MouseButton, QtCore.Qt.Key, QtCore.Qt.KeyboardModifier
LEFT, RIGHT, MIDDLE, NONE = Buttons.LeftButton, Buttons.RightButton, Buttons.MiddleButton, Buttons.NoButton
ZOOM = 2.0


class Canvas(QtWidgets.QWidget):
    """Stands for Krita's: notes the events that get through to it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Types] = []
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)  # as Krita does
        self.resize(640, 480)

    def event(self, event: QtCore.QEvent) -> bool:
        self.heard.append(event.type())
        return super().event(event)


class CanvasSurface:
    """A canvas that shows the picture at twice its size, from its corner on."""

    def __init__(self) -> None:
        self.widget = Canvas()
        self.is_first = True
        self.scrolled = 0.0

    def to_image(self) -> QtGui.QTransform:
        return QtGui.QTransform.fromTranslate(-self.scrolled, 0) * QtGui.QTransform.fromScale(1 / ZOOM, 1 / ZOOM)

    def is_in_front(self) -> bool:
        return self.is_first


@pytest.fixture
def surface(application: QtWidgets.QApplication) -> Iterator[CanvasSurface]:
    made = CanvasSurface()
    made.widget.show()
    application.processEvents()
    yield made
    made.widget.close()
    made.widget.deleteLater()


@pytest.fixture
def mode(session: Session, surface: CanvasSurface, seer: Seer) -> Iterator[CanvasMode]:
    made = CanvasMode(session, lambda: surface)
    made.toggle()
    assert made.is_on
    yield made
    made.leave()  # Python may collect it in any thread: no timer must run then


def mouse(surface: CanvasSurface, kind: Types, x: float, y: float, button: Buttons = LEFT, held: Held | None = None):
    """An event over a pixel of the picture."""
    at = QtCore.QPointF(x * ZOOM, y * ZOOM)
    down = NONE if kind == Types.MouseButtonRelease else button
    told = button if kind != Types.MouseMove else NONE
    event = QtGui.QMouseEvent(kind, at, at, told, down, held or Held.NoModifier)
    surface.widget.heard.clear()
    QtWidgets.QApplication.sendEvent(surface.widget, event)


def click(surface: CanvasSurface, x: float, y: float, button: Buttons = LEFT, held: Held | None = None) -> None:
    mouse(surface, Types.MouseButtonPress, x, y, button, held)
    mouse(surface, Types.MouseButtonRelease, x, y, button, held)


def press(surface: CanvasSurface, key: Keys, held: Held = Held.NoModifier, kind: Types = Types.KeyPress) -> None:
    surface.widget.heard.clear()
    QtWidgets.QApplication.sendEvent(surface.widget, QtGui.QKeyEvent(kind, key, held))


def overlay(surface: CanvasSurface) -> QtWidgets.QWidget | None:
    return surface.widget.findChild(QtWidgets.QWidget, "inlay_canvas_overlay")


def test_clicks_point(mode: CanvasMode, session: Session, surface: CanvasSurface) -> None:
    click(surface, 100.5, 90.5)
    assert Types.MouseButtonRelease not in surface.widget.heard, "Krita does not paint"
    click(surface, 10, 20, RIGHT)
    click(surface, 11, 21, held=Held.ShiftModifier)
    click(surface, 12, 22, held=Held.AltModifier)
    aside = (Point(10, 20, False), Point(11, 21, False), Point(12, 22, False))
    assert session.selecting.hints.points == (Point(100, 90), *aside)


def test_a_drag_frames(mode: CanvasMode, session: Session, surface: CanvasSurface) -> None:
    mouse(surface, Types.MouseButtonPress, 90, 70)
    mouse(surface, Types.MouseMove, 150, 120)
    shown = surface.widget.grab().toImage()
    mouse(surface, Types.MouseButtonRelease, 20, 30)
    assert session.selecting.hints == Hints(box=Box(20, 30, 70, 40))
    assert shown != surface.widget.grab().toImage(), "the frame followed the mouse"


def test_a_click_beside_the_picture_is_none(mode: CanvasMode, session: Session, surface: CanvasSurface) -> None:
    surface.widget.resize(800, 600)
    click(surface, 330, 100)
    assert session.selecting.hints == Hints()


def test_moving_the_canvas_is_krita_s(mode: CanvasMode, session: Session, surface: CanvasSurface) -> None:
    mouse(surface, Types.MouseButtonPress, 90, 70, MIDDLE)
    assert Types.MouseButtonPress in surface.widget.heard
    mouse(surface, Types.MouseMove, 95, 75, MIDDLE)
    assert Types.MouseMove in surface.widget.heard
    mouse(surface, Types.MouseButtonRelease, 95, 75, MIDDLE)
    press(surface, Keys.Key_Space)
    assert Types.KeyPress in surface.widget.heard
    click(surface, 100, 90)
    assert Types.MouseButtonRelease in surface.widget.heard, "space and left button pan"
    press(surface, Keys.Key_Space, kind=Types.KeyRelease)
    mouse(surface, Types.MouseMove, 95, 75, NONE)
    assert Types.MouseMove not in surface.widget.heard, "the brush's outline stays away"
    click(surface, 100, 90)
    assert session.selecting.hints.points == (Point(100, 90),)


def test_it_is_asked_before_krita(mode: CanvasMode, session: Session, surface: CanvasSurface) -> None:
    """Krita puts its own filter first whenever the canvas gets the focus."""

    class Filter(QtCore.QObject):
        def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
            if event.type() == Types.FocusIn:
                watched.installEventFilter(self)
            return event.type() == Types.MouseButtonPress

    krita = Filter()
    surface.widget.installEventFilter(krita)
    QtWidgets.QApplication.sendEvent(surface.widget, QtGui.QFocusEvent(Types.FocusIn))
    click(surface, 100, 90)
    assert session.selecting.hints.points == (Point(100, 90),)


def test_a_pen_and_its_echo(mode: CanvasMode, session: Session, surface: CanvasSurface) -> None:
    pen = QtGui.QPointingDevice.primaryPointingDevice()
    at = QtCore.QPointF(100.5 * ZOOM, 90.5 * ZOOM)
    for kind, pressure in ((Types.TabletPress, 1.0), (Types.TabletRelease, 0.0)):
        down = LEFT if pressure else NONE
        event = QtGui.QTabletEvent(kind, pen, at, at, pressure, 0, 0, 0.0, 0.0, 0.0, Held.NoModifier, LEFT, down)
        QtWidgets.QApplication.sendEvent(surface.widget, event)
        assert event.isAccepted()
    click(surface, 100, 90)
    assert session.selecting.hints.points == (Point(100, 90),)


@pytest.mark.parametrize(
    ("held", "mode_meant"),
    [
        (Held.NoModifier, Mode.NEW),
        (Held.ShiftModifier, Mode.ADD),
        (Held.AltModifier, Mode.SUBTRACT),
        (Held.ShiftModifier | Held.AltModifier, Mode.INTERSECT),
    ],
)
def test_enter_selects(
    mode: CanvasMode,
    session: Session,
    surface: CanvasSurface,
    document: MemoryDocument,
    seer: Seer,
    wait: Wait,
    held: Held,
    mode_meant: Mode,
) -> None:
    before = document.mask.copy()
    click(surface, 103, 82)
    press(surface, Keys.Key_Return, held)
    assert mode.is_on, "the engine still looks"
    assert np.array_equal(document.mask, before)
    seer.go.release()
    wait(lambda: not mode.is_on)
    thing = np.zeros_like(before)
    thing[5:15, 103:113] = 255
    wanted = {
        Mode.NEW: thing,
        Mode.ADD: np.maximum(before, thing),
        Mode.SUBTRACT: np.where(thing > 0, 0, before),
        Mode.INTERSECT: np.minimum(before, thing),
    }[mode_meant]
    assert np.array_equal(document.mask, wanted)


def test_enter_with_nothing_marked_says_so(mode: CanvasMode, session: Session, surface: CanvasSurface) -> None:
    press(surface, Keys.Key_Return)
    assert mode.is_on
    assert session.selecting.problem
    assert session.selecting.problem.message == "Nothing is marked yet."


def test_escape_leaves_all_as_it_was(
    mode: CanvasMode, session: Session, surface: CanvasSurface, document: MemoryDocument, seer: Seer, wait: Wait
) -> None:
    before = document.mask.copy()
    click(surface, 103, 82)
    seer.go.release()
    wait(lambda: session.selecting.candidate)
    assert overlay(surface)
    press(surface, Keys.Key_Escape, kind=Types.ShortcutOverride)
    assert mode.is_on, "first Qt asks whose key it is"
    press(surface, Keys.Key_Escape)
    assert not mode.is_on
    assert session.selecting.hints == Hints()
    assert np.array_equal(document.mask, before)
    click(surface, 103, 82)
    assert Types.MouseButtonRelease in surface.widget.heard, "clicks are Krita's again"
    assert surface.widget.cursor().shape() == QtCore.Qt.CursorShape.ArrowCursor
    wait(lambda: overlay(surface) is None)


def test_backspace_takes_the_last_one_back(mode: CanvasMode, session: Session, surface: CanvasSurface) -> None:
    click(surface, 103, 82)
    click(surface, 20, 20, RIGHT)
    press(surface, Keys.Key_Backspace)
    assert session.selecting.hints.points == (Point(103, 82),)
    press(surface, Keys.Key_Z, Held.ControlModifier)
    assert session.selecting.hints == Hints()
    press(surface, Keys.Key_Z, Held.ControlModifier)
    assert Types.KeyPress in surface.widget.heard, "what was done before the mode is Krita's to undo"


def test_other_keys_are_krita_s(mode: CanvasMode, surface: CanvasSurface) -> None:
    press(surface, Keys.Key_4)
    assert Types.KeyPress in surface.widget.heard


def test_another_document_comes_to_the_front(mode: CanvasMode, surface: CanvasSurface, wait: Wait) -> None:
    surface.is_first = False
    wait(lambda: not mode.is_on)


def test_the_canvas_goes(session: Session, application: QtWidgets.QApplication, seer: Seer) -> None:
    passing = CanvasSurface()
    mode = CanvasMode(session, lambda: passing)
    mode.toggle()
    passing.widget.deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(passing.widget, Types.DeferredDelete)
    assert not mode.is_on
    session.selecting.changed.emit()


def test_no_canvas(session: Session) -> None:
    mode = CanvasMode(session, lambda: None)
    mode.toggle()
    assert not mode.is_on


def test_the_thing_is_shown(
    mode: CanvasMode, session: Session, surface: CanvasSurface, canvas_white: None, seer: Seer, wait: Wait
) -> None:
    seer.candidates = (candidate(Box(100, 150, 40, 40)),)
    click(surface, 103, 160)
    seer.go.release()
    wait(lambda: session.selecting.candidate)
    shown = surface.widget.grab().toImage()
    inside, beside = QtCore.QPointF(130, 180) * ZOOM, QtCore.QPointF(150, 180) * ZOOM
    clear, veiled = (shown.pixelColor(at.toPoint()).lightness() for at in (inside, beside))
    assert clear > 240
    assert veiled < 160


def test_the_mark_follows_the_view(
    mode: CanvasMode,
    session: Session,
    surface: CanvasSurface,
    canvas_white: None,
    seer: Seer,
    wait: Wait,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[QtGui.QTransform] = []

    def draw(candidate: Candidate, size: QtCore.QSize, to_device: QtGui.QTransform, ratio: float) -> QtGui.QImage:
        drawn.append(to_device)
        return overlay_of(candidate, size, to_device, ratio)

    def is_clear(x: float, y: float) -> bool:
        return surface.widget.grab().toImage().pixelColor(round(x * ZOOM), round(y * ZOOM)).lightness() > 240

    monkeypatch.setattr("inlay_krita.canvas_overlay.overlay", draw)
    seer.candidates = (candidate(Box(100, 150, 40, 40)),)
    click(surface, 103, 160)
    seer.go.release()
    wait(lambda: session.selecting.candidate and is_clear(130, 180))
    count = len(drawn)
    for _ in range(5):
        surface.scrolled += 40.0
        mode._follow()
        assert is_clear(130 + surface.scrolled / ZOOM, 180)
    assert len(drawn) == count, "while the view moves it is not drawn anew"
    mode._follow()
    surface.widget.grab()
    assert len(drawn) == count + 1


def test_the_words_are_not_in_the_way(mode: CanvasMode, surface: CanvasSurface, canvas_white: None) -> None:
    mouse(surface, Types.MouseMove, 160, 230, NONE)
    above = QtCore.QPoint(320, 22)
    assert surface.widget.grab().toImage().pixelColor(above).lightness() < 120
    mouse(surface, Types.MouseMove, 160, 10, NONE)
    assert surface.widget.grab().toImage().pixelColor(above).lightness() > 240


@pytest.fixture
def canvas_white(surface: CanvasSurface) -> None:
    surface.widget.setAutoFillBackground(True)
    surface.widget.setPalette(QtGui.QPalette(QtGui.QColor("white")))
