"""One edit in the queue: what it is, when it is done, and where it goes by buttons, keys or the mouse."""

from __future__ import annotations

from ..errand import sentence, time_left
from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets, Signal, position
from ..sentences import translated
from ..session import Session
from ..translation import tr
from ..waitlist import Item
from .part import Card, ElidedLabel, IconButton, MutedWords, show_if

KEYS_TIP = tr("Drag it to another place, or press Alt and an arrow key. Delete cancels it.")
SEPARATOR = " \N{MIDDLE DOT} "


class TurnRow(Card):
    """Tells what is asked of it: `moved` by -1 or 1, `cancelled`; `dragged` and `dropped` with a y of its parent's."""

    moved = Signal(int)
    cancelled = Signal()
    dragged = Signal(int)
    dropped = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._pressed: QtCore.QPoint | None = None
        self._is_dragged = False
        self.is_movable = False
        self.setObjectName("inlay_turn")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.title = ElidedLabel()
        self.facts = MutedWords()
        self.bar = QtWidgets.QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.up, self.down = IconButton("up", tr("Do it earlier")), IconButton("down", tr("Do it later"))
        self.cancel = IconButton("cancel", tr("Cancel this edit"))
        first = QtWidgets.QHBoxLayout()
        first.setSpacing(2)
        first.addWidget(self.title, 1)
        for name, button in (("up", self.up), ("down", self.down), ("cancel", self.cancel)):
            button.setObjectName(f"inlay_turn_{name}_button")
            first.addWidget(button)
        self.box.addLayout(first)
        self.box.addWidget(self.bar)
        self.box.addWidget(self.facts)
        self.up.clicked.connect(lambda: self.moved.emit(-1))
        self.down.clicked.connect(lambda: self.moved.emit(1))
        self.cancel.clicked.connect(lambda: self.cancelled.emit())

    def say(self, item: Item, is_first: bool, is_last: bool) -> None:
        """Show how it stands. is_first, is_last: of those that wait."""
        title, facts = title_of(item), facts_of(item)
        self.title.setText(title)
        self.facts.say(SEPARATOR.join(facts))
        self.setAccessibleName(title)
        self.setAccessibleDescription(SEPARATOR.join(facts))
        self.is_movable = item.is_waiting and not item.is_ending
        self.setToolTip(f"{title}\n{KEYS_TIP}" if self.is_movable else title)
        for button, is_useful in ((self.up, not is_first), (self.down, not is_last)):
            show_if(button, self.is_movable)
            button.setEnabled(is_useful)
        self.cancel.setEnabled(not item.is_ending)
        fraction = fraction_of(item)
        show_if(self.bar, not item.is_waiting)
        self.bar.setRange(0, 0 if fraction is None else 1000)
        self.bar.setValue(round(1000 * (fraction or 0.0)))

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)

    # Qt's side

    @guarded
    def event(self, event: QtCore.QEvent) -> bool:
        """Keys that are ours here are no shortcuts of Krita's: its Delete empties the layer."""
        if event.type() == QtCore.QEvent.Type.ShortcutOverride and self._meant_by(event):  # type: ignore[arg-type]
            event.accept()
            return True
        return bool(super().event(event))

    @guarded
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        meant = self._meant_by(event)
        if meant == "cancel":
            self.cancelled.emit()
        elif meant in ("earlier", "later"):
            self.moved.emit(-1 if meant == "earlier" else 1)
        else:
            super().keyPressEvent(event)

    def _meant_by(self, event: QtGui.QKeyEvent) -> str:
        keys, alt = QtCore.Qt.Key, QtCore.Qt.KeyboardModifier.AltModifier
        if not self.hasFocus():
            return ""
        if event.modifiers() == alt and event.key() in (keys.Key_Up, keys.Key_Down):
            return "earlier" if event.key() == keys.Key_Up else "later"
        return "cancel" if event.key() == keys.Key_Delete else ""

    @guarded
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == QtCore.Qt.MouseButton.LeftButton and self.is_movable:
            self._pressed = position(event)
            self.setFocus()

    @guarded
    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._pressed is None:
            return
        way = (position(event) - self._pressed).manhattanLength()
        if self._is_dragged or way >= QtWidgets.QApplication.startDragDistance():
            self._is_dragged = True
            self.setCursor(QtCore.Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(self.mapToParent(position(event)).y())

    @guarded
    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        was_dragged, self._is_dragged, self._pressed = self._is_dragged, False, None
        self.unsetCursor()
        if was_dragged:
            self.dropped.emit(self.mapToParent(position(event)).y())

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if self.hasFocus():
            painter = QtGui.QPainter(self)
            painter.setPen(self.palette().highlight().color())
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


def title_of(item: Item) -> str:
    """What it is. Others' edits say it by their labels."""
    if item.work:
        return translated(item.work.title)
    return translated(item.turn.label) if item.turn and item.turn.label else tr("An edit")


def facts_of(item: Item) -> list[str]:
    """Of which picture it is, how far, and when it is done."""
    of = item.work.document_name if item.work else tr("Another panel")
    if item.turn is None or item.is_ending:
        return [of, item.work.stage] if item.work else [of]
    left = [] if item.turn.seconds_left is None else [time_left(item.turn.seconds_left)]
    if item.is_waiting:
        return [of, tr("next") if item.turn.position == 1 else tr("waiting"), *left]
    return [of, translated(sentence(item.turn.message)) or tr("Working…"), *left]


def fraction_of(item: Item) -> float | None:
    """How far it is, 0 to 1; None where nobody can say."""
    if item.is_ending:
        return None
    if item.work and item.work.fraction is not None:
        return item.work.fraction
    return item.turn.progress if item.turn and item.turn.progress > 0 else None
