"""A whole picture read over many turns of the event loop, so that no turn is felt, however large it is."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from typing import Any

from .contract import Canvas, CanvasError
from .qt import QtCore, QtGui
from .translation import tr
from .wire import Box, CanvasInfo

BAND_BYTES = 4 << 20  # a turn: 2 to 6 ms of the UI thread, copy included (docs/krita.md)
STRIP_PIXELS = 1 << 18  # a turn: as long, as Krita converts them to what a screen shows
SHOWN_PX = 768  # the long side of the panel's picture: enough for a wide docker on a fine screen


class Turns(QtCore.QObject):
    """Runs a generator one step a turn. `stop` ends it; what a step raises goes to `failed`."""

    def __init__(self, steps: Iterator[None], failed: Callable[[Exception], None]) -> None:
        super().__init__()
        self._steps: Iterator[None] | None = steps
        self._failed = failed
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._turn)
        self._timer.start(0)

    def stop(self) -> None:
        """No more steps."""
        self._timer.stop()
        self._steps = None

    def _turn(self) -> None:
        if self._steps is None:
            return
        try:
            next(self._steps)
        except StopIteration:
            self.stop()
        except Exception as error:  # noqa: BLE001 - a slot's edge: `failed` gets it whole
            self.stop()
            self._failed(error)


def read_pixels(canvas: Canvas, document: Any, info: CanvasInfo, done: Callable[[Any], None]) -> Iterator[None]:
    """Steps that read all pixels, as they lie in the document; `done` gets the buffer.

    It is mapped memory: bytes would be zeroed first, on the UI thread, at 0.6 ms a MB.
    """
    row_bytes = _window(canvas, document, Box(0, 0, info.width, 1)).nbytes
    whole = mmap.mmap(-1, row_bytes * info.height)
    rows = max(1, BAND_BYTES // row_bytes)
    for top in range(0, info.height, rows):
        yield
        band = _window(canvas, document, Box(0, top, info.width, min(rows, info.height - top)))
        whole[top * row_bytes : top * row_bytes + band.nbytes] = band  # type: ignore[call-overload]
    done(whole)


def _window(canvas: Canvas, document: Any, box: Box) -> memoryview:
    if not canvas.is_open(document):
        raise CanvasError(tr("The picture was closed: open it again to select in it."))
    return memoryview(canvas.pixels(document, box)).cast("B")


def read_picture(
    canvas: Canvas, document: Any, info: CanvasInfo, done: Callable[[QtGui.QImage], None]
) -> Iterator[None]:
    """Steps that make the panel's picture, at most `SHOWN_PX` a side and never enlarged; `done` gets it."""
    scale = min(1.0, SHOWN_PX / max(info.width, info.height))
    width, height = (max(1, round(side * scale)) for side in (info.width, info.height))
    shown = QtGui.QImage(width, height, QtGui.QImage.Format.Format_ARGB32_Premultiplied)
    shown.fill(QtCore.Qt.GlobalColor.transparent)
    lines = max(1, int(STRIP_PIXELS / info.width * scale))
    for top in range(0, height, lines):
        yield
        bottom = min(top + lines, height)
        first, last = (round(line * info.height / height) for line in (top, bottom))
        strip = canvas.strip(document, Box(0, first, info.width, last - first))
        painter = QtGui.QPainter(shown)
        painter.drawImage(0, top, _fitted(strip, width, bottom - top))
        painter.end()
    done(shown)


def _fitted(image: QtGui.QImage, width: int, height: int) -> QtGui.QImage:
    modes = QtCore.Qt.AspectRatioMode.IgnoreAspectRatio, QtCore.Qt.TransformationMode.SmoothTransformation
    return image.scaled(width, height, *modes)
