"""Models: which there are, which could be, and installing them."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtGui, QtWidgets
from ..session import Session
from ..translation import tr
from ..wire import ListedModel
from .model_row import ModelRow
from .part import MutedWords, Part, Section, clear_layout, show_if

ELSEWHERE = tr("Models of this engine are installed and deleted on the machine where it runs.")
LOOKING = tr("Asking the engine…")
FOLDER_TIP = tr("Use the models of another program where they lie: a folder of diffusers models or .safetensors files.")


class ModelsSection(Part):
    """Shows `session.library`; asks it for nothing until it is seen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_models")
        self.note = MutedWords()
        self.elsewhere = MutedWords()
        self.add = QtWidgets.QPushButton(tr("Add a folder…"))
        self.add.setObjectName("inlay_add_folder_button")
        self.add.setToolTip(FOLDER_TIP)
        self.add.clicked.connect(self._add_folder)
        self._rows: dict[str, ModelRow] = {}
        self._shown: list[ListedModel] = []
        self._list = QtWidgets.QVBoxLayout()
        self._list.setSpacing(8)
        section = Section(tr("Models"))
        section.body.addWidget(self.note)
        section.body.addWidget(self.elsewhere)
        section.body.addLayout(self._list)
        section.body.addWidget(self.add)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)
        session.library.changed.connect(self.refresh)

    @guarded
    def refresh(self) -> None:
        """List what there is now; rows stay as long as their models do."""
        library = self.session.library
        self.note.say(library.problem or ("" if library.models is not None else LOOKING))
        models = library.models or []
        if models != self._shown:
            self._shown = models
            clear_layout(self._list)
            self._rows = {model.id: ModelRow(self.session, model) for model in models}
            for row in self._rows.values():
                self._list.addWidget(row)
        for row in self._rows.values():
            row.refresh()
        show_if(self.add, library.may_change)
        self.elsewhere.say("" if library.may_change else ELSEWHERE)

    @guarded
    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.refresh()
        self.session.library.look()

    @guarded
    def _add_folder(self) -> None:
        path = QtWidgets.QFileDialog.getExistingDirectory(self.window(), tr("Use the models of a folder"))
        if path:
            self.session.library.add_folder(path)
