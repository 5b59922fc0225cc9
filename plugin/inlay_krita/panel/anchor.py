"""Nine places: where the picture stays when its canvas grows to a ratio."""

from __future__ import annotations

from ..qt import QtCore, QtGui, QtWidgets, Signal, position
from ..translation import tr
from .part import mixed

SIDE_PX = 48
STEPS = {
    QtCore.Qt.Key.Key_Left: (-1, 0),
    QtCore.Qt.Key.Key_Right: (1, 0),
    QtCore.Qt.Key.Key_Up: (0, -1),
    QtCore.Qt.Key.Key_Down: (0, 1),
}


class Anchor(QtWidgets.QWidget):
    """A grid of 3 by 3 places; arrow keys and the mouse choose one."""

    chosen = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self._place = (1, 1)
        self.setObjectName("inlay_anchor")
        self.setFixedSize(SIDE_PX, SIDE_PX)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setToolTip(tr("Where the picture stays in the larger canvas, for a chosen ratio."))
        self.setAccessibleName(tr("Place of the picture"))

    @property
    def place(self) -> tuple[int, int]:
        """Column and row, 0 to 2."""
        return self._place

    def choose(self, x: int, y: int) -> None:
        """Show another place; says so unless it is the same."""
        place = (min(max(x, 0), 2), min(max(y, 0), 2))
        if place != self._place:
            self._place = place
            self.update()
            self.chosen.emit(*place)

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        point = position(event)
        self.choose(3 * point.x() // self.width(), 3 * point.y() // self.height())

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        for key, (dx, dy) in STEPS.items():
            if event.key() == key:
                return self.choose(self._place[0] + dx, self._place[1] + dy)
        super().keyPressEvent(event)

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        palette = self.palette()
        window, text = palette.window().color(), palette.windowText().color()
        painter = QtGui.QPainter(self)
        painter.setPen(mixed(window, text, 0.35))
        for column in range(3):
            for row in range(3):
                cell = self._cell(column, row)
                is_chosen = (column, row) == self._place
                shown = palette.highlight().color() if self.isEnabled() else mixed(window, text, 0.35)
                painter.fillRect(cell, shown if is_chosen else mixed(window, text, 0.08))
                painter.drawRect(cell)
        if self.hasFocus():
            painter.setPen(palette.highlight().color())
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _cell(self, column: int, row: int) -> QtCore.QRect:
        step = (self.width() - 4) // 3
        return QtCore.QRect(2 + column * step, 2 + row * step, step - 2, step - 2)
