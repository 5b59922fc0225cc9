"""Settings: where things are kept."""

from __future__ import annotations

from ..qt import QtWidgets
from ..session import Session
from ..translation import tr
from .part import Part, Section, Words


class SettingsPage(Part):
    """Tells the folders."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_settings")
        folders = session.reporting.folders
        section = Section(tr("Settings"))
        for words, folder in (
            (tr("Models, styles and earlier prompts are kept in {folder}."), folders.data),
            (tr("The logs are in {folder}."), folders.log),
        ):
            section.body.addWidget(Words(words.format(folder=folder)))
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)
