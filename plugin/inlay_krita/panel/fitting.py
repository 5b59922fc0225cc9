"""A picture as large as a place lets it be."""

from __future__ import annotations

from ..qt import QtCore, QtGui


def draw_fitted(
    painter: QtGui.QPainter, image: QtGui.QImage, room: QtCore.QRect, may_grow: bool = True
) -> QtCore.QRect:
    """Draw all of an image in the middle of a room, and give its place. may_grow: else it is no larger than it is."""
    size = image.size()
    if may_grow or size.width() > room.width() or size.height() > room.height():
        size.scale(room.size(), QtCore.Qt.AspectRatioMode.KeepAspectRatio)
    place = QtCore.QRect(QtCore.QPoint(0, 0), size)
    place.moveCenter(room.center())
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place, image)
    return place
