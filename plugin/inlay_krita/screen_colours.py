"""Pixels of a document's colour space as Krita's screen shows them. Talks to libkis."""

from __future__ import annotations

from typing import Any

from .qt import QtCore, QtGui

TILE_PX = 64
TOP = {"U8": b"\xff", "U16": b"\xff\xff", "F16": b"\x00\x3c", "F32": b"\x00\x00\x80\x3f"}  # an alpha of 1


def image_of(document: Any, width: int, height: int, pixels: bytes) -> QtGui.QImage:
    """A QImage in 8-bit sRGB, through Krita's own conversion; equal to what `Document.projection` gives.

    It is the thumbnail of a layer that stays outside the document. A thumbnail is scaled to the layer's tiles in some
    versions and to its opaque pixels in others: two opaque pixels in tiles of their own, at opposite corners, make both
    the same, and the scale 1.
    """
    wide, high = (TILE_PX * (2 + (side - 1) // TILE_PX + 1) for side in (width, height))
    layer = document.createNode("seen", "paintlayer")
    layer.setPixelData(QtCore.QByteArray(pixels), TILE_PX, TILE_PX, width, height)
    top = TOP[document.colorDepth()]
    opaque = QtCore.QByteArray(bytes(len(pixels) // (width * height) - len(top)) + top)
    for x, y in ((0, 0), (wide - 1, high - 1)):
        layer.setPixelData(opaque, x, y, 1, 1)
    whole: QtGui.QImage = layer.thumbnail(wide, high)
    return whole.copy(TILE_PX, TILE_PX, width, height)
