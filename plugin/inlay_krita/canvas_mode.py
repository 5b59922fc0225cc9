"""Clicks on Krita's own canvas choose what is selected: a mode that Enter ends with a selection and Escape without.

The document is left alone until Enter, so a whole session of clicks is one undo step. What is marked meanwhile is
drawn over the canvas. Zooming, panning and turning go on as ever: their events are Krita's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from .canvas_overlay import Overlay
from .contract import Mode
from .gestures import Gesture, framed, pixel
from .guard import guarded
from .qt import QtCore, QtGui, QtWidgets, Signal, exact_position
from .session import Session

Event, Key, Button = QtCore.QEvent.Type, QtCore.Qt.Key, QtCore.Qt.MouseButton
Modifier = QtCore.Qt.KeyboardModifier
FOLLOW_MS = 40  # the view has no signals: how it is scrolled is looked at so often
GLANCE_MS = 1000  # whether the picture has changed
FAR_PX = -9999.0
ECHO_S = 0.3  # some systems tell a pen's press once more, as a mouse's
PRESSES = (Event.MouseButtonPress, Event.MouseButtonDblClick, Event.TabletPress)
MOVES = (Event.MouseMove, Event.TabletMove)
RELEASES = (Event.MouseButtonRelease, Event.TabletRelease)
PEN = (Event.TabletPress, Event.TabletMove, Event.TabletRelease)
MODES = {(False, False): Mode.NEW, (True, False): Mode.ADD, (False, True): Mode.SUBTRACT, (True, True): Mode.INTERSECT}


class Surface(Protocol):
    """A canvas on the screen: Krita's (surface.py)."""

    widget: QtWidgets.QWidget

    def to_image(self) -> QtGui.QTransform:
        """From the widget's points to pixels of the picture."""

    def is_in_front(self) -> bool:
        """Whether its document is the active one."""


