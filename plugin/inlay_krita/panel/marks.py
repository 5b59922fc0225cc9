"""How a thing that is marked in a picture is drawn, so that it can be seen on any picture."""

from __future__ import annotations

from ..looking import Candidate, Hints
from ..qt import QtCore, QtGui
from ..wire import Box, Point

INK, PAPER = QtGui.QColor(0, 0, 0), QtGui.QColor(255, 255, 255)
VEIL = QtGui.QColor(12, 12, 24, 150)  # over all that is not marked
ON, OFF = QtGui.QColor(40, 150, 70), QtGui.QColor(205, 55, 45)
DOT_PX = 6.5  # radius
AROUND = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
PREMULTIPLIED = QtGui.QImage.Format.Format_ARGB32_Premultiplied
Modes = QtGui.QPainter.CompositionMode


def overlay(candidate: Candidate, size: QtCore.QSize, to_device: QtGui.QTransform, ratio: float) -> QtGui.QImage:
    """A veil with a hole where the thing is, as soft as its mask, and an outline where that is half.

    size: of what is drawn, in device pixels; to_device: from canvas pixels to those; ratio: device pixels a widget
    pixel.
    """
    shape = _empty(size)
    painter = QtGui.QPainter(shape)
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
    painter.setTransform(to_device)
    painter.drawImage(_rectangle(candidate.selected.box), candidate.shape)
    painter.end()
    drawn = _empty(size)
    drawn.fill(VEIL)
    painter = QtGui.QPainter(drawn)
    painter.setCompositionMode(Modes.CompositionMode_DestinationOut)
    painter.drawImage(0, 0, shape)
    painter.setCompositionMode(Modes.CompositionMode_SourceOver)
    width_px = max(1, round(ratio))
    room = 2 * width_px
    around = to_device.mapRect(_rectangle(candidate.selected.box)).toAlignedRect().adjusted(-room, -room, room, room)
    seen = around & drawn.rect()
    if not seen.isEmpty():
        painter.drawImage(seen.topLeft(), _outline(shape.copy(seen), width_px))
    painter.end()
    return drawn


def draw_hints(painter: QtGui.QPainter, hints: Hints, to_widget: QtGui.QTransform) -> None:
    """Dots and box. to_widget: from canvas pixels to the widget's."""
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    if hints.box:
        draw_box(painter, to_widget.map(QtGui.QPolygonF(_rectangle(hints.box))))
    for point in hints.points:
        _draw_dot(painter, point, to_widget.map(QtCore.QPointF(point.x + 0.5, point.y + 0.5)))


def draw_box(painter: QtGui.QPainter, corners: QtGui.QPolygonF) -> None:
    """A dashed frame in two colours."""
    painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
    painter.setPen(QtGui.QPen(INK, 1.5))
    painter.drawPolygon(corners)
    painter.setPen(QtGui.QPen(PAPER, 1.5, QtCore.Qt.PenStyle.DashLine))
    painter.drawPolygon(corners)


def _draw_dot(painter: QtGui.QPainter, point: Point, at: QtCore.QPointF) -> None:
    painter.setPen(QtGui.QPen(INK, 3.0))
    painter.setBrush(ON if point.is_on else OFF)
    painter.drawEllipse(at, DOT_PX, DOT_PX)
    painter.setPen(QtGui.QPen(PAPER, 1.5))
    painter.drawEllipse(at, DOT_PX, DOT_PX)
    arm = DOT_PX - 3.0
    painter.drawLine(at - QtCore.QPointF(arm, 0), at + QtCore.QPointF(arm, 0))
    if point.is_on:
        painter.drawLine(at - QtCore.QPointF(0, arm), at + QtCore.QPointF(0, arm))


def _outline(shape: QtGui.QImage, width_px: int) -> QtGui.QImage:
    """A white line just inside where the shape is half covered, and a black one around it; each `width_px` wide.

    Stripes would lie along some edges, and be of one colour there.
    """
    solid, inner = _solid(shape), _empty(shape.size())
    inner.fill(INK)
    _repeat(inner, solid, width_px, Modes.CompositionMode_DestinationIn)
    white = _empty(shape.size())
    white.fill(PAPER)
    _repeat(white, solid, 0, Modes.CompositionMode_DestinationIn)
    drawn = _empty(shape.size())
    _repeat(drawn, solid, width_px, Modes.CompositionMode_SourceOver)
    _repeat(drawn, white, 0, Modes.CompositionMode_SourceOver)
    _repeat(drawn, inner, 0, Modes.CompositionMode_DestinationOut)
    return drawn


def _repeat(image: QtGui.QImage, source: QtGui.QImage, by_px: int, mode: Modes) -> None:
    """Draw a source over an image: as it is, and moved to all sides."""
    painter = QtGui.QPainter(image)
    painter.setCompositionMode(mode)
    for x, y in AROUND if by_px else [(0, 0)]:
        painter.drawImage(x * by_px, y * by_px, source)
    painter.end()


def _solid(shape: QtGui.QImage) -> QtGui.QImage:
    """Opaque where the shape is at least half covered, empty elsewhere."""
    threshold = QtCore.Qt.ImageConversionFlag.ThresholdAlphaDither
    bits = shape.createAlphaMask(threshold)
    bits.setColorTable([QtGui.QColor(0, 0, 0, 0).rgba(), INK.rgba()])
    return bits.convertToFormat(PREMULTIPLIED)


def _rectangle(box: Box) -> QtCore.QRectF:
    return QtCore.QRectF(box.x, box.y, box.width, box.height)


def _empty(size: QtCore.QSize) -> QtGui.QImage:
    image = QtGui.QImage(size, PREMULTIPLIED)
    image.fill(QtCore.Qt.GlobalColor.transparent)
    return image
