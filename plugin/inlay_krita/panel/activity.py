"""What happens and what there is to tell, below the pages."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtWidgets
from ..session import Session
from ..translation import tr
from ..variants import foremost
from .messages import NoticeCard, ParcelCard
from .pages import MARGIN_PX
from .part import Part, PushButton, show_if
from .works import WorkCard


class Activity(Part):
    """Cards for what there is to tell, and for what is under way where no page shows that.

    Takes no room when there is nothing.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._cards: dict[int, QtWidgets.QWidget] = {}
        self._is_left_to_queue = False
        self._box = QtWidgets.QVBoxLayout()
        self._box.setSpacing(6)
        self.cancel_all = PushButton(
            tr("Cancel all"), "cancel", tr("Cancel every edit that runs or waits, of every picture")
        )
        self.cancel_all.setObjectName("inlay_cancel_all_button")
        self.cancel_all.clicked.connect(self._cancel_all)
        whole = QtWidgets.QVBoxLayout(self)
        whole.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, 4)
        whole.setSpacing(6)
        whole.addLayout(self._box)
        whole.addWidget(self.cancel_all)
        self.refresh()
        session.changed.connect(self.refresh)
        session.refreshed.connect(self.refresh)  # another picture is active, perhaps one that a result waits for

    def leave_to_queue(self, is_left: bool) -> None:
        """Whether the page that is seen shows what is under way."""
        if is_left is not self._is_left_to_queue:
            self._is_left_to_queue = is_left
            self.refresh()

    @guarded
    def refresh(self) -> None:
        """Add cards for what is new, take off those of what is over, bring the rest up to date."""
        notices = self.session.notices
        works = [] if self._is_left_to_queue else foremost(self.session.works)
        parcels = [] if self._is_left_to_queue else self.session.parcels
        numbers = {item.number for items in (notices, parcels, works) for item in items}
        for number in [number for number in self._cards if number not in numbers]:
            card = self._cards.pop(number)
            self._box.removeWidget(card)
            card.hide()
            card.deleteLater()
        for notice in notices:
            if notice.number not in self._cards:
                self._insert(notice.number, NoticeCard(self.session, notice), 0)
        for parcel in parcels:
            if parcel.number not in self._cards:
                self._insert(parcel.number, ParcelCard(self.session, parcel))
            card = self._cards[parcel.number]
            assert isinstance(card, ParcelCard)
            card.refresh()
        for work in works:
            if work.number not in self._cards:
                self._insert(work.number, WorkCard(self.session, work), len(notices))
            card = self._cards[work.number]
            assert isinstance(card, WorkCard)
            card.refresh()
        show_if(self.cancel_all, len(works) > 1)
        show_if(self, bool(self._cards))

    @guarded
    def _cancel_all(self) -> None:
        self.session.cancel_all()

    def _insert(self, number: int, card: QtWidgets.QWidget, index: int = -1) -> None:
        self._cards[number] = card
        self._box.insertWidget(index, card)
        card.show()
