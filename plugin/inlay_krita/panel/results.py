"""What Inlay made in this document, from the recipes it keeps."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..session import CanvasError, Session
from ..state import PastResult
from .part import ElidedLabel, IconButton, MutedLabel, MutedWords, Part, Section, clear_layout, rule, show_if
from .why import Why

MAX_SHOWN = 8


class ResultsSection(Part):
    """The newest results, each with "Again"."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._shown: list[PastResult] = []
        section = Section("Results")
        self._newest, self._older = QtWidgets.QVBoxLayout(), QtWidgets.QVBoxLayout()
        self._older.setSpacing(2)
        self.why = Why(session)
        self._more = MutedWords()
        section.body.addLayout(self._newest)
        section.body.addWidget(self.why)
        section.body.addLayout(self._older)
        section.body.addWidget(self._more)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(rule())
        layout.addWidget(section)
        self.refresh()
        session.refreshed.connect(self.refresh)

    @guarded
    def refresh(self) -> None:
        """List the active document's results; nothing where there is none."""
        try:
            results = self.session.results()
        except CanvasError:
            results = []
        if results != self._shown:
            self._shown = results
            clear_layout(self._newest)
            clear_layout(self._older)
            for past in results[:MAX_SHOWN]:
                (self._older if self._newest.count() else self._newest).addWidget(ResultRow(self.session, past))
            self.why.say(results[0].reasons if results else ())
            older = len(results) - MAX_SHOWN
            self._more.say(f"and {older} older" if older > 0 else "")
        show_if(self, bool(results))


class ResultRow(Part):
    """One result: what, when, and once more with another seed."""

    def __init__(self, session: Session, past: PastResult) -> None:
        super().__init__(session)
        self._past = past
        self.setObjectName("inlay_result")
        again = IconButton("again", "Again: run it once more with another seed")
        again.setObjectName("inlay_again_button")
        again.clicked.connect(self._again)
        self._title = ElidedLabel(past.title)
        self._time = MutedLabel(past.made)
        self.setToolTip("\n".join((f"{past.title}, {past.made}", *past.reasons)))
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._title, 1)
        layout.addWidget(self._time, 0, QtCore.Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(again)
        self._again_width_px = again.sizeHint().width() + 2 * layout.spacing()

    @guarded
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where there is no room for both, the title matters more than the time."""
        super().resizeEvent(event)
        wanted = self._title.fontMetrics().horizontalAdvance(self._title.text()) + self._time.sizeHint().width()
        self._time.setVisible(wanted + self._again_width_px <= self.width())

    @guarded
    def _again(self) -> None:
        self.session.again(self._past)
