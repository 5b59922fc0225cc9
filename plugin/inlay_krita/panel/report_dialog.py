"""A report of a problem, shown whole before anybody gets it: the painter copies or saves it, or lets it be."""

from __future__ import annotations

from pathlib import Path

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from ..state import Notice
from ..translation import tr
from .part import Words

WORDS = tr(
    "This is the whole report: versions, the device, and what happened when. It holds no pictures, no prompts, no "
    "names of files, folders, documents or models, and no tokens. Nothing has been sent. Copy or save it, and give "
    "it to whoever helps you."
)
FILE_NAME = "inlay-report.txt"
SIZE_PX = QtCore.QSize(640, 520)


class ReportDialog(QtWidgets.QDialog):
    """Holds nobody up: the rest of the program can be used while it is open."""

    def __init__(self, session: Session, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.session = session
        self.setObjectName("inlay_report")
        self.setWindowTitle(tr("Report a problem with Inlay"))
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = QtWidgets.QPlainTextEdit()
        self.text.setObjectName("inlay_report_text")
        self.text.setAccessibleName(tr("The report"))
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QtWidgets.QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
        self.copy = QtWidgets.QPushButton(tr("Copy"))
        self.copy.setObjectName("inlay_report_copy_button")
        self.save = QtWidgets.QPushButton(tr("Save…"))
        self.save.setObjectName("inlay_report_save_button")
        self._lay_out()
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._ask_where)
        session.reporting.changed.connect(self._refresh)
        session.reporting.gather()
        self.resize(SIZE_PX)

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)

    def write(self, path: Path) -> None:
        """Save the report; where that fails, the panel says so."""
        try:
            path.write_text(self.text.toPlainText() + "\n", encoding="utf-8")
        except OSError as error:
            reason = error.strerror or error
            said = tr("The report was not saved: {reason}.").format(reason=reason)
            self.session.tell(Notice(said, tr("Save it in another place, or copy it.")))

    @guarded
    def _refresh(self) -> None:
        reporting = self.session.reporting
        self.text.setPlainText(reporting.text)
        for button in (self.copy, self.save):
            button.setEnabled(reporting.is_whole)

    @guarded
    def _copy(self) -> None:
        QtWidgets.QApplication.clipboard().setText(self.text.toPlainText())

    @guarded
    def _ask_where(self) -> None:
        place = str(Path.home() / FILE_NAME)
        name, _ = QtWidgets.QFileDialog.getSaveFileName(self, tr("Save the report"), place, tr("Text (*.txt)"))
        if name:
            self.write(Path(name))

    def _lay_out(self) -> None:
        close = QtWidgets.QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        buttons = QtWidgets.QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addWidget(self.save)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(Words(WORDS))
        layout.addWidget(self.text, 1)
        layout.addLayout(buttons)
