"""Fields for a panel that scrolls: numbers that can be typed, stepped and dragged sideways, and choices."""

from __future__ import annotations

from ..qt import QtCore, QtWidgets, position
from ..translation import tr

DRAG_PX_PER_STEP = 2
DRAG_TIP = tr("Drag sideways to change it.")


class NumberBox(QtWidgets.QSpinBox):
    """A whole number."""

    def __init__(self, name: str, suffix: str, maximum: int, tip: str) -> None:
        super().__init__()
        self.setSuffix(suffix)
        self.setRange(0, maximum)
        make_draggable(self, name, tip)

    def wheelEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        """The wheel scrolls the panel, unless the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)  # type: ignore[arg-type]
        else:
            event.ignore()


class DecimalBox(QtWidgets.QDoubleSpinBox):
    """A number with one decimal, in steps of a half."""

    def __init__(self, name: str, maximum: float, tip: str) -> None:
        super().__init__()
        self.setDecimals(1)
        self.setSingleStep(0.5)
        self.setRange(0.0, maximum)
        make_draggable(self, name, tip)

    def wheelEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        """The wheel scrolls the panel, unless the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)  # type: ignore[arg-type]
        else:
            event.ignore()


def make_draggable(field: NumberBox | DecimalBox, name: str, tip: str) -> None:
    """What both kinds of fields share: names, narrowness, and numbers that follow a sideways drag."""
    field.setObjectName(name)
    field.setToolTip(f"{tip}\n{DRAG_TIP}")
    field.setAccessibleName(tip)
    field.setKeyboardTracking(False)
    field.setMinimumWidth(20)
    field.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
    field.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)  # not by the wheel
    field.lineEdit().setCursor(QtCore.Qt.CursorShape.SizeHorCursor)
    field.lineEdit().installEventFilter(Drag(field))


class Drag(QtCore.QObject):
    """Lets a field's number follow a sideways drag in its text; Shift drags finer."""

    def __init__(self, field: NumberBox | DecimalBox) -> None:
        super().__init__(field)
        self._field = field
        self._pressed_at: QtCore.QPoint | None = None
        self._value_at_press = 0.0
        self._is_dragging = False

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
        kind = event.type()
        if kind == QtCore.QEvent.Type.MouseButtonPress:
            self._pressed_at, self._value_at_press, self._is_dragging = position(event), self._field.value(), False
        elif kind == QtCore.QEvent.Type.MouseMove and self._pressed_at is not None:
            self._drag(event, self._pressed_at)
            return True
        elif kind == QtCore.QEvent.Type.MouseButtonRelease:
            was_dragging, self._is_dragging, self._pressed_at = self._is_dragging, False, None
            return was_dragging
        return bool(super().eventFilter(watched, event))

    def _drag(self, event: QtCore.QEvent, pressed_at: QtCore.QPoint) -> None:
        way = position(event).x() - pressed_at.x()
        if not self._is_dragging and abs(way) < QtWidgets.QApplication.startDragDistance():
            return
        self._is_dragging = True
        is_fine = QtWidgets.QApplication.keyboardModifiers() == QtCore.Qt.KeyboardModifier.ShiftModifier
        steps = way // (DRAG_PX_PER_STEP * (5 if is_fine else 1))
        wanted = self._value_at_press + steps * self._field.singleStep()
        if isinstance(self._field, NumberBox):
            self._field.setValue(round(wanted))
        else:
            self._field.setValue(wanted)
        self._field.selectAll()


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
