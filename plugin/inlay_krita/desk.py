"""The desk: what is under way, what there is to tell, and results that wait. The session works on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .contract import Canvas, CanvasError
from .qt import QtCore, Signal
from .state import Notice, Parcel, Work, notice_of
from .translation import tr


class Desk(QtCore.QObject):
    """Observable: `changed` when something under way or something to tell did; `announced` for a passing message."""

    changed = Signal()
    announced = Signal(str)

    def __init__(self, canvas: Canvas, log_path: Path | None) -> None:
        """log_path: which file says more about a fault."""
        super().__init__()
        self.canvas = canvas
        self.works: list[Work] = []
        self.notices: list[Notice] = []
        self.parcels: list[Parcel] = []
        self._log_path = log_path

    def tell(self, notice: Notice) -> None:
        """Show a notice in the panel; an older one with the same words goes."""
        self.notices = [old for old in self.notices if old.message != notice.message] + [notice]
        self.announced.emit(f"{notice.message} {notice.remedy}".strip())
        self.changed.emit()

    def dismiss(self, notice: Notice) -> None:
        """The painter has read it."""
        if notice in self.notices:
            self.notices.remove(notice)
            self.changed.emit()

    def crashed(self, error: Exception) -> None:
        """Show an error that nobody expected; it is in the log already."""
        said = tr("The panel had a fault ({kind}: {error}).").format(kind=type(error).__name__, error=error)
        where = tr("{path} says more.").format(path=self._log_path) if self._log_path else ""
        self.tell(Notice(said, f"{tr('Your picture was not harmed.')} {where}".strip()))

    def active(self, remedy: str) -> Any:
        """The active document's key. Raises CanvasError, with this remedy, where there is none."""
        document = self.canvas.document()
        if document is None:
            raise CanvasError(f"{tr('No picture is open.')} {remedy}")
        return document

    def new_work(self, work: Work) -> Work:
        """Show that something is under way, until `end`."""
        work.is_cancelled = False
        self.works.append(work)
        self.changed.emit()
        return work

    def end(self, work: Work) -> None:
        """It is over, one way or the other."""
        if work in self.works:
            self.works.remove(work)
            self.changed.emit()

    def take_off(self, parcel: Parcel) -> None:
        """It waits no longer."""
        if parcel in self.parcels:
            self.parcels.remove(parcel)
            self.changed.emit()

    @contextmanager
    def telling(self, work: Work | None = None) -> Iterator[None]:
        """A CanvasError inside becomes a notice; any error ends the work."""
        try:
            yield
        except CanvasError as error:
            self.tell(notice_of(str(error)))
            if work:
                self.end(work)
        except Exception:
            if work:
                self.end(work)
            raise
