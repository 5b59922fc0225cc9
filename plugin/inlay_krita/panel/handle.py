"""A side or a corner of the frame: it is dragged, stepped by arrow keys, and put back by a double click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..framing import Grip
from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets, exact_position
from ..translation import tr
from .marks import INK, PAPER

if TYPE_CHECKING:
    from .frame import Frame

THICK_PX = 13  # enough to be hit
KNOB_PX = 7
NAMES = {
    "left": tr("Left side of the new canvas"),
    "top_left": tr("Top left corner of the new canvas"),
    "top": tr("Upper side of the new canvas"),
    "top_right": tr("Top right corner of the new canvas"),
    "right": tr("Right side of the new canvas"),
    "bottom_right": tr("Bottom right corner of the new canvas"),
    "bottom": tr("Lower side of the new canvas"),
    "bottom_left": tr("Bottom left corner of the new canvas"),
}
GRIPS = {
    "left": Grip(-1, 0),
    "top_left": Grip(-1, -1),
    "top": Grip(0, -1),
    "top_right": Grip(1, -1),
    "right": Grip(1, 0),
    "bottom_right": Grip(1, 1),
    "bottom": Grip(0, 1),
    "bottom_left": Grip(-1, 1),
}
TIP = tr(
    "Drag it outwards, or press arrow keys (Shift: 10 px).\n"
    "Ctrl keeps the shape, Alt moves the opposite side too, Shift drags without snapping.\n"
    "A double click puts it back. +100 % is the most."
)
Keys, Cursors = QtCore.Qt.Key, QtCore.Qt.CursorShape
WAYS = {
    Keys.Key_Left: QtCore.QPointF(-1, 0),
    Keys.Key_Right: QtCore.QPointF(1, 0),
    Keys.Key_Up: QtCore.QPointF(0, -1),
    Keys.Key_Down: QtCore.QPointF(0, 1),
}
LEFT = QtCore.Qt.MouseButton.LeftButton


class Handle(QtWidgets.QWidget):
    """A strip along a side, or a square at a corner."""

    def __init__(self, frame: Frame, name: str, grip: Grip) -> None:
        super().__init__(frame)
        self._frame, self._grip = frame, grip
        self.setObjectName(f"inlay_frame_{name}")
        self.setToolTip(f"{NAMES[name]}.\n{TIP}")
        self.setAccessibleName(NAMES[name])
        self.setAccessibleDescription(TIP)
        self.setCursor(_cursor(grip))
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)

    def crashed(self, error: Exception) -> None:
        self._frame.crashed(error)

    def place_at(self, frame: QtCore.QRect) -> None:
        """Take our place at the frame, both in the parent's coordinates."""
        half = THICK_PX // 2
        x = {-1: frame.left() - half, 0: frame.left() + half, 1: frame.right() - half}[self._grip.x]
        y = {-1: frame.top() - half, 0: frame.top() + half, 1: frame.bottom() - half}[self._grip.y]
        width = THICK_PX if self._grip.x else max(frame.width() - THICK_PX, 1)
        height = THICK_PX if self._grip.y else max(frame.height() - THICK_PX, 1)
        self.setGeometry(x, y, width, height)

    @guarded
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == LEFT:
            self._frame.take(self._grip, self._place(event))

    @guarded
    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._frame.pull_to(self._place(event), event.modifiers())

    @guarded
    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == LEFT:
            self._frame.let_go()

    @guarded
    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._frame.put_back(self._grip)

    def event(self, event: QtCore.QEvent) -> bool:
        """Keys that mean something here are not for Krita's shortcuts."""
        if event.type() == QtCore.QEvent.Type.ShortcutOverride and self._is_ours(event):
            event.accept()
            return True
        return bool(super().event(event))

    @guarded
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        way = self._way(event)
        if event.key() == Keys.Key_Escape and self._frame.is_held:
            self._frame.give_up()
        elif way is not None:
            self._frame.step(self._grip, way, event.modifiers())
        else:
            super().keyPressEvent(event)

    @guarded
    def focusInEvent(self, event: QtGui.QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        self._frame.update()

    @guarded
    def focusOutEvent(self, event: QtGui.QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        self._frame.update()

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        knob = QtCore.QRect(0, 0, KNOB_PX, KNOB_PX)
        knob.moveCenter(self.rect().center())
        painter.setPen(INK)
        painter.setBrush(self.palette().highlight() if self.hasFocus() else PAPER)
        painter.drawRect(knob)

    def _place(self, event: Any) -> QtCore.QPointF:
        """In the frame's coordinates: ours move along."""
        return exact_position(event) + QtCore.QPointF(self.pos())

    def _is_ours(self, event: Any) -> bool:
        """An arrow that leads along our way, or Escape while we are held."""
        return self._frame.is_held if event.key() == Keys.Key_Escape else self._way(event) is not None

    def _way(self, event: Any) -> QtCore.QPointF | None:
        """Where an arrow key leads, if we can go there."""
        for key, way in WAYS.items():
            if event.key() == key and (way.x() * self._grip.x or way.y() * self._grip.y):
                return way
        return None


def _cursor(grip: Grip) -> QtGui.QCursor:
    if grip.x and grip.y:
        return QtGui.QCursor(Cursors.SizeFDiagCursor if grip.x == grip.y else Cursors.SizeBDiagCursor)
    return QtGui.QCursor(Cursors.SizeHorCursor if grip.x else Cursors.SizeVerCursor)
