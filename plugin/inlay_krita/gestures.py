"""What a hand does on a canvas: a click points, a drag frames. Points are the widget's, until they are mapped."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .qt import QtCore, QtGui
from .wire import Box

DRAG_PX = 6.0  # of the screen; a click may shake by less


@dataclass
class Gesture:
    """A button that is held down."""

    start: QtCore.QPointF
    is_on: bool
    end: QtCore.QPointF

    @property
    def is_drag(self) -> bool:
        """Whether it went further than a click may shake."""
        way = self.end - self.start
        return math.hypot(way.x(), way.y()) >= DRAG_PX


def pixel(point: QtCore.QPointF, to_image: QtGui.QTransform, width: int, height: int) -> tuple[int, int] | None:
    """The pixel of the picture under a point; None beside the picture."""
    mapped = to_image.map(point)
    x, y = math.floor(mapped.x()), math.floor(mapped.y())
    return (x, y) if 0 <= x < width and 0 <= y < height else None


def framed(gesture: Gesture, to_image: QtGui.QTransform, width: int, height: int) -> Box | None:
    """The pixels between a drag's ends, as far as they are in the picture; None where none are.

    The box is upright in the picture: on a canvas that is turned it is turned with it.
    """
    dragged = QtCore.QRectF(to_image.map(gesture.start), to_image.map(gesture.end)).normalized().toAlignedRect()
    inside = dragged.intersected(QtCore.QRect(0, 0, width, height))
    return None if inside.isEmpty() else Box(inside.x(), inside.y(), inside.width(), inside.height())
