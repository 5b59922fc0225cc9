"""A few lines of plain words, with earlier ones behind the arrow keys."""

from __future__ import annotations

from ..guard import guarded
from ..prompt_history import Recall
from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from ..translation import tr
from .completing import Completing

LINES = 3  # of the prompt that are seen at once
FORGET = tr("Forget earlier prompts")


class WordsEdit(QtWidgets.QPlainTextEdit):
    """Plain words; Tab leaves it."""

    def __init__(self, title: str, placeholder: str, name: str, lines: int = 1) -> None:
        super().__init__()
        self._lines = lines
        self.setObjectName(name)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(title)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self._fit()

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QtCore.QEvent.Type.FontChange:
            self._fit()

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(60, self.minimumHeight())

    def put(self, words: str) -> None:
        """Show other words; undo brings back what was there."""
        if words == self.toPlainText():
            return
        cursor = self.textCursor()
        cursor.select(QtGui.QTextCursor.SelectionType.Document)
        cursor.insertText(words)
        self.setTextCursor(cursor)

    def _fit(self) -> None:
        margins = 2 * round(self.document().documentMargin()) + 2 * self.frameWidth()
        self.setFixedHeight(self._lines * QtGui.QFontMetrics(self.font()).lineSpacing() + margins + 2)


class PromptEdit(WordsEdit):
    """Arrow up in the first line goes back through `session.prompts`, arrow down in the last one forth again.

    Names of LoRAs and embeddings are offered while they are typed.
    """

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(tr("Prompt"), "", name, LINES)
        self._session = session
        self._recall = Recall(session.prompts)
        self.completing = Completing(session, self)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @guarded
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if self.completing.takes(event):
            return event.ignore()  # Qt hands it to the list then
        recalled = self._recalled_by(event)
        if recalled is not None:
            return self.put(recalled)
        super().keyPressEvent(event)
        if event.text():
            self.completing.look()

    def focusNextPrevChild(self, is_next: bool) -> bool:  # noqa: N802 - Qt's name
        """Tab leaves the field, unless it is for the list of names."""
        return not self.completing.is_open and bool(super().focusNextPrevChild(is_next))

    @guarded
    def inputMethodEvent(self, event: QtGui.QInputMethodEvent) -> None:  # noqa: N802 - Qt's name
        super().inputMethodEvent(event)
        self.completing.look()

    @guarded
    def contextMenuEvent(self, event: QtGui.QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        menu = self.menu()
        menu.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def menu(self) -> QtWidgets.QMenu:
        """What a text field offers, and to forget earlier prompts."""
        menu = self.createStandardContextMenu()
        menu.addSeparator()
        forget = menu.addAction(FORGET)
        forget.setEnabled(bool(self._session.prompts.prompts))
        forget.triggered.connect(self._session.prompts.forget)
        return menu

    def _recalled_by(self, event: QtGui.QKeyEvent) -> str | None:
        """The prompt that an arrow key leads to; None where it only moves the cursor."""
        keys, moves = QtCore.Qt.Key, QtGui.QTextCursor.MoveOperation
        modifiers = event.modifiers() & ~QtCore.Qt.KeyboardModifier.KeypadModifier  # macOS has it on all arrows
        if modifiers != QtCore.Qt.KeyboardModifier.NoModifier or event.key() not in (keys.Key_Up, keys.Key_Down):
            return None
        is_up, cursor = event.key() == keys.Key_Up, self.textCursor()
        if cursor.movePosition(moves.Up if is_up else moves.Down):
            return None  # there is a line to go to
        shown = self.toPlainText()
        return self._recall.earlier(shown) if is_up else self._recall.later(shown)
