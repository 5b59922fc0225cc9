"""What it sees: which layers an edit reads, and what of the picture is kept. Folded while nothing of that is set."""

from __future__ import annotations

from ..contract import Source
from ..controls import NAMES
from ..guard import guarded
from ..qt import QtWidgets
from ..session import Session
from ..translation import tr, trn
from .control_rows import ControlRows
from .numbers import Choice
from .part import Fields, Fold, MutedWords, Part, show_if
from .reference_rows import ReferenceRows

READS_TIP = tr(
    "What an edit sees. Of a layer alone only what is there is changed: what is transparent stays so. "
    "The result lies right above that layer."
)
SOURCES = (
    (Source.PICTURE, tr("Whole picture")),
    (Source.BELOW, tr("This layer and below")),
    (Source.LAYER, tr("Only this layer")),
)
KEEPS = tr("keeps: {what}")


class InputsSection(Part):
    """Asks `session.inputs` and `session.controls`. Where a document has no layers only what is kept can be set."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.fold = Fold(tr("What it sees"), "inlay_inputs_fold")
        self.used = MutedWords()
        self.used.setObjectName("inlay_inputs_used")
        self.reads = Choice()
        self.reads.setObjectName("inlay_reads")
        self.reads.setAccessibleName(tr("Reads"))
        self.reads.setToolTip(READS_TIP)
        for source, title in SOURCES:
            self.reads.addItem(title, source.value)
        self.references = ReferenceRows(session)
        self.control = ControlRows(session)
        self._content = QtWidgets.QWidget()
        self._fields = Fields()
        self._fields.add(tr("Reads"), self.reads)
        content = QtWidgets.QVBoxLayout(self._content)
        content.setContentsMargins(0, 0, 0, 0)
        content.setSpacing(4)
        content.addLayout(self._fields)
        content.addWidget(self.references)
        content.addWidget(self.control)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        for widget in (self.fold, self.used, self._content):
            layout.addWidget(widget)
        self.reads.currentIndexChanged.connect(self._choose)
        self.fold.toggled.connect(self.refresh)
        self.refresh()
        session.inputs.changed.connect(self.refresh)
        for told in (session.refreshed, session.changed, session.styles.applied, session.history.filled):
            told.connect(self._tell)

    @guarded
    def refresh(self) -> None:
        """Show what the active document's edits read."""
        self.reads.blockSignals(True)
        self.reads.setCurrentIndex(self.reads.findData(self.session.inputs.now.source.value))
        self.reads.blockSignals(False)
        self._fields.show_row(self.reads, self.session.canvas.has_layers)
        show_if(self._content, self.fold.isChecked())
        self._tell()

    @guarded
    def _tell(self) -> None:
        """While it is folded, what is set is told in small words."""
        inputs, control = self.session.inputs.now, self.session.prompt_settings.control
        told = [] if inputs.source is Source.PICTURE else [dict(SOURCES)[inputs.source]]
        if count := len(inputs.references):
            told.append(trn("{count} reference", "{count} references", count).format(count=count))
        if control:
            told.append(KEEPS.format(what=NAMES.get(control, control)))
        self.used.say("" if self.fold.isChecked() else " \N{MIDDLE DOT} ".join(told))

    @guarded
    def _choose(self) -> None:
        self.session.inputs.choose(source=Source(self.reads.currentData()))
