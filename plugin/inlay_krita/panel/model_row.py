"""A model in the list: what it does, its size and licence, and buttons for what can be done with it."""

from __future__ import annotations

from ..guard import guarded
from ..library import bytes_text
from ..qt import QtWidgets
from ..sentences import edits_text
from ..session import Session
from ..translation import tr
from ..wire import Install, ListedModel
from .install_card import InstallCard, needs_asking
from .link import Link
from .part import ElidedLabel, IconButton, MutedWords, Part, show_if


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
        self.licence = Link(tr("Licence: {licence}").format(licence=model.licence), model.licence_url)
        self.licence.setObjectName("inlay_licence_link")
        self.card = InstallCard(model)
        self.card.agreed.connect(self._begin)
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
        layout.addWidget(self.licence)
        layout.addWidget(self.card)
        show_if(self.licence, bool(model.licence and model.licence_url) and not model.is_installed)
        show_if(self.card, False)
        self.refresh()

    def refresh(self) -> None:
        """Show how far it is."""
        model, install = self._model, self.session.library.install_of(self._model)
        may_change = self.session.library.may_change
        show_if(self.install, may_change and install is None and not model.is_installed)
        show_if(self.cancel, may_change and install is not None)
        is_here = model.is_removable or model.begun_bytes > 0
        show_if(self.remove, may_change and install is None and is_here)
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
        """At once where there is nothing to agree to; else after a second press."""
        free_bytes = self.session.library.free_bytes
        if needs_asking(self._model, free_bytes):
            self.card.ask(free_bytes)
        else:
            self._begin()

    @guarded
    def _begin(self) -> None:
        self.card.hide()
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
        return tr("Waiting…") if install.state == "queued" else tr("Asking where it comes from…")
    done, total = bytes_text(install.done_bytes), bytes_text(install.total_bytes)
    return tr("{done} of {total}").format(done=done, total=total)


def _told(model: ListedModel) -> str:
    licence = tr("Licence: {licence}").format(licence=model.licence) if model.licence else ""
    lines = [model.title, licence, model.licence_url, model.path]
    return "\n".join(line for line in lines if line)
