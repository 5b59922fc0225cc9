"""The new canvas as a frame around a small picture: its sides and corners are pulled by mouse and keys."""

from __future__ import annotations

from dataclasses import dataclass

from ..framing import Grip, pulled, pulled_in_shape
from ..guard import guarded
from ..qt import QtCore, QtGui, Signal
from ..session import Session
from ..settings import Sides
from ..shapes import FREE, RATIOS
from ..state import size_text
from ..translation import tr
from .handle import GRIPS, THICK_PX, Handle
from .marks import INK, PAPER
from .messages import ERROR_BAR
from .part import mixed, small_font
from .shown import Shown

ROOM = 0.3  # of the picture's length at each side, so that there is somewhere to pull to
SNAP_PX = 5  # of the screen
STEP_PX, LONG_STEP_PX = 1, 10  # of the canvas, for a key
MOST = tr("+100 % a side is the most")
NEW_SHARE = 0.16  # of the letters' colour, where new canvas will be
Modifiers = QtCore.Qt.KeyboardModifier


@dataclass(frozen=True)
class Pull:
    """What a hand holds, and how everything was when it took hold."""

    grip: Grip
    sides: Sides
    at: QtCore.QPointF
    scale: float


class Frame(Shown):
    """The picture with the sides around it. Tells other sides: `reshaped` on the way, `released` at its end."""

    reshaped = Signal(object)
    released = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._sides = Sides()
        self._ratio = FREE
        self._pull: Pull | None = None
        self._to_widget = QtGui.QTransform()  # from canvas pixels
        self.setObjectName("inlay_frame")
        self.handles = {name: Handle(self, name, grip) for name, grip in GRIPS.items()}

    @property
    def is_held(self) -> bool:
        """Whether a hand pulls at it now."""
        return self._pull is not None

    def show_frame(self, sides: Sides, ratio: str) -> None:
        """Draw these sides around the picture; ratio: the name of the frame's shape."""
        self._sides, self._ratio = sides, ratio
        self._place_handles()
        self.update()

    def take(self, grip: Grip, at: QtCore.QPointF) -> None:
        """A hand takes hold here, in the widget's coordinates."""
        self._pull = Pull(grip, self._sides, at, self._scale)

    def pull_to(self, at: QtCore.QPointF, modifiers: Modifiers) -> None:
        """The hand is here now. Ctrl keeps the shape, Alt takes the opposite side along, Shift snaps to nothing."""
        pull = self._pull
        if pull:
            way = (at - pull.at) / pull.scale
            reach = 0 if modifiers & Modifiers.ShiftModifier else SNAP_PX / pull.scale
            self._tell(self._pulled(pull.sides, pull.grip, way, modifiers, reach))

    def let_go(self) -> None:
        """The hand is off."""
        if self._pull:
            self._pull = None
            self._place_handles()
            self.update()
            self.released.emit()

    def give_up(self) -> None:
        """The hand is off, and all is as it was before."""
        if self._pull:
            self._tell(self._pull.sides)
            self.let_go()

    def step(self, grip: Grip, way: QtCore.QPointF, modifiers: Modifiers) -> None:
        """A key moves what it belongs to by one pixel of the canvas, or ten with Shift; else as the mouse does."""
        length = LONG_STEP_PX if modifiers & Modifiers.ShiftModifier else STEP_PX
        self._tell(self._pulled(self._sides, grip, way * length, modifiers, 0))
        self.released.emit()

    def put_back(self, grip: Grip) -> None:
        """The sides that a grip holds go back to the picture's border."""
        left, top, right, bottom = (getattr(self._sides, side) for side in ("left", "top", "right", "bottom"))
        self._tell(
            Sides(
                left=0 if grip.x < 0 else left,
                top=0 if grip.y < 0 else top,
                right=0 if grip.x > 0 else right,
                bottom=0 if grip.y > 0 else bottom,
            )
        )
        self.released.emit()

    def _pulled(self, sides: Sides, grip: Grip, way: QtCore.QPointF, modifiers: Modifiers, reach: float) -> Sides:
        size, is_both = self._size, bool(modifiers & Modifiers.AltModifier)
        if modifiers & Modifiers.ControlModifier:
            shape = RATIOS[self._ratio] or sides.size(*size)
            return pulled_in_shape(sides, size, grip, (way.x(), way.y()), shape, is_both)
        return pulled(sides, size, grip, (way.x(), way.y()), is_both, reach)

    def _tell(self, sides: Sides) -> None:
        if sides != self._sides:
            self.reshaped.emit(sides)

    # Where things are

    @property
    def _size(self) -> tuple[int, int]:
        return (self._canvas.width, self._canvas.height) if self._canvas else (1, 1)

    @property
    def _scale(self) -> float:
        """Widget pixels a canvas pixel."""
        return self._to_widget.m11()

    def _frame(self, sides: Sides) -> QtCore.QRectF:
        """A frame in the widget."""
        width, height = sides.size(*self._size)
        return self._to_widget.mapRect(QtCore.QRectF(-sides.left, -sides.top, width, height))

    def _fit(self) -> None:
        """Have the frame, and some room around the picture, fill the widget."""
        width, height = self._size
        across, down = round(ROOM * width), round(ROOM * height)
        left, top = max(self._sides.left, across), max(self._sides.top, down)
        right, bottom = max(self._sides.right, across), max(self._sides.bottom, down)
        shown = QtCore.QRectF(-left, -top, left + width + right, top + height + bottom)
        room = QtCore.QRectF(self.rect()).adjusted(THICK_PX, THICK_PX, -THICK_PX, -THICK_PX)
        scale = max(min(room.width() / shown.width(), room.height() / shown.height()), 1e-6)
        centre = room.center()
        self._to_widget = QtGui.QTransform.fromTranslate(centre.x(), centre.y()).scale(scale, scale)
        self._to_widget.translate(-shown.center().x(), -shown.center().y())

    def _place_handles(self) -> None:
        """Under the hand the scale stays as it is: what is pulled stays at the pointer, out of sight if need be."""
        if not self._pull:
            self._fit()
        frame = self._frame(self._sides).toAlignedRect()
        for handle in self.handles.values():
            handle.place_at(frame)
            handle.setVisible(self._canvas is not None)

    # Qt's side

    @guarded
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._place_handles()

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        if self._canvas is None:
            return self.paint_nothing(painter)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        picture, frame = self._frame(Sides()), self._frame(self._sides)
        self._paint_limit(painter)
        self._paint_new(painter, frame)
        if self._image is None:
            painter.fillRect(picture, self.palette().base())
        else:
            painter.drawImage(picture, self._image)
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        painter.setPen(QtGui.QPen(mixed(self._window, self._letters, 0.5), 1))
        painter.drawRect(picture)
        self._paint_lines(painter, frame)
        if self._pull or any(handle.hasFocus() for handle in self.handles.values()):
            self._paint_size(painter)

    @property
    def _window(self) -> QtGui.QColor:
        return self.palette().window().color()

    @property
    def _letters(self) -> QtGui.QColor:
        return self.palette().windowText().color()

    def _paint_limit(self, painter: QtGui.QPainter) -> None:
        """How far each side can go."""
        width, height = self._size
        pen = QtGui.QPen(mixed(self._window, self._letters, 0.5), 1, QtCore.Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawRect(self._frame(Sides(width, height, width, height)))

    def _paint_new(self, painter: QtGui.QPainter, frame: QtCore.QRectF) -> None:
        """Hatched, where the engine will paint."""
        painter.fillRect(frame, mixed(self._window, self._letters, NEW_SHARE))
        hatched = QtGui.QBrush(mixed(self._window, self._letters, 2 * NEW_SHARE), QtCore.Qt.BrushStyle.BDiagPattern)
        painter.fillRect(frame, hatched)

    def _paint_lines(self, painter: QtGui.QPainter, frame: QtCore.QRectF) -> None:
        """The frame's sides; one that can go no further is red."""
        width, height = self._size
        plain = self.palette().highlight().color()
        for side, most, line in (
            (self._sides.left, width, QtCore.QLineF(frame.topLeft(), frame.bottomLeft())),
            (self._sides.top, height, QtCore.QLineF(frame.topLeft(), frame.topRight())),
            (self._sides.right, width, QtCore.QLineF(frame.topRight(), frame.bottomRight())),
            (self._sides.bottom, height, QtCore.QLineF(frame.bottomLeft(), frame.bottomRight())),
        ):
            painter.setPen(QtGui.QPen(ERROR_BAR if side >= most else plain, 2))
            painter.drawLine(line)

    def _paint_size(self, painter: QtGui.QPainter) -> None:
        """The new size, at the lower edge, and what its shape is called or that it can go no further."""
        (width, height), sides = self._size, self._sides
        is_most = max(sides.left, sides.right) >= width or max(sides.top, sides.bottom) >= height
        more = MOST if is_most else "" if self._ratio == FREE else self._ratio
        text = f"{size_text(*sides.size(width, height))}  {more}".rstrip()
        painter.setFont(small_font(self.font()))
        letters = painter.fontMetrics()
        box = QtCore.QRectF(0, 0, min(letters.horizontalAdvance(text) + 12, self.width()), letters.height() + 4)
        box.moveCenter(QtCore.QPointF(self.width() / 2, self.height() - box.height() / 2 - 1))
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(INK)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(PAPER)
        shown = letters.elidedText(text, QtCore.Qt.TextElideMode.ElideRight, int(box.width()) - 8)
        painter.drawText(box, QtCore.Qt.AlignmentFlag.AlignCenter, shown)
