"""Results that wait, and the picture that they wait for: told when it is open again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .guard import guarded
from .qt import QtCore
from .state import Parcel
from .translation import numeral, trn

if TYPE_CHECKING:
    from .session import Session


class Homecoming(QtCore.QObject):
    """Lives on the UI thread. A picture is known by its name, size and colours: files are on no list of ours."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._document: Any = None
        session.refreshed.connect(self._look)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    def is_here(self, parcel: Parcel) -> bool:
        """Whether the active document is the one that a result was made for, as far as can be told."""
        canvas, info = self._session.canvas, self._session.active_info()
        return info is not None and parcel.fits(info) and canvas.name(canvas.document()) == parcel.document_name

    @guarded
    def _look(self) -> None:
        """Announce it once, as the picture comes to the front: the panel may not be seen."""
        document = self._session.canvas.document()
        if document == self._document:
            return
        self._document = document
        count = sum(self.is_here(parcel) for parcel in self._session.parcels)
        if count:
            told = trn("{count} result waits for this picture.", "{count} results wait for this picture.", count)
            self._session.announced.emit(told.format(count=numeral(count)))
