"""What there is to tell: errors in plain words, and results that wait for their document."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..sentences import translated
from ..session import Session
from ..state import Notice, Parcel
from ..translation import tr
from .part import Card, ElidedLabel, IconButton, Words

HERE = tr("The picture that is open is the one that it belongs to.")
ELSEWHERE = tr("The result is kept. Open {document}, then place it.")
TOP = QtCore.Qt.AlignmentFlag.AlignTop
ERROR_BAR = QtGui.QColor(204, 82, 66)  # a warm red that stands out on Krita's dark and light grey


class NoticeCard(Card):
    """What happened, what to do, and a button that does it."""

    def __init__(self, session: Session, notice: Notice) -> None:
        super().__init__(ERROR_BAR if notice.is_error else None)
        self.session = session
        self.notice = notice
        self.setObjectName("inlay_notice")
        self.setToolTip(notice.tip)
        self.message = Words(notice.message)
        self.remedy = Words(notice.remedy, is_small=True)
        dismiss = IconButton("dismiss", tr("Dismiss"))
        dismiss.setObjectName("inlay_dismiss_button")
        dismiss.clicked.connect(self._dismiss)
        first = QtWidgets.QGridLayout()
        first.setSpacing(4)
        first.setColumnStretch(0, 1)
        first.addWidget(self.message, 0, 0)
        first.addWidget(dismiss, 0, 1, TOP)
        self.box.addLayout(first)
        self.box.addWidget(self.remedy)
        if notice.act:
            button = QtWidgets.QPushButton(notice.action)
            button.setObjectName("inlay_notice_action")
            button.clicked.connect(self._act)
            self.box.addWidget(button)

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)

    @guarded
    def _dismiss(self) -> None:
        self.session.dismiss(self.notice)

    @guarded
    def _act(self) -> None:
        self.session.dismiss(self.notice)
        if self.notice.act:
            self.notice.act()


class ParcelCard(Card):
    """A result that waits: lay it into the active document, or throw it away."""

    def __init__(self, session: Session, parcel: Parcel) -> None:
        super().__init__()
        self.session = session
        self.parcel = parcel
        self.setObjectName("inlay_parcel")
        place = QtWidgets.QPushButton(tr("Place"))
        place.setObjectName("inlay_place_button")
        place.setToolTip(tr("Lay the result into the active document, as a new layer."))
        place.clicked.connect(self._place)
        discard = QtWidgets.QPushButton(tr("Discard"))
        discard.setObjectName("inlay_discard_button")
        discard.setToolTip(tr("Throw this result away."))
        discard.clicked.connect(self._discard)
        buttons = QtWidgets.QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(place, 1)
        buttons.addWidget(discard, 1)
        self.box.addWidget(ElidedLabel(translated(parcel.title)))
        self.box.addWidget(Words(parcel.reason, is_small=True))
        self.where = Words(is_small=True)
        self.box.addWidget(self.where)
        self.box.addLayout(buttons)
        self.refresh()

    def refresh(self) -> None:
        """Say where it can be laid in now."""
        is_here = self.session.homecoming.is_here(self.parcel)
        self.where.say(HERE if is_here else ELSEWHERE.format(document=self.parcel.document_name))

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)

    @guarded
    def _place(self) -> None:
        self.session.arrivals.place(self.parcel)

    @guarded
    def _discard(self) -> None:
        self.session.arrivals.discard(self.parcel)
