"""Names of LoRAs and embeddings, offered while a prompt is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from ..wire import InstalledAdapter

TAG = re.compile(r"<\s*lora\s*:\s*([^<>:]*)$", re.IGNORECASE)  # that is being typed
WORD = re.compile(r"[^\s<>:,;()]+$")
SHORTEST_WORD = 2  # letters before an embedding is offered: fewer would offer one after almost any word
MOST_SEEN = 8


@dataclass(frozen=True)
class Offer:
    """Names that could be meant, and what of the text they would take the place of."""

    typed: str
    replaced: int  # letters before the cursor
    adapters: tuple[InstalledAdapter, ...]


def offer_for(before: str, adapters: list[InstalledAdapter]) -> Offer | None:
    """What to offer behind this text; None where nothing begins so, or where all of it is typed already."""
    tag, word = TAG.search(before), WORD.search(before)
    if tag:
        return _offer("lora", tag[1], len(tag[0]), adapters)
    if word and len(word[0]) >= SHORTEST_WORD:
        return _offer("embedding", word[0], len(word[0]), adapters)
    return None


def _offer(kind: str, typed: str, replaced: int, adapters: list[InstalledAdapter]) -> Offer | None:
    begins = [
        each for each in adapters if each.kind == kind and each.name.casefold().startswith(typed.strip().casefold())
    ]
    is_there = kind == "embedding" and any(each.name == typed for each in begins)
    found = tuple(sorted(begins, key=lambda each: each.name.casefold()))
    return Offer(typed, replaced, found) if found and not is_there else None


def written(adapter: InstalledAdapter) -> str:
    """As a prompt names it."""
    return f"<lora:{adapter.name}:1>" if adapter.kind == "lora" else adapter.name


class Completing(QtCore.QObject):
    """A list of names below the cursor of a text field, which calls `look` after each letter."""

    def __init__(self, session: Session, edit: QtWidgets.QPlainTextEdit) -> None:
        super().__init__(edit)
        self._session, self._edit = session, edit
        self._offer: Offer | None = None
        self.list = QtWidgets.QCompleter(edit)
        self.list.setWidget(edit)
        self.popup = QtWidgets.QListView()
        self.list.setPopup(self.popup)
        self.list.setCompletionMode(QtWidgets.QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.list.setMaxVisibleItems(MOST_SEEN)
        self.names = QtGui.QStandardItemModel(self)
        self.list.setModel(self.names)
        self.list.activated[QtCore.QModelIndex].connect(self._chosen)  # type: ignore[index]  # one of two signatures

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @property
    def is_open(self) -> bool:
        """Whether names are being offered."""
        return self.popup.isVisible()

    def takes(self, event: QtGui.QKeyEvent) -> bool:
        """Whether a key is for the list of names, to choose or to close it: the field is to leave it alone."""
        keys = QtCore.Qt.Key
        is_with_control = bool(event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier)
        is_its_own = event.key() in (keys.Key_Return, keys.Key_Enter, keys.Key_Tab, keys.Key_Escape)
        return self.is_open and is_its_own and not is_with_control

    @guarded
    def look(self) -> None:
        """Offer what could be meant now, or nothing."""
        cursor = self._edit.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        offer = None if cursor.hasSelection() else offer_for(before, self._session.engine.adapters)
        if offer == self._offer:
            return
        self._offer = offer
        if offer is None:
            self.popup.hide()
            return
        self.names.clear()
        for adapter in offer.adapters:
            made_for = f"  ({adapter.architecture})" if adapter.architecture else ""
            self.names.appendRow(QtGui.QStandardItem(f"{adapter.name}{made_for}"))
        self._show()

    def _show(self) -> None:
        bar = self.popup.verticalScrollBar().sizeHint().width()
        place = self._edit.cursorRect()
        place.setWidth(self.popup.sizeHintForColumn(0) + bar + 8)
        self.list.complete(place)
        self.popup.setCurrentIndex(self.list.completionModel().index(0, 0))

    @guarded
    def _chosen(self, index: QtCore.QModelIndex) -> None:
        offer, self._offer = self._offer, None
        if offer is None:
            return
        cursor = self._edit.textCursor()
        moves, keep = QtGui.QTextCursor.MoveOperation, QtGui.QTextCursor.MoveMode.KeepAnchor
        cursor.movePosition(moves.Left, keep, offer.replaced)
        cursor.insertText(written(offer.adapters[index.row()]))
        self._edit.setTextCursor(cursor)
