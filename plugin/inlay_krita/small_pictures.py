"""Small pictures of results among what is around them: a result alone may be a strip of sky."""

from __future__ import annotations

from typing import Any

from .contract import Canvas
from .errand import Delivery
from .qt import QtCore, QtGui
from .recipes import on_todays_canvas
from .thumbnails import image_of
from .wire import Box

SIDE_PX = 192  # twice what is shown, for fine screens
AROUND = 0.25  # of the result's mean side, on each side of it
LARGEST_PX = 1_000_000  # that are read for it, in 20 ms or so; a larger result is shown alone


def small_picture(canvas: Canvas, document: Any, delivery: Delivery) -> QtGui.QImage:
    """A result in its surroundings as they are now, at most `SIDE_PX` a side. Raises CanvasError."""
    alone, info = image_of(delivery.thumbnail), canvas.info(document)
    box = on_todays_canvas(delivery, info).result.box
    around = _around(box, Box(0, 0, info.width, info.height))
    shown = _shared(around, Box(0, 0, info.width, info.height))
    if alone.isNull() or shown is None or around.width * around.height > LARGEST_PX:
        return alone
    scale = SIDE_PX / max(around.width, around.height)
    size = QtCore.QSize(max(1, round(around.width * scale)), max(1, round(around.height * scale)))
    picture = QtGui.QImage(size, QtGui.QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(QtCore.Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(picture)
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
    painter.scale(scale, scale)
    painter.translate(-around.x, -around.y)
    painter.drawImage(_rectangle(shown), _reduced(canvas.strip(document, shown), scale))
    painter.drawImage(_rectangle(box), _masked(alone, delivery.mask, box))
    painter.end()
    return picture


def _masked(alone: QtGui.QImage, coverage: bytes, box: Box) -> QtGui.QImage:
    """The small result, transparent where nothing of it is pasted."""
    mask = QtGui.QImage(coverage, box.width, box.height, box.width, QtGui.QImage.Format.Format_Alpha8)
    ways = QtCore.Qt.AspectRatioMode.IgnoreAspectRatio, QtCore.Qt.TransformationMode.SmoothTransformation
    masked = alone.convertToFormat(QtGui.QImage.Format.Format_ARGB32_Premultiplied)
    painter = QtGui.QPainter(masked)
    painter.setCompositionMode(QtGui.QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(0, 0, mask.scaled(alone.size(), *ways))
    painter.end()
    return masked


def _reduced(image: QtGui.QImage, scale: float) -> QtGui.QImage:
    """Made small well; a painter leaves pixels out."""
    if scale >= 1:
        return image
    width, height = (max(1, round(side * scale)) for side in (image.width(), image.height()))
    return image.scaled(
        width,
        height,
        QtCore.Qt.AspectRatioMode.IgnoreAspectRatio,
        QtCore.Qt.TransformationMode.SmoothTransformation,
    )


def _around(box: Box, canvas: Box) -> Box:
    """A result's box with some of the canvas around it; a narrow one gets more across."""
    pad = round(AROUND * (box.width + box.height) / 2) + abs(box.width - box.height) // 4
    left, top = max(min(box.x, canvas.x), box.x - pad), max(min(box.y, canvas.y), box.y - pad)
    right = min(max(box.right, canvas.right), box.right + pad)
    bottom = min(max(box.bottom, canvas.bottom), box.bottom + pad)
    return Box(left, top, right - left, bottom - top)


def _shared(one: Box, other: Box) -> Box | None:
    left, top = max(one.x, other.x), max(one.y, other.y)
    right, bottom = min(one.right, other.right), min(one.bottom, other.bottom)
    return Box(left, top, right - left, bottom - top) if left < right and top < bottom else None


def _rectangle(box: Box) -> QtCore.QRectF:
    return QtCore.QRectF(box.x, box.y, box.width, box.height)
