"""Models: which there are, which could be, and installing them."""

from __future__ import annotations

from ..guard import guarded
from ..library import bytes_text
from ..qt import QtGui, QtWidgets
from ..sentences import edits_text
from ..session import Session
from ..translation import tr
from ..wire import Install, ListedModel
from .part import ElidedLabel, IconButton, MutedWords, Part, Section, clear_layout, show_if

LOOKING = tr("Asking the engine…")
FOLDER_TIP = tr(
    "Use checkpoints of another program where they lie: a folder of diffusers models or .safetensors files."
)


class ModelsSection(Part):
    """Shows `session.library`; asks it for nothing until it is seen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_models")
        self.note = MutedWords()
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


class ModelRow(Part):
    """One model: what it does, how large it is, and a button for what can be done with it."""

    def __init__(self, session: Session, model: ListedModel) -> None:
        super().__init__(session)
        self._model = model
        self.setObjectName("inlay_listed_model")
        self.setToolTip(_told(model))
        self.title = ElidedLabel(model.title)
        self.facts = MutedWords()
        self.bar = QtWidgets.QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.install = self._button("install", tr("Install"), self._install)
        self.cancel = self._button("cancel", tr("Cancel: what has arrived stays"), self._cancel)
        self.remove = self._button("delete", tr("Delete"), self._remove)
        first = QtWidgets.QHBoxLayout()
        first.setSpacing(2)
        first.addWidget(self.title, 1)
        for button in (self.install, self.cancel, self.remove):
            first.addWidget(button)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(first)
        layout.addWidget(self.bar)
        layout.addWidget(self.facts)
        self.refresh()

    def refresh(self) -> None:
        """Show how far it is."""
        model, install = self._model, self.session.library.install_of(self._model)
        show_if(self.install, install is None and not model.is_installed)
        show_if(self.cancel, install is not None)
        show_if(self.remove, install is None and (model.is_removable or model.begun_bytes > 0))
        show_if(self.bar, install is not None)
        if install:
            fraction = install.fraction
            self.bar.setRange(0, 0 if fraction is None else 1000)
            self.bar.setValue(0 if fraction is None else round(1000 * fraction))
        self.facts.say(_progress(install) if install else _facts(model))

    def _button(self, name: str, tip: str, slot: object) -> IconButton:
        button = IconButton(name, f"{tip}\n{self._model.title}")
        button.setObjectName(f"inlay_{name}_model_button")
        button.clicked.connect(slot)
        return button

    @guarded
    def _install(self) -> None:
        self.session.library.install(self._model)

    @guarded
    def _cancel(self) -> None:
        self.session.library.cancel(self._model)

    @guarded
    def _remove(self) -> None:
        self.session.library.remove(self._model)


def _facts(model: ListedModel) -> str:
    """What there is to know before an installation."""
    edits = edits_text(model.edits)
    facts = [edits[:1].upper() + edits[1:] if model.is_alone else tr("Goes beside a model")]
    if model.is_on_server:
        return _joined(*facts, tr("pixels leave this machine"))
    facts.append(bytes_text(model.size_bytes))
    if model.is_installed:
        facts.append(tr("installed") if model.is_removable else tr("in a folder of yours"))
    elif model.begun_bytes:
        facts.append(tr("{size} are here already").format(size=bytes_text(model.begun_bytes)))
    elif model.is_gated:
        facts.append(tr("needs an account"))
    return _joined(*facts)


def _joined(*facts: str) -> str:
    return " \N{MIDDLE DOT} ".join(facts)


def _progress(install: Install) -> str:
    if not install.total_bytes:
        return tr("Waiting…") if install.state == "queued" else tr("Asking the hub…")
    done, total = bytes_text(install.done_bytes), bytes_text(install.total_bytes)
    return tr("{done} of {total}").format(done=done, total=total)


def _told(model: ListedModel) -> str:
    licence = tr("Licence: {licence}").format(licence=model.licence) if model.licence else ""
    lines = [model.title, licence, model.licence_url, model.path]
    return "\n".join(line for line in lines if line)
