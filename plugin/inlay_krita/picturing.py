"""A small picture of the active document, read while somebody looks at it and only where it has changed."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from .qt import QtCore, QtGui, Signal, is_button_down
from .reading import Turns, read_picture
from .wire import CanvasInfo

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)


class Picturing(QtCore.QObject):
    """Lives on the UI thread; `changed` when there is another picture, or none."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.canvas: CanvasInfo | None = None  # of the picture's document
        self.picture: QtGui.QImage | None = None
        self._session = session
        self._document: Any = None
        self._glimpse: object = None  # of what is read, or was
        self._turns: Turns | None = None

    def glance(self) -> None:
        """Follow the active document. To be called now and then, and only while somebody looks."""
        if is_button_down():  # no reading in the middle of a brush stroke
            return
        self._follow()
        if self.canvas is None:
            return
        glimpse = self._session.canvas.glimpse(self._document)
        if glimpse != self._glimpse:
            self.close()
            self._glimpse = glimpse
            done = partial(self._read, self._document)
            self._turns = Turns(read_picture(self._session.canvas, self._document, self.canvas, done), self._not_read)

    def close(self) -> None:
        """Read no further."""
        if self._turns:
            self._turns.stop()
            self._turns = None

    def _follow(self) -> None:
        document, canvas = self._session.canvas.document(), self._session.active_info()
        if (document, canvas) == (self._document, self.canvas):
            return
        self.close()
        self._document, self.canvas = document, canvas
        self.picture = self._glimpse = None
        self.changed.emit()

    def _read(self, document: Any, picture: QtGui.QImage) -> None:
        self._turns = None
        if document == self._document:
            self.picture = picture
            self.changed.emit()

    def _not_read(self, error: Exception) -> None:
        """The next glance tries again, if there is still a document."""
        self._turns = self._glimpse = None
        log.info("reading a small picture: %s", error)
