"""Words that open a page in the painter's browser."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtCore, QtGui
from .part import ElidedLabel, small_font


class Link(ElidedLabel):
    """One underlined line, as narrow as the docker, that opens an address by mouse or keyboard."""

    def __init__(self, text: str, address: str) -> None:
        super().__init__(text)
        self._address = address
        font = small_font(self.font())
        font.setUnderline(True)
        self.setFont(font)
        self.setAccessibleName(text)
        self.setAccessibleDescription(address)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setCursor(QtCore.Qt.CursorShape.PointingHandCursor)

    @guarded
    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == QtCore.Qt.MouseButton.LeftButton:
            self.open()

    @guarded
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter, QtCore.Qt.Key.Key_Space):
            self.open()
        else:
            super().keyPressEvent(event)

    def open(self) -> None:
        """Show the page."""
        QtGui.QDesktopServices.openUrl(QtCore.QUrl(self._address))

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if self.hasFocus():
            painter = QtGui.QPainter(self)
            painter.setPen(self.palette().highlight().color())
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
