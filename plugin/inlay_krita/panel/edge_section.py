"""The selection's edge: how much wider, and how soft. Every edit of a selection heeds it."""

from __future__ import annotations

import dataclasses

from ..guard import guarded
from ..qt import QtWidgets
from ..session import Session
from ..settings import MAX_WIDTH_PX
from ..translation import tr
from .numbers import NumberBox
from .part import Fields, Part, Section

GROW_TIP = tr("Grow: also take this many pixels around the selection, for halos and shadows.")
FEATHER_TIP = tr("Feather: soften the edge inwards by this many pixels. Nothing outside the selection changes.")


class EdgeSection(Part):
    """Writes the widths in `session.remove_settings`, which all edits of a selection share."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.grow = NumberBox("inlay_grow", " px", MAX_WIDTH_PX, GROW_TIP)
        self.feather = NumberBox("inlay_feather", " px", MAX_WIDTH_PX, FEATHER_TIP)
        self.grow.setValue(session.remove_settings.grow_px)
        self.feather.setValue(session.remove_settings.feather_px)
        section, fields = Section(tr("Selection edge")), Fields()
        fields.add(tr("Grow"), self.grow)
        fields.add(tr("Feather"), self.feather)
        section.body.addLayout(fields)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)
        self.grow.valueChanged.connect(self._settle)
        self.feather.valueChanged.connect(self._settle)
        session.history.filled.connect(self._fill)
        session.own.applied.connect(self._fill)

    @guarded
    def _fill(self) -> None:
        settings = self.session.remove_settings
        self.grow.setValue(settings.grow_px)
        self.feather.setValue(settings.feather_px)

    @guarded
    def _settle(self) -> None:
        self.session.remove_settings = dataclasses.replace(
            self.session.remove_settings, grow_px=self.grow.value(), feather_px=self.feather.value()
        )
