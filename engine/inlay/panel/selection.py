"""What is selected, as an image that a painter works on."""

from __future__ import annotations

from enum import Enum

import numpy as np
from inlay_krita.qt import QtCore, QtGui
from inlay_krita.translation import later

from inlay.pixels.masks import Mask

TINT = (235, 60, 60)  # red, green, blue of the overlay
PREMULTIPLIED = QtGui.QImage.Format.Format_ARGB32_Premultiplied


class Tool(Enum):
    """What the mouse does to the selection."""

    BRUSH = later("Brush")
    ERASER = later("Eraser")
    RECTANGLE = later("Rectangle")


class Selection:
    """Coverage, kept in the alpha of a tinted image: what is painted is what is shown and what is sent."""

    def __init__(self, width: int, height: int) -> None:
        self.image = QtGui.QImage(max(width, 1), max(height, 1), PREMULTIPLIED)
        self.image.fill(QtCore.Qt.GlobalColor.transparent)

    def stroke(self, start: QtCore.QPointF, end: QtCore.QPointF, size_px: float, is_erasing: bool) -> None:
        """A round brush from one point to another, in canvas pixels."""
        painter = self._painter(is_erasing)
        round_cap, round_join = QtCore.Qt.PenCapStyle.RoundCap, QtCore.Qt.PenJoinStyle.RoundJoin
        pen = QtGui.QPen(QtGui.QColor(*TINT), size_px, QtCore.Qt.PenStyle.SolidLine, round_cap, round_join)
        painter.setPen(pen)
        painter.drawLine(start, end + QtCore.QPointF(0.01, 0.0))  # a line of no length is not drawn
        painter.end()

    def rectangle(self, box: QtCore.QRect) -> None:
        """Select a rectangle as well, with hard edges."""
        painter = self._painter(False)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(box, QtGui.QColor(*TINT))
        painter.end()

    def clear(self) -> None:
        """Select nothing."""
        self.image.fill(QtCore.Qt.GlobalColor.transparent)

    @property
    def mask(self) -> Mask:
        """(H, W) uint8, a view of the image."""
        height, width = self.image.height(), self.image.width()
        bgra = np.frombuffer(self.image.constBits(), np.uint8).reshape(height, width, 4)
        return bgra[..., 3]

    def load(self, mask: Mask) -> None:
        """Select what a mask, (H, W) uint8, selects."""
        alpha = mask.astype(np.uint16)
        red, green, blue = ((alpha * part // 255).astype(np.uint8) for part in TINT)
        bgra = np.ascontiguousarray(np.dstack([blue, green, red, mask]))
        height, width = mask.shape
        self.image = QtGui.QImage(bgra.tobytes(), width, height, 4 * width, PREMULTIPLIED).copy()

    def _painter(self, is_erasing: bool) -> QtGui.QPainter:
        modes = QtGui.QPainter.CompositionMode
        painter = QtGui.QPainter(self.image)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setCompositionMode(modes.CompositionMode_Clear if is_erasing else modes.CompositionMode_SourceOver)
        return painter
