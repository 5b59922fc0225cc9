"""What is drawn over Krita's canvas while it is clicked: the thing that is marked, the hints, and what keys do."""

from __future__ import annotations

from dataclasses import dataclass

from .gestures import Gesture
from .guard import guarded
from .looking import Candidate
from .panel.marks import draw_box, draw_hints, overlay
from .qt import QtCore, QtGui, QtWidgets
from .session import Session
from .translation import direction, tr

GROUND, LETTERS = QtGui.QColor(0, 0, 0, 190), QtGui.QColor(255, 255, 255)
MARGIN_PX = 10
NEAR = 0.2  # of the height
KEYS = tr(
    "Click the thing; Shift and click, or right click: not this; or drag a box around it.\n"
    "Enter selects (Shift adds, Alt subtracts). Backspace takes the last one back. Escape leaves."
)


@dataclass(frozen=True)
class Drawn:
    """A mark as it is drawn in one view."""

    candidate: Candidate
    to_widget: QtGui.QTransform
    size: QtCore.QSize
    image: QtGui.QImage

    def fits(self, to_widget: QtGui.QTransform, size: QtCore.QSize) -> bool:
        """Whether it need not be drawn anew."""
        return self.to_widget == to_widget and self.size == size


class Overlay(QtWidgets.QWidget):
    """A child of the canvas, over all of it; the mouse goes through."""

    def __init__(self, session: Session, canvas: QtWidgets.QWidget) -> None:
        super().__init__(canvas)
        self._session = session
        self._to_widget = QtGui.QTransform()
        self._gesture: Gesture | None = None
        self._is_low = False
        self._is_moving = False  # the view is, and the mark is not drawn anew until it stands still
        self._drawn: Drawn | None = None
        self.setObjectName("inlay_canvas_overlay")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        self.resize(canvas.size())
        self.show()
        self.raise_()

    def follow(self, to_image: QtGui.QTransform) -> None:
        """The view is scrolled, zoomed and turned so."""
        to_widget, _ = to_image.inverted()
        was_moving, self._is_moving = self._is_moving, to_widget != self._to_widget
        self._to_widget = to_widget
        if was_moving or self._is_moving:
            self.update()

    def make_room(self, pointer: QtCore.QPointF) -> None:
        """The words go to the lower edge while the pointer is near the upper one."""
        is_low = pointer.y() < self.height() * NEAR
        if is_low != self._is_low:
            self._is_low = is_low
            self.update()

    def show_gesture(self, gesture: Gesture | None) -> None:
        """Something is being dragged; None: not any more."""
        self._gesture = gesture
        self.update()

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        self._paint_mark(painter)
        draw_hints(painter, self._session.selecting.hints, self._to_widget)
        if self._gesture and self._gesture.is_drag:
            to_image, _ = self._to_widget.inverted()
            box = QtCore.QRectF(to_image.map(self._gesture.start), to_image.map(self._gesture.end))
            draw_box(painter, self._to_widget.map(QtGui.QPolygonF(box)))
        self._paint_words(painter)

    def _paint_mark(self, painter: QtGui.QPainter) -> None:
        """Over the picture alone, not over what is around it."""
        candidate, canvas = self._session.selecting.candidate, self._session.selecting.canvas
        if candidate is None or canvas is None:
            return
        drawn = self._drawn_mark(candidate)
        back, _ = drawn.to_widget.inverted()
        picture = QtGui.QPainterPath()
        picture.addPolygon(self._to_widget.map(QtGui.QPolygonF(QtCore.QRectF(0, 0, canvas.width, canvas.height))))
        painter.save()
        painter.setClipPath(picture)
        painter.setTransform(back * self._to_widget)
        painter.drawImage(0, 0, drawn.image)
        painter.restore()

    def _drawn_mark(self, candidate: Candidate) -> Drawn:
        """As the view is, or, while it moves, as it was: a new one takes too long to follow a hand."""
        old = self._drawn
        if old and old.candidate is candidate and (self._is_moving or old.fits(self._to_widget, self.size())):
            return old
        ratio = self.devicePixelRatioF()
        to_device = self._to_widget * QtGui.QTransform.fromScale(ratio, ratio)
        image = overlay(candidate, self.size() * ratio, to_device, ratio)
        image.setDevicePixelRatio(ratio)
        self._drawn = Drawn(candidate, self._to_widget, self.size(), image)
        return self._drawn

    def _paint_words(self, painter: QtGui.QPainter) -> None:
        """What is under way or went wrong, and what keys do, in the middle of an edge."""
        selecting = self._session.selecting
        problem = selecting.problem
        told = f"{problem.message} {problem.remedy}".strip() if problem else selecting.stage
        flags = int(QtCore.Qt.TextFlag.TextWordWrap | QtCore.Qt.AlignmentFlag.AlignHCenter)
        room = self.rect().adjusted(3 * MARGIN_PX, 2 * MARGIN_PX, -3 * MARGIN_PX, 0)
        words = f"{told}\n{KEYS}" if told else KEYS
        place = painter.boundingRect(room, flags, words)
        if self._is_low:
            place.moveBottom(self.height() - room.top())
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(GROUND)
        painter.drawRoundedRect(place.adjusted(-MARGIN_PX, -MARGIN_PX // 2, MARGIN_PX, MARGIN_PX // 2), 4, 4)
        painter.setPen(LETTERS)
        painter.setLayoutDirection(direction())
        painter.drawText(place, flags, words)
