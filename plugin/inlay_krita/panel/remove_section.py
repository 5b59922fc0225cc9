"""Remove: one button, and who does it where there is a choice."""

from __future__ import annotations

import dataclasses

from ..guard import guarded
from ..qt import QtWidgets
from ..session import Session
from .model_choice import BUILTIN, ModelChoice
from .part import Fields, Part, PushButton, Section


class RemoveSection(Part):
    """Writes the model in `session.remove_settings`, and asks for the edit."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.button = PushButton("Remove selection", "remove", "Take out what is selected and fill the place.")
        self.button.setObjectName("inlay_remove_button")
        self.model = ModelChoice(session, "inlay_remove_model", ["remove"], without=[BUILTIN])
        self._fields = Fields()
        self._fields.add("Model", self.model)
        section = Section("Remove")
        section.body.addLayout(self._fields)
        section.body.addWidget(self.button)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)
        self.button.clicked.connect(self._remove)
        self.model.chosen.connect(self._choose)
        self.refresh()
        session.changed.connect(self.refresh)

    @guarded
    def refresh(self) -> None:
        """Offer the models that the engine has now; where there is none there is nothing to choose."""
        self.model.offer(self.session.remove_settings.model)
        self._fields.show_row(self.model, bool(self.model.fitting))

    @guarded
    def _remove(self) -> None:
        self.session.remove()

    @guarded
    def _choose(self, model: str) -> None:
        self.session.remove_settings = dataclasses.replace(self.session.remove_settings, model=model)
