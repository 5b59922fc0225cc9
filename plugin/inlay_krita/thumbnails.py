"""Small pictures as a document keeps them: encoded in a worker thread, decoded with suspicion."""

from __future__ import annotations

import base64

from .client import Engine, EngineError, Image
from .qt import QtCore, QtGui, image_from_bgra
from .wire import Result

SIDE_PX = 96
QUALITY = 80
FORMATS = (b"jpeg", b"png")  # the first that this Qt can write
LARGEST_PX = 512  # a side; a document from somebody else may hold anything


def fetched(engine: Engine, result: Result) -> bytes:
    """What came of a run, made small by the engine and encoded. Empty where it cannot be had: no result waits for it.

    For a worker thread.
    """
    canvas = result.recipe.get("canvas") or {}
    try:
        return encoded(engine.thumbnail(result.pixels, SIDE_PX, str(canvas.get("profile", ""))))
    except EngineError:
        return b""


def encoded(image: Image) -> bytes:
    """An RGBA U8 image as a small file; empty where Qt has no format for it."""
    picture = image_from_bgra(image.raw, image.width, image.height)
    opaque = picture.convertToFormat(QtGui.QImage.Format.Format_RGB32)
    for name in FORMATS:
        buffer = QtCore.QBuffer()
        buffer.open(QtCore.QIODevice.OpenModeFlag.WriteOnly)
        writer = QtGui.QImageWriter(buffer, QtCore.QByteArray(name))
        writer.setQuality(QUALITY)
        if writer.write(opaque):
            return bytes(buffer.data().data())
    return b""


def decoded(text: str) -> QtGui.QImage:
    """The picture that a document keeps as base64; a null image where it is none, or none of ours."""
    try:
        return image_of(base64.b64decode(text, validate=True))
    except ValueError:
        return QtGui.QImage()


def image_of(raw: bytes) -> QtGui.QImage:
    """The picture in a small file; a null image where it is none, or none of ours."""
    buffer = QtCore.QBuffer()
    buffer.setData(QtCore.QByteArray(raw))
    buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
    reader = QtGui.QImageReader(buffer)
    size = reader.size()
    is_ours = bytes(reader.format().data()) in FORMATS and size.isValid()
    return reader.read() if is_ours and max(size.width(), size.height()) <= LARGEST_PX else QtGui.QImage()
