"""Layers: what an edit reads of them. Folded while the whole picture is read and nothing else."""

from __future__ import annotations

from ..contract import Source
from ..guard import guarded
from ..qt import QtWidgets
from ..session import Session
from ..translation import tr
from .numbers import Choice
from .part import Fields, Fold, MutedWords, Part, show_if

READS_TIP = tr(
    "What an edit sees. Of a layer alone only what is there is changed: what is transparent stays so. "
    "The result lies right above that layer."
)
SOURCES = (
    (Source.PICTURE, tr("Whole picture")),
    (Source.BELOW, tr("This layer and below")),
    (Source.LAYER, tr("Only this layer")),
)


class InputsSection(Part):
    """Asks `session.inputs`. Not seen where a document has no layers."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.fold = Fold(tr("Layers"), "inlay_inputs_fold")
        self.used = MutedWords()
        self.used.setObjectName("inlay_inputs_used")
        self.reads = Choice()
        self.reads.setObjectName("inlay_reads")
        self.reads.setAccessibleName(tr("Reads"))
        self.reads.setToolTip(READS_TIP)
        for source, title in SOURCES:
            self.reads.addItem(title, source.value)
        self._content = QtWidgets.QWidget()
        fields = Fields()
        fields.setContentsMargins(0, 0, 0, 0)
        fields.add(tr("Reads"), self.reads)
        self._content.setLayout(fields)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        for widget in (self.fold, self.used, self._content):
            layout.addWidget(widget)
        self.reads.currentIndexChanged.connect(self._choose)
        self.fold.toggled.connect(self._unfold)
        self.refresh()
        session.inputs.changed.connect(self.refresh)

    @guarded
    def refresh(self) -> None:
        """Show what the active document's edits read."""
        inputs = self.session.inputs.now
        self.reads.blockSignals(True)
        self.reads.setCurrentIndex(self.reads.findData(inputs.source.value))
        self.reads.blockSignals(False)
        self._unfold()
        show_if(self, self.session.canvas.has_layers)

    @guarded
    def _unfold(self) -> None:
        is_unfolded = self.fold.isChecked()
        source = self.session.inputs.now.source
        show_if(self._content, is_unfolded)
        self.used.say("" if is_unfolded or source is Source.PICTURE else dict(SOURCES)[source])

    @guarded
    def _choose(self) -> None:
        self.session.inputs.choose(Source(self.reads.currentData()))
