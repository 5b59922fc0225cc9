"""Settings: which engine works, on what, how much it keeps and where; and a report of a problem."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtGui, QtWidgets
from ..session import Session
from ..translation import tr
from .computing_section import ComputingSection
from .engine_section import EngineSection
from .files_section import FilesSection
from .part import Part, PushButton, rule
from .report_dialog import ReportDialog

REPORT_TIP = tr("Gather versions and what happened, without pictures or prompts. It is shown whole, and sent nowhere.")


class SettingsPage(Part):
    """Asks the engine how it is set up when it comes to be seen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_settings")
        self.engine = EngineSection(session)
        self.computing = ComputingSection(session)
        self.files = FilesSection(session)
        self.report = PushButton(tr("Report a problem…"), "report", REPORT_TIP)
        self.report.setObjectName("inlay_settings_report_button")
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.engine, rule(), self.computing, rule(), self.files, rule(), self.report):
            layout.addWidget(widget)
        self.report.clicked.connect(self._report)

    @guarded
    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.session.engine_setup.look()

    @guarded
    def _report(self) -> None:
        ReportDialog(self.session, self).show()
