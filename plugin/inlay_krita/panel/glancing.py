"""A part of the panel that looks now and then whether something has changed that has no signal, while it is seen."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from .part import Part

GLANCE_MS = 1000  # pictures and selections change without a signal


class GlancingPart(Part):
    """`glance` is called as it comes to be seen, and once a second until it is hidden."""

    def __init__(self, session: Session, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(GLANCE_MS)
        self._timer.timeout.connect(self.glance)

    def glance(self) -> None:
        """Look once. Cheap."""
        raise NotImplementedError

    @guarded
    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._timer.start()
        self.glance()

    @guarded
    def hideEvent(self, event: QtGui.QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._timer.stop()
