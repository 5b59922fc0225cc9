"""The last line: how it stands with the engine."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from ..state import EngineState
from ..translation import tr
from .messages import ERROR_BAR
from .part import ElidedLabel, IconButton, Part, mixed, small_font
from .report_dialog import ReportDialog

JOIN = " \N{MIDDLE DOT} "
GREEN = QtGui.QColor(92, 164, 92)


class EngineLine(Part):
    """A dot and a few words, and a button for when something is wrong."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_engine")
        self.words = ElidedLabel()
        self.words.setFont(small_font(self.words.font()))
        self._dot = Dot()
        self.report = IconButton("report", tr("Report a problem…"))
        self.report.setObjectName("inlay_report_button")
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._dot)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.report)
        self.report.clicked.connect(self._report)
        self.refresh()
        session.changed.connect(self.refresh)

    @guarded
    def refresh(self) -> None:
        """Show the engine's state."""
        state, place = self.session.engine.state, self.session.engine_choice.place
        self.words.setText(JOIN.join(filter(None, (tr(state.value), place))))
        self._dot.show_colour(self._colour(state))

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QtCore.QEvent.Type.PaletteChange:
            self.refresh()

    @guarded
    def _report(self) -> None:
        # Krita's window would do as its parent, but not keep its Python half.
        ReportDialog(self.session, self).show()

    def _colour(self, state: EngineState) -> QtGui.QColor:
        if state is EngineState.READY:
            return GREEN
        if state in (EngineState.MISSING, EngineState.TROUBLE):
            return ERROR_BAR
        if state is EngineState.STARTING:
            return self.palette().highlight().color()
        return mixed(self.palette().window().color(), self.palette().windowText().color(), 0.4)


class Dot(QtWidgets.QWidget):
    """A small disc of one colour."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = QtGui.QColor()
        self.setFixedSize(10, 10)

    def show_colour(self, colour: QtGui.QColor) -> None:
        self._colour = colour
        self.update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._colour)
        painter.setPen(mixed(self._colour, self.palette().windowText().color(), 0.2))
        painter.drawEllipse(1, 1, 7, 7)
