"""Buttons in two columns, or in one where the docker is too narrow for two."""

from __future__ import annotations

from ..qt import QtCore, QtGui, QtWidgets
from .part import PushButton, visual

GAP_PX = 4  # between buttons


class ButtonGrid(QtWidgets.QWidget):
    """Lays out buttons of one width."""

    def __init__(self, buttons: list[PushButton]) -> None:
        super().__init__()
        self._buttons = buttons
        for button in buttons:
            button.setParent(self)
        policy = QtWidgets.QSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        columns, _, height = self._grid(width)
        rows = -(-len(self._buttons) // columns)
        return rows * (height + GAP_PX) - GAP_PX

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(self._widest(), self.heightForWidth(max(self.width(), self._widest())))

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        width = 2 * self._widest() + GAP_PX
        return QtCore.QSize(width, self.heightForWidth(width))

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._arrange()
        self.updateGeometry()

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QtCore.QEvent.Type.LayoutDirectionChange:
            self._arrange()

    def _arrange(self) -> None:
        columns, width, height = self._grid(self.width())
        for place, button in enumerate(self._buttons):
            row, column = divmod(place, columns)
            cell = QtCore.QRect(column * (width + GAP_PX), row * (height + GAP_PX), width, height)
            button.setGeometry(visual(self, cell))

    def _grid(self, width: int) -> tuple[int, int, int]:
        """(columns, width and height of a button)."""
        columns = 2 if width >= 2 * self._widest() + GAP_PX else 1
        height = max(button.sizeHint().height() for button in self._buttons)
        return columns, (width - (columns - 1) * GAP_PX) // columns, height

    def _widest(self) -> int:
        return max(button.minimumSizeHint().width() for button in self._buttons)