class CanvasMode(QtCore.QObject):
    """Lives on the UI thread, one for all of Krita's windows; `changed` when it begins or ends."""

    changed = Signal()

    def __init__(self, session: Session, find_surface: Callable[[], Surface | None]) -> None:
        super().__init__()
        self._session, self._find_surface = session, find_surface
        self._surface: Surface | None = None
        self._overlay: Overlay | None = None
        self._cursor = QtGui.QCursor()
        self._gesture: Gesture | None = None
        self._is_space_down = False
        self._pen_at = 0.0
        self._is_finishing = False  # once the engine has answered
        self._following, self._glancing = QtCore.QTimer(self), QtCore.QTimer(self)
        self._following.setInterval(FOLLOW_MS)
        self._glancing.setInterval(GLANCE_MS)
        self._following.timeout.connect(self._follow)
        self._glancing.timeout.connect(self._glance)
        session.selecting.changed.connect(self._told)

    @property
    def is_on(self) -> bool:
        return self._surface is not None

    @guarded
    def toggle(self) -> None:
        """Begin, or end without a selection."""
        if self.is_on:
            return self.leave()
        surface = self._find_surface()
        if surface is not None:
            self._enter(surface)

    def leave(self) -> None:
        """End it; what was pointed at is let go, and the selection is as it was."""
        if self.is_on:
            self._session.selecting.clear()
            self._end()

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
        return bool(self._takes(event))

    def _enter(self, surface: Surface) -> None:
        self._surface, widget = surface, surface.widget
        self._gesture, self._is_space_down, self._is_finishing = None, False, False
        self._overlay = Overlay(self._session, widget)
        self._cursor = widget.cursor()
        widget.setCursor(QtCore.Qt.CursorShape.CrossCursor)
        self._send_brush_away(widget)
        widget.destroyed.connect(self._lost)
        widget.setFocus()
        self._following.start()
        self._glancing.start()
        self._follow()
        self._glance()
        self.changed.emit()

    def _end(self) -> None:
        assert self._surface
        assert self._overlay
        widget, self._surface = self._surface.widget, None
        self._stop()
        widget.removeEventFilter(self)
        widget.destroyed.disconnect(self._lost)
        widget.setCursor(self._cursor)
        self._overlay.hide()
        self._overlay.deleteLater()
        self._overlay = None
        self.changed.emit()

    @guarded
    def _lost(self) -> None:
        """Krita has thrown the canvas away, and the overlay with it."""
        self._stop()
        self._surface = self._overlay = None
        self.changed.emit()

    def _stop(self) -> None:
        self._following.stop()
        self._glancing.stop()

    @guarded
    def _glance(self) -> None:
        """The picture is looked at ahead of the first click, and again where it has changed."""
        self._session.selecting.glance()

    @guarded
    def _follow(self) -> None:
        """Follow the view; leave where another one comes to the front."""
        if self._surface is None or self._overlay is None:
            return
        if not self._surface.is_in_front():
            return self.leave()
        widget = self._surface.widget
        if widget.cursor().shape() != QtCore.Qt.CursorShape.CrossCursor and not self._is_space_down:
            widget.setCursor(QtCore.Qt.CursorShape.CrossCursor)
        self._overlay.follow(self._surface.to_image())
        self._come_first()

    def _come_first(self) -> None:
        """Be asked before Krita, which puts its own event filter first whenever the canvas gets the focus."""
        if self._surface:
            self._surface.widget.installEventFilter(self)

    @guarded
    def _told(self) -> None:
        """The engine has answered, or something was taken back in the panel."""
        if self._overlay is None:
            return
        self._overlay.update()
        self._end_if_finished()

    # Events

    @guarded
    def _takes(self, event: QtCore.QEvent) -> bool:
        """Whether an event of the canvas is ours; then Krita does not see it."""
        kind = event.type()
        if kind in (Event.KeyPress, Event.ShortcutOverride):
            return self._takes_key(event)  # type: ignore[arg-type]
        if kind == Event.KeyRelease:
            self._released_key(event)  # type: ignore[arg-type]
        elif kind == Event.FocusOut:
            self._is_space_down = False
        elif kind == Event.FocusIn:
            self._come_first()
        elif kind == Event.Resize and self._overlay:
            self._overlay.resize(event.size())  # type: ignore[attr-defined]
        elif kind == Event.ContextMenu:
            return True
        elif kind in PRESSES + MOVES + RELEASES:
            return self._takes_pointer(event)
        return False

    def _takes_pointer(self, event: QtCore.QEvent) -> bool:
        kind = event.type()
        if kind in PEN:
            self._pen_at = time.monotonic()
        elif kind in PRESSES and time.monotonic() - self._pen_at < ECHO_S:
            return True
        if kind in PRESSES:
            return self._pressed(event)  # type: ignore[arg-type]
        if self._gesture is None:
            return self._hovers(event)  # type: ignore[arg-type]
        self._gesture.end = exact_position(event)
        if kind in RELEASES:
            self._released(self._gesture)
        self._show_gesture()
        event.accept()
        return True

    def _hovers(self, event: QtGui.QMouseEvent) -> bool:
        """Krita's brush does not follow; but while it pans, it hears of every move."""
        if self._overlay:
            self._overlay.make_room(exact_position(event))
        return not self._is_space_down and event.buttons() == Button.NoButton and event.type() in MOVES

    def _send_brush_away(self, widget: QtWidgets.QWidget) -> None:
        """The outline of Krita's brush stays where the mouse was last: let that be far off."""
        none, off = Button.NoButton, QtCore.QPointF(FAR_PX, FAR_PX)
        widget.removeEventFilter(self)
        move = QtGui.QMouseEvent(Event.MouseMove, off, off, none, none, Modifier.NoModifier)
        QtWidgets.QApplication.sendEvent(widget, move)
        widget.installEventFilter(self)

    def _pressed(self, event: QtGui.QMouseEvent) -> bool:
        if self._gesture:
            return True
        if self._is_space_down or event.button() not in (Button.LeftButton, Button.RightButton):
            return False
        is_aside = bool(event.modifiers() & (Modifier.ShiftModifier | Modifier.AltModifier))
        point = exact_position(event)
        self._gesture = Gesture(point, event.button() == Button.LeftButton and not is_aside, point)
        event.accept()
        return True

    def _released(self, gesture: Gesture) -> None:
        assert self._surface
        self._gesture, self._is_finishing = None, False
        info = self._session.active_info()
        if info is None:
            return
        selecting, to_image = self._session.selecting, self._surface.to_image()
        if gesture.is_drag:
            box = framed(gesture, to_image, info.width, info.height)
            if box:
                selecting.frame(box)
            return
        place = pixel(gesture.start, to_image, info.width, info.height)
        if place:
            selecting.point(*place, gesture.is_on)

    def _show_gesture(self) -> None:
        if self._overlay:
            self._overlay.show_gesture(self._gesture)

    def _released_key(self, event: QtGui.QKeyEvent) -> None:
        if event.key() == Key.Key_Space and not event.isAutoRepeat():
            self._is_space_down = False
            if self._surface:
                self._send_brush_away(self._surface.widget)

    def _takes_key(self, event: QtGui.QKeyEvent) -> bool:
        """A key that means something here; Krita's shortcut for it is not asked."""
        act = self._meaning(event)
        if act is None:
            self._is_space_down |= event.key() == Key.Key_Space
            return False
        event.accept()
        if event.type() == Event.KeyPress:
            act()
        return True

    def _meaning(self, event: QtGui.QKeyEvent) -> Callable[[], None] | None:
        key, selecting = event.key(), self._session.selecting
        if key == Key.Key_Escape:
            return self.leave
        if key in (Key.Key_Return, Key.Key_Enter):
            held = event.modifiers()
            mode = MODES[bool(held & Modifier.ShiftModifier), bool(held & Modifier.AltModifier)]
            return lambda: self._finish(mode)
        if key == Key.Key_Backspace or (selecting.can_undo and event.matches(QtGui.QKeySequence.StandardKey.Undo)):
            return selecting.undo
        return None

    def _finish(self, mode: Mode) -> None:
        """Select what is marked, and leave; where the engine is still looking, when it has answered."""
        self._is_finishing = True
        self._session.selecting.apply(mode)
        self._end_if_finished()

    def _end_if_finished(self) -> None:
        """Once what was marked is selected; where there is a problem it is told, and can be mended."""
        selecting = self._session.selecting
        if not self._is_finishing or selecting.stage or not self.is_on:
            return
        self._is_finishing = False
        if selecting.problem is None:
            self._end()
