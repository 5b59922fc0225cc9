"""The queue: every edit that runs or waits, of every picture, in its order; and results that wait for their picture."""

from __future__ import annotations

from functools import partial

from ..errand import time_left
from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from ..translation import numeral, tr, trn
from ..waitlist import Item
from .button_grid import ButtonGrid
from .glancing import GlancingPart
from .messages import ParcelCard
from .part import MutedWords, Part, PushButton, Section, show_if
from .turn_row import SEPARATOR, TurnRow

NOTHING = tr("Nothing is under way. Edits of all pictures are listed here as they come; their order can be changed.")
CLEAR_TIP = tr("Cancel what waits. What runs goes on.")
CANCEL_ALL_TIP = tr("Cancel every edit of this panel that runs or waits, of every picture.")
GAP_PX = 6


class QueuePage(GlancingPart):
    """Shows `session.waitlist` and `session.parcels`; asks the engine while it is seen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_queue")
        self._cards: dict[int, ParcelCard] = {}
        self.summary = MutedWords()
        self.turns = TurnList(session)
        self.cancel_all = PushButton(tr("Cancel all"), "cancel", CANCEL_ALL_TIP)
        self.cancel_all.setObjectName("inlay_queue_cancel_button")
        self.clear = PushButton(tr("Cancel waiting"), "delete", CLEAR_TIP)
        self.clear.setObjectName("inlay_queue_clear_button")
        self._buttons = ButtonGrid([self.cancel_all, self.clear])
        section = Section(tr("Queue"))
        for widget in (self.summary, self.turns, self._buttons):
            section.body.addWidget(widget)
        self._waiting = Section(tr("Finished, not laid in yet"))
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(section)
        layout.addWidget(self._waiting)
        self.cancel_all.clicked.connect(self._cancel_all)
        self.clear.clicked.connect(self._clear)
        session.waitlist.changed.connect(self.refresh)
        session.refreshed.connect(self.refresh)
        self.refresh()

    @guarded
    def glance(self) -> None:
        self.refresh()
        self.session.waitlist.look()

    @guarded
    def refresh(self) -> None:
        """List what there is now."""
        items = self.session.waitlist.items
        ours = [item for item in items if item.work and not item.is_ending]
        self.summary.say(self._told(len(items)))
        self.turns.show_items(items)
        self.cancel_all.setEnabled(bool(ours))
        self.clear.setEnabled(any(item.is_waiting or item.turn is None for item in ours))
        show_if(self._buttons, bool(items))
        self._show_parcels()

    def _told(self, count: int) -> str:
        if not count:
            return "" if self.session.parcels else NOTHING
        told = trn("{count} edit", "{count} edits", count).format(count=numeral(count))
        left = self.session.waitlist.seconds_left
        return told if left is None else SEPARATOR.join((told, time_left(left)))

    def _show_parcels(self) -> None:
        """Cards stay as long as their results wait."""
        parcels = self.session.parcels
        for number in self._cards.keys() - {parcel.number for parcel in parcels}:
            card = self._cards.pop(number)
            card.hide()
            card.deleteLater()
        for parcel in parcels:
            if parcel.number not in self._cards:
                self._cards[parcel.number] = card = ParcelCard(self.session, parcel)
                self._waiting.body.addWidget(card)
            self._cards[parcel.number].refresh()
        show_if(self._waiting, bool(parcels))

    @guarded
    def _cancel_all(self) -> None:
        self.session.cancel_all()

    @guarded
    def _clear(self) -> None:
        self.session.waitlist.clear()


class TurnList(Part):
    """Rows below each other; those that wait can be dragged among themselves."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._items: list[Item] = []
        self._rows: dict[int | str, TurnRow] = {}
        self._line_y: int | None = None  # where a dragged row would go
        self._box = QtWidgets.QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(GAP_PX)

    def show_items(self, items: list[Item]) -> None:
        """Show these, in this order. Rows stay as long as their edits do."""
        self._items = items
        for key in self._rows.keys() - {item.key for item in items}:
            row = self._rows.pop(key)
            self._box.removeWidget(row)
            row.hide()
            row.deleteLater()
        waiting = self._waiting()
        for place, item in enumerate(items):
            row = self._rows.get(item.key) or self._new_row(item.key)
            if self._box.indexOf(row) != place:
                self._box.insertWidget(place, row)
            row.say(item, item in waiting[:1], item in waiting[-1:])
            show_if(row, True)
        show_if(self, bool(items))

    def _new_row(self, key: int | str) -> TurnRow:
        self._rows[key] = row = TurnRow(self.session)
        row.moved.connect(partial(self._moved, key))
        row.cancelled.connect(partial(self._cancelled, key))
        row.dragged.connect(self._dragged)
        row.dropped.connect(partial(self._dropped, key))
        return row

    def _waiting(self) -> list[Item]:
        return [item for item in self._items if item.is_waiting]

    def _item(self, key: int | str) -> Item | None:
        return next((item for item in self._items if item.key == key), None)

    @guarded
    def _moved(self, key: int | str, step: int) -> None:
        """One place earlier or later."""
        waiting, item = self._waiting(), self._item(key)
        if item in waiting:
            self._put(item, waiting.index(item) + (step if step < 0 else step + 1))

    @guarded
    def _dragged(self, y: int) -> None:
        """Show where it would go."""
        waiting = self._waiting()
        place = self._place(y)
        row = self._rows[waiting[min(place, len(waiting) - 1)].key].geometry() if waiting else None
        if row:
            self._line_y = row.top() - GAP_PX // 2 if place < len(waiting) else row.bottom() + GAP_PX // 2
        self.update()

    @guarded
    def _dropped(self, key: int | str, y: int) -> None:
        self._line_y = None
        self.update()
        item = self._item(key)
        if item and item.is_waiting:
            self._put(item, self._place(y))

    @guarded
    def _cancelled(self, key: int | str) -> None:
        item = self._item(key)
        if item:
            self.session.waitlist.cancel(item)

    def _place(self, y: int) -> int:
        """Before which of those that wait a row would go that is let fall there."""
        return sum(self._rows[item.key].geometry().center().y() < y for item in self._waiting())

    def _put(self, item: Item, place: int) -> None:
        """Have it done before the one that is at this place now; past the end: last."""
        waiting = self._waiting()
        now = waiting.index(item)
        if 0 <= place <= len(waiting) and place not in (now, now + 1):
            self.session.waitlist.move(item, waiting[place] if place < len(waiting) else None)

    @guarded
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if self._line_y is not None:
            painter = QtGui.QPainter(self)
            line = QtCore.QRect(0, max(0, self._line_y - 1), self.width(), 2)
            painter.fillRect(line, self.palette().highlight())
