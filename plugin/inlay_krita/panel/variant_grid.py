"""Small pictures in rows, to be pointed at, chosen and kept; each is a button of its own."""

from __future__ import annotations

from collections.abc import Callable

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets, Signal
from ..translation import tr
from ..variants import Variant
from .fitting import draw_fitted
from .part import mixed, themed_icon

Key = QtCore.Qt.Key
LINES = 3.5  # of letters: a picture's side at the least
LARGER = 1.8  # times that at the most
GAP_PX = 4
FRAME_PX = 2
FAINT = 0.12  # of the letters' colour, where no picture has come yet
ENTER = (Key.Key_Return, Key.Key_Enter)
TYPING = (QtWidgets.QLineEdit, QtWidgets.QTextEdit, QtWidgets.QPlainTextEdit)
VEIL, LETTERS = QtGui.QColor(0, 0, 0, 150), QtGui.QColor(255, 255, 255)


class VariantGrid(QtWidgets.QWidget):
    """`pointed` tells the variant under the pointer or with the keyboard's focus, None when there is none any more;
    `chosen` one that was clicked, `kept` one that Enter was pressed on, `thrown_away` one that Delete was."""

    pointed = Signal(object)
    chosen = Signal(object)
    kept = Signal(object)
    thrown_away = Signal(object)

    def __init__(self, crashed: Callable[[Exception], None]) -> None:
        super().__init__()
        self.crashed = crashed
        self._cells: list[Cell] = []
        self._pointed: Variant | None = None
        self._is_listening = False
        policy = QtWidgets.QSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(self._cells)

    def show_variants(self, variants: list[Variant], chosen: Variant | None) -> None:
        """A cell for each, in their order."""
        known = {id(cell.variant): cell for cell in self._cells}
        for gone in [cell for cell in self._cells if cell.variant not in variants]:
            if gone.variant is self._pointed:
                self.point_at(None)
            gone.hide()
            gone.deleteLater()
        self._cells = [known.get(id(variant)) or Cell(self, variant) for variant in variants]
        before: QtWidgets.QWidget | None = None
        for number, cell in enumerate(self._cells, 1):
            cell.say(number, len(variants), cell.variant is chosen)
            if before is not None:
                QtWidgets.QWidget.setTabOrder(before, cell)
            before = cell
        self._place()
        self.updateGeometry()

    def update_progress(self) -> None:
        """Those that are under way are further."""
        for cell in self._cells:
            if not cell.variant.is_ready:
                cell.update()

    def point_at(self, variant: Variant | None) -> None:
        """Another one is under the pointer or has the focus. While one is, Enter is its, wherever the focus is."""
        if variant is self._pointed:
            return
        self._pointed = variant
        application = QtWidgets.QApplication.instance()
        if application and (variant is not None) != self._is_listening:
            self._is_listening = variant is not None
            (application.installEventFilter if self._is_listening else application.removeEventFilter)(self)
        self.pointed.emit(variant)

    def step(self, cell: Cell, key: int) -> None:
        """An arrow key: to a neighbour."""
        columns, _ = self._fitting(self.width())
        ahead = -1 if self.layoutDirection() == QtCore.Qt.LayoutDirection.RightToLeft else 1
        steps = {Key.Key_Left: -ahead, Key.Key_Right: ahead, Key.Key_Up: -columns, Key.Key_Down: columns}
        place = self._cells.index(cell) + steps[Key(key)]
        if 0 <= place < len(self._cells):
            self._cells[place].setFocus(QtCore.Qt.FocusReason.TabFocusReason)

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
        return bool(self._takes(event))

    @guarded
    def _takes(self, event: QtCore.QEvent) -> bool:
        """Enter for what is pointed at, but not from somebody who is typing."""
        kinds = (QtCore.QEvent.Type.ShortcutOverride, QtCore.QEvent.Type.KeyPress)
        if event.type() not in kinds or self._pointed is None or not self._pointed.is_ready:
            return False
        is_enter = event.key() in ENTER and event.modifiers() & ~KEYPAD == NONE  # type: ignore[attr-defined]
        if not is_enter or isinstance(QtWidgets.QApplication.focusWidget(), TYPING):
            return False
        event.accept()
        if event.type() == QtCore.QEvent.Type.KeyPress:
            self.kept.emit(self._pointed)
        return True

    def hideEvent(self, event: QtGui.QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.point_at(None)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        columns, side = self._fitting(width)
        rows = -(-len(self._cells) // columns)
        return max(0, rows * (side + GAP_PX) - GAP_PX)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        width = max(self.width(), self._least)
        return QtCore.QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(self._least, self.heightForWidth(max(self.width(), self._least)))

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._place()
        self.updateGeometry()

    def _place(self) -> None:
        columns, side = self._fitting(self.width())
        is_mirrored = self.layoutDirection() == QtCore.Qt.LayoutDirection.RightToLeft
        for place, cell in enumerate(self._cells):
            row, column = divmod(place, columns)
            x = column * (side + GAP_PX)
            cell.setGeometry(self.width() - side - x if is_mirrored else x, row * (side + GAP_PX), side, side)
            cell.show()

    def _fitting(self, width: int) -> tuple[int, int]:
        """(columns, side of a picture), so that a row is filled; few pictures are no larger for that."""
        columns = max(1, (width + GAP_PX) // (self._least + GAP_PX))
        return columns, min((width + GAP_PX) // columns - GAP_PX, round(LARGER * self._least))

    @property
    def _least(self) -> int:
        return round(LINES * self.fontMetrics().height())


NONE, KEYPAD = QtCore.Qt.KeyboardModifier.NoModifier, QtCore.Qt.KeyboardModifier.KeypadModifier


class Cell(QtWidgets.QAbstractButton):
    """One variant: its picture, or how far it is."""

    def __init__(self, grid: VariantGrid, variant: Variant) -> None:
        super().__init__(grid)
        self.variant = variant
        self._grid = grid
        self._image = QtGui.QImage()
        self._is_chosen = False
        self.setObjectName("inlay_variant")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self._clicked)

    def crashed(self, error: Exception) -> None:
        self._grid.crashed(error)

    def say(self, number: int, count: int, is_chosen: bool) -> None:
        """Which it is, and whether it is the chosen one."""
        self._image = self.variant.picture
        self._is_chosen = is_chosen
        name = tr("Variant {number} of {count}").format(number=number, count=count)
        parts = [name, self.variant.note, self._state()]
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.setToolTip("" if self.variant.is_ready else self._state())
        self.update()

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter, palette = QtGui.QPainter(self), self.palette()
        ground = mixed(palette.window().color(), palette.windowText().color(), FAINT)
        painter.fillRect(self.rect(), ground)
        if self.variant.is_ready:
            self._paint_picture(painter)
        else:
            self._paint_progress(painter)
        if self.variant.note:
            self._paint_note(painter)
        if self.variant.is_kept:
            self._paint_check(painter)
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        if self._is_chosen:
            painter.setPen(QtGui.QPen(palette.highlight().color(), 2 * FRAME_PX))
            painter.drawRect(self.rect())
        if self.hasFocus() or self.underMouse():
            painter.setPen(QtGui.QPen(palette.windowText().color(), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    @guarded
    def enterEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().enterEvent(event)  # type: ignore[arg-type]
        self._grid.point_at(self.variant)
        self.update()

    @guarded
    def leaveEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        self._grid.point_at(None)
        self.update()

    @guarded
    def focusInEvent(self, event: QtGui.QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """By the keyboard it is pointed at and chosen; a click does that by itself."""
        super().focusInEvent(event)
        if event.reason() in (QtCore.Qt.FocusReason.TabFocusReason, QtCore.Qt.FocusReason.BacktabFocusReason):
            self._grid.point_at(self.variant)
            self._choose()

    @guarded
    def focusOutEvent(self, event: QtGui.QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        if not self.underMouse():
            self._grid.point_at(None)

    @guarded
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key = event.key()
        if key in (Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down):
            self._grid.step(self, key)
        elif key in ENTER and self.variant.is_ready:
            self._grid.kept.emit(self.variant)
        elif key == Key.Key_Delete:
            self._grid.thrown_away.emit(self.variant)
        elif key == Key.Key_Escape:
            self._grid.point_at(None)
        else:
            super().keyPressEvent(event)

    @guarded
    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self.variant.is_ready:
            self._grid.kept.emit(self.variant)

    @guarded
    def contextMenuEvent(self, event: QtGui.QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        menu = QtWidgets.QMenu(self)
        keep = menu.addAction(themed_icon("keep", self.palette()), tr("Keep"))
        keep.setEnabled(self.variant.is_ready)
        keep.triggered.connect(self._keep)
        away = tr("Throw away") if self.variant.is_ready else tr("Cancel")
        menu.addAction(themed_icon("delete", self.palette()), away).triggered.connect(self._throw_away)
        menu.popup(event.globalPos())

    @guarded
    def _clicked(self) -> None:
        self._choose()

    @guarded
    def _keep(self, _is_checked: bool = False) -> None:
        self._grid.kept.emit(self.variant)

    @guarded
    def _throw_away(self, _is_checked: bool = False) -> None:
        self._grid.thrown_away.emit(self.variant)

    def _choose(self) -> None:
        if self.variant.is_ready:
            self._grid.chosen.emit(self.variant)

    def _state(self) -> str:
        if self.variant.is_kept:
            return tr("kept")
        if self.variant.is_ready:
            return tr("ready")
        return self.variant.work.stage if self.variant.work else ""

    def _paint_picture(self, painter: QtGui.QPainter) -> None:
        """All of it, in the middle; where the document keeps none, the icon of what it is."""
        if self._image.isNull():
            themed_icon(self.variant.edit.kind, self.palette()).paint(painter, self.rect().adjusted(16, 16, -16, -16))
            return
        draw_fitted(painter, self._image, self.rect())

    def _paint_progress(self, painter: QtGui.QPainter) -> None:
        """A bar as far as it is; a dot while it waits."""
        work, middle = self.variant.work, self.rect().center()
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().highlight())
        if work is None or not work.fraction:
            return painter.drawEllipse(middle, 3, 3)
        room = self.width() - 16
        bar = QtCore.QRect(8, middle.y() - 2, round(room * work.fraction), 4)
        if self.layoutDirection() == QtCore.Qt.LayoutDirection.RightToLeft:
            bar.moveRight(8 + room)
        painter.drawRect(bar)

    def _paint_note(self, painter: QtGui.QPainter) -> None:
        place = QtCore.QRect(0, self.height() - self.fontMetrics().height(), self.width(), self.fontMetrics().height())
        painter.fillRect(place, VEIL)
        painter.setPen(LETTERS)
        painter.drawText(place, QtCore.Qt.AlignmentFlag.AlignCenter, self.variant.note)

    def _paint_check(self, painter: QtGui.QPainter) -> None:
        """In the upper corner at the end of the line, on a dark disc."""
        is_mirrored = self.layoutDirection() == QtCore.Qt.LayoutDirection.RightToLeft
        disc = QtCore.QRect(4 if is_mirrored else self.width() - 22, 4, 18, 18)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(VEIL)
        painter.drawEllipse(disc)
        painter.setPen(QtGui.QPen(LETTERS, 2))
        painter.drawPolyline(QtGui.QPolygon([disc.topLeft() + QtCore.QPoint(*point) for point in CHECK]))


CHECK = ((5, 9), (8, 12), (13, 6))  # of a disc of 18
