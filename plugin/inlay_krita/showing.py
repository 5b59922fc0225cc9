"""A result as it is shown over the picture: made for the screen band by band, so that the window never waits for it.

A large one comes into view from the top.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .contract import CanvasError
from .errand import Delivery
from .guard import guarded
from .qt import QtCore, QtGui, Signal
from .wire import Box

if TYPE_CHECKING:
    from .session import Session

TELL_EVERY_S = 0.25  # drawing a large one anew takes longer than a band
BAND_BYTES = 1 << 20  # of a document's pixels: they become visible in 10 to 40 ms (docs/benchmarks.md)
LEAST_ROWS = 128  # Krita converts whole tiles of 64 rows, and one more above and below a band
CRISP = 2.0  # from this zoom on pixels are seen as squares, as Krita shows them
MOST_BYTES = 256 << 20  # of pictures that are kept for another look


@dataclass(frozen=True, eq=False)
class Shown:
    """A result over the picture."""

    document: Any
    image: QtGui.QImage  # premultiplied; transparent where the picture shows through
    box: Box  # canvas space of the document as it is now


@dataclass(eq=False)
class _Making:
    """One that is being made: its rows from the top."""

    key: str
    document: Any
    delivery: Delivery
    image: QtGui.QImage
    row: int = 0
    told_at: float = 0.0  # when it was shown as far as it is


class Showing(QtCore.QObject):
    """Lives on the UI thread; `changed` when something else is to be seen over the picture."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: Shown | None = None
        self._making: _Making | None = None
        self._made: OrderedDict[str, QtGui.QImage] = OrderedDict()
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @property
    def shown(self) -> Shown | None:
        """What is to be seen now."""
        return self._shown

    def show(self, key: str | None, document: Any = None, delivery: Delivery | None = None) -> None:
        """Show a result, named so that it need not be made twice; None shows the picture as it is."""
        self._timer.stop()
        self._making = None
        if key is None or delivery is None:
            return self._say(None)
        image = self._made.get(key)
        if image is not None:
            self._made.move_to_end(key)
            return self._say(Shown(document, image, delivery.result.box))
        box = delivery.result.box
        image = QtGui.QImage(box.width, box.height, QtGui.QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(QtCore.Qt.GlobalColor.transparent)
        self._making = _Making(key, document, delivery, image)
        self._go_on()
        if self._making:
            self._timer.start()

    def forget(self, key: str) -> None:
        """A result that nobody will look at again."""
        self._made.pop(key, None)

    def close(self) -> None:
        """Nothing is made any more."""
        self._timer.stop()
        self._making = None

    @guarded
    def _go_on(self) -> None:
        """One band more; the picture is shown when it is whole."""
        making, self._making = self._making, None  # nothing goes on after an error
        if making is None:
            return self._timer.stop()
        try:
            making.row += self._paint_band(making)
        except CanvasError:  # the document is being closed
            return self._say(None)
        if making.row < making.image.height():
            self._making = making
            if time.monotonic() < making.told_at + TELL_EVERY_S:
                return
        else:
            self._timer.stop()
            self._keep(making.key, making.image)
        making.told_at = time.monotonic()
        self._say(Shown(making.document, making.image, making.delivery.result.box))

    def _paint_band(self, making: _Making) -> int:
        """Give how many rows it has."""
        delivery, box = making.delivery, making.delivery.result.box
        row_bytes = len(delivery.pixels) // box.height
        rows = min(max(LEAST_ROWS, BAND_BYTES // row_bytes), box.height - making.row)
        pixels = memoryview(delivery.pixels)[making.row * row_bytes : (making.row + rows) * row_bytes]
        band = self._session.canvas.seen(making.document, box.width, rows, pixels)
        cover = delivery.mask[making.row * box.width : (making.row + rows) * box.width]
        mask = QtGui.QImage(cover, box.width, rows, box.width, QtGui.QImage.Format.Format_Alpha8)
        painter, modes = QtGui.QPainter(making.image), QtGui.QPainter.CompositionMode
        painter.setCompositionMode(modes.CompositionMode_Source)
        painter.drawImage(0, making.row, band)
        painter.setCompositionMode(modes.CompositionMode_DestinationIn)
        painter.setClipRect(0, making.row, box.width, rows)
        painter.drawImage(0, making.row, mask)
        painter.end()
        return rows

    def _keep(self, key: str, image: QtGui.QImage) -> None:
        self._made[key] = image
        while len(self._made) > 1 and sum(map(_size_bytes, self._made.values())) > MOST_BYTES:
            self._made.popitem(last=False)

    def _say(self, shown: Shown | None) -> None:
        if shown is not self._shown:
            self._shown = shown
            self.changed.emit()


def draw_result(painter: QtGui.QPainter, shown: Shown, to_widget: QtGui.QTransform) -> None:
    """Draw a result where it belongs. to_widget: from pixels of the picture."""
    painter.setTransform(to_widget)
    zoom = max(abs(to_widget.m11()), abs(to_widget.m12()))
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform, zoom < CRISP)
    painter.drawImage(shown.box.x, shown.box.y, shown.image)


def _size_bytes(image: QtGui.QImage) -> int:
    return image.bytesPerLine() * image.height()
