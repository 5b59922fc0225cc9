"""Fields for a panel that scrolls: numbers that can be typed, stepped and dragged sideways, and choices."""

from __future__ import annotations

from ..qt import QtCore, QtWidgets, position

DRAG_PX_PER_STEP = 2


class NumberBox(QtWidgets.QSpinBox):
    """A spin box whose number follows a sideways drag; Shift drags finer."""

    def __init__(self, name: str, suffix: str, maximum: int, tip: str) -> None:
        super().__init__()
        self._pressed_at: QtCore.QPoint | None = None
        self._value_at_press = 0
        self._is_dragging = False
        self.setObjectName(name)
        self.setSuffix(suffix)
        self.setRange(0, maximum)
        self.setToolTip(f"{tip}\nDrag sideways to change it.")
        self.setAccessibleName(tip)
        self.setKeyboardTracking(False)
        self.setMinimumWidth(20)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)  # not by the wheel
        field = self.lineEdit()
        field.setCursor(QtCore.Qt.CursorShape.SizeHorCursor)
        field.installEventFilter(self)

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
        kind = event.type()
        if kind == QtCore.QEvent.Type.MouseButtonPress:
            self._pressed_at, self._value_at_press, self._is_dragging = position(event), self.value(), False
        elif kind == QtCore.QEvent.Type.MouseMove and self._pressed_at is not None:
            return self._drag(event)
        elif kind == QtCore.QEvent.Type.MouseButtonRelease:
            was_dragging, self._is_dragging, self._pressed_at = self._is_dragging, False, None
            return was_dragging
        return bool(super().eventFilter(watched, event))

    def wheelEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        """The wheel scrolls the panel, unless the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)  # type: ignore[arg-type]
        else:
            event.ignore()

    def _drag(self, event: QtCore.QEvent) -> bool:
        assert self._pressed_at is not None
        way = position(event).x() - self._pressed_at.x()
        if not self._is_dragging and abs(way) < QtWidgets.QApplication.startDragDistance():
            return True
        self._is_dragging = True
        is_fine = QtWidgets.QApplication.keyboardModifiers() == QtCore.Qt.KeyboardModifier.ShiftModifier
        self.setValue(self._value_at_press + way // (DRAG_PX_PER_STEP * (5 if is_fine else 1)))
        self.selectAll()
        return True


class Choice(QtWidgets.QComboBox):
    """A combo box that leaves the wheel to the panel, unless it has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMinimumContentsLength(2)
        self.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToContents)

    def wheelEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        if self.hasFocus():
            super().wheelEvent(event)  # type: ignore[arg-type]
        else:
            event.ignore()
