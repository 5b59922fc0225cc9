"""Remove: one button, and how wide and how soft."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtWidgets
from ..session import Session
from ..settings import MAX_WIDTH_PX, RemoveSettings
from .model_choice import ModelChoice
from .numbers import NumberBox
from .part import Fields, Part, PushButton, Section

GROW_TIP = "Grow: also take this many pixels around the selection, for halos and shadows."
FEATHER_TIP = "Feather: soften the edge inwards by this many pixels. Nothing outside the selection changes."


class RemoveSection(Part):
    """Writes `session.remove_settings`, and asks for the edit."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.button = PushButton("Remove selection", "remove", "Take out what is selected and fill the place.")
        self.button.setObjectName("inlay_remove_button")
        self.grow = NumberBox("inlay_grow", " px", MAX_WIDTH_PX, GROW_TIP)
        self.feather = NumberBox("inlay_feather", " px", MAX_WIDTH_PX, FEATHER_TIP)
        self.grow.setValue(session.remove_settings.grow_px)
        self.feather.setValue(session.remove_settings.feather_px)
        self.model = ModelChoice(session, "inlay_remove_model", ["remove"], has_builtin=True)
        self._fields = Fields()
        self._lay_out()
        self.button.clicked.connect(self._remove)
        self.grow.valueChanged.connect(self._settle)
        self.feather.valueChanged.connect(self._settle)
        self.model.chosen.connect(self._settle)
        self.refresh()
        session.changed.connect(self.refresh)

    @guarded
    def refresh(self) -> None:
        """Offer the models that the engine has now; where there is none there is nothing to choose."""
        self.model.offer(self.session.remove_settings.model)
        self._fields.show_row(self.model, bool(self.model.fitting))

    def _lay_out(self) -> None:
        section = Section("Remove")
        for name, field in (("Grow", self.grow), ("Feather", self.feather), ("Model", self.model)):
            self._fields.add(name, field)
        section.body.addLayout(self._fields)
        section.body.addWidget(self.button)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)

    @guarded
    def _remove(self) -> None:
        self.session.remove()

    @guarded
    def _settle(self) -> None:
        self.session.remove_settings = RemoveSettings(
            self.grow.value(), self.feather.value(), self.model.currentData() or ""
        )
