"""The document in the panel: it is clicked into, and shows what is marked."""

from __future__ import annotations

from typing import Any

from ..guard import guarded
from ..looking import Candidate, Hints
from ..qt import QtCore, QtGui, QtWidgets, Signal, exact_position
from ..session import Session
from ..translation import tr
from ..wire import Box
from .marks import draw_box, draw_hints, overlay
from .shown import Shown

TIP = tr(
    "Click the thing. Right click, or Alt and click: not this.\n"
    "Drag a box around it.\n"
    "Backspace takes the last one back, Escape all; Enter selects."
)
LEFT, RIGHT = QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.MouseButton.RightButton
Keys = QtCore.Qt.Key


class Picture(Shown):
    """Shows an image of the canvas; tells clicks and boxes in canvas pixels."""

    pointed = Signal(int, int, bool)
    framed = Signal(object)
    undone = Signal()
    cleared = Signal()
    accepted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._hints = Hints()
        self._candidate: Candidate | None = None
        self._overlay: tuple[object, QtGui.QImage] | None = None  # what it was drawn for, and it
        self._pressed: QtCore.QPointF | None = None
        self._dragged: QtCore.QRectF | None = None
        self.setObjectName("inlay_picture")
        self.setToolTip(TIP)
        self.setAccessibleName(tr("The picture, to click into"))
        self.setAccessibleDescription(TIP)
        self.setCursor(QtCore.Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.PreventContextMenu)

    def show_marks(self, hints: Hints, candidate: Candidate | None) -> None:
        """Draw these over it."""
        self._hints, self._candidate = hints, candidate
        self.update()

    def to_canvas(self, point: QtCore.QPointF) -> QtCore.QPointF | None:
        """A widget's point in canvas pixels; None where no picture is."""
        place = self.place
        if self._canvas is None or place.isEmpty():
            return None
        scale = self._canvas.width / place.width()
        return QtCore.QPointF((point.x() - place.x()) * scale, (point.y() - place.y()) * scale)

    @property
    def place(self) -> QtCore.QRectF:
        """Where in the widget the picture is."""
        if self._canvas is None:
            return QtCore.QRectF()
        scale = min(self.width() / self._canvas.width, self.height() / self._canvas.height)
        width, height = self._canvas.width * scale, self._canvas.height * scale
        return QtCore.QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    # Qt's side

    @guarded
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() in (LEFT, RIGHT):
            self._pressed = exact_position(event)

    @guarded
    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._pressed is None or not event.buttons() & LEFT:
            return
        way = exact_position(event) - self._pressed
        if self._dragged or way.manhattanLength() >= QtWidgets.QApplication.startDragDistance():
            self._dragged = QtCore.QRectF(self._pressed, exact_position(event)).normalized() & self.place
            self.update()

    @guarded
    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        pressed, dragged, self._pressed, self._dragged = self._pressed, self._dragged, None, None
        if pressed is None or self._canvas is None:
            return
        self.update()
        if dragged is not None:
            return self._frame(dragged)
        is_off = event.button() == RIGHT or bool(event.modifiers() & QtCore.Qt.KeyboardModifier.AltModifier)
        self._point(pressed, not is_off)

    @guarded
    def event(self, event: QtCore.QEvent) -> bool:
        """Keys that mean something here are not for Krita's shortcuts."""
        if event.type() == QtCore.QEvent.Type.ShortcutOverride and self._meaning(event):
            event.accept()
            return True
        return bool(super().event(event))

    @guarded
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        meaning = self._meaning(event)
        if meaning:
            meaning.emit()
        else:
            super().keyPressEvent(event)

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter, place = QtGui.QPainter(self), self.place
        if self._canvas is None or self._image is None:
            return self.paint_nothing(painter)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)
        if self._candidate:
            painter.drawImage(place, self._drawn(self._candidate, place))
        scale = place.width() / self._canvas.width
        draw_hints(painter, self._hints, QtGui.QTransform(scale, 0.0, 0.0, scale, place.x(), place.y()))
        if self._dragged:
            draw_box(painter, QtGui.QPolygonF(self._dragged))
        if self.hasFocus():
            painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
            painter.setPen(self.palette().highlight().color())
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _drawn(self, candidate: Candidate, place: QtCore.QRectF) -> QtGui.QImage:
        """The overlay, made anew only where it has changed."""
        assert self._canvas
        ratio = self.devicePixelRatioF()
        size = QtCore.QSize(max(1, round(place.width() * ratio)), max(1, round(place.height() * ratio)))
        wanted = (id(candidate), size.width(), size.height())
        if self._overlay is None or self._overlay[0] != wanted:
            scale = place.width() * ratio / self._canvas.width
            self._overlay = wanted, overlay(candidate, size, QtGui.QTransform.fromScale(scale, scale), ratio)
        return self._overlay[1]

    def _point(self, at: QtCore.QPointF, is_on: bool) -> None:
        half = QtCore.QPointF(0.5, 0.5) / self.devicePixelRatioF()  # the middle of the screen's pixel
        there = self.to_canvas(at + half)
        if there is None or self._canvas is None:
            return
        x, y = int(there.x() // 1), int(there.y() // 1)
        if 0 <= x < self._canvas.width and 0 <= y < self._canvas.height:
            self.pointed.emit(x, y, is_on)

    def _frame(self, dragged: QtCore.QRectF) -> None:
        first, last = self.to_canvas(dragged.topLeft()), self.to_canvas(dragged.bottomRight())
        if first is None or last is None or self._canvas is None:
            return
        whole = QtCore.QRect(0, 0, self._canvas.width, self._canvas.height)
        box = QtCore.QRectF(first, last).toAlignedRect() & whole
        if not box.isEmpty():
            self.framed.emit(Box(box.x(), box.y(), box.width(), box.height()))

    def _meaning(self, event: QtCore.QEvent) -> Any:
        """The signal that a key stands for here; None for all others."""
        assert isinstance(event, QtGui.QKeyEvent)
        if event.key() == Keys.Key_Backspace or event.matches(QtGui.QKeySequence.StandardKey.Undo):
            return self.undone
        if event.key() == Keys.Key_Escape:
            return self.cleared
        return self.accepted if event.key() in (Keys.Key_Return, Keys.Key_Enter) else None
