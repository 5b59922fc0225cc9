"""Background: make it transparent, replace it, or just select it; and the subject before it."""

from __future__ import annotations

import dataclasses

from ..guard import guarded
from ..qt import QtWidgets
from ..session import Session
from ..translation import tr
from .button_grid import ButtonGrid
from .part import Part, PushButton, Section, show_if

SUBJECT = tr("What is selected is the subject; where nothing is, it is looked for.")
COPY_TIP = tr(
    "Cut out a copy of the picture, above all layers, which are hidden then. Else the active layer gets the mask. "
    "Either way no pixel is lost."
)
BUTTONS = (
    ("remove_background", tr("Remove"), f"{tr('Make all but the subject transparent, by a mask.')} {SUBJECT}"),
    ("background", tr("Replace"), f"{tr('Keep the subject, and paint what the prompt says around it.')} {SUBJECT}"),
    ("select_background", tr("Select"), f"{tr('Select all but the subject.')} {SUBJECT}"),
    ("select_subject", tr("Subject"), tr("Look for the picture's subject, and select it.")),
)


class BackgroundSection(Part):
    """Writes `session.background_settings`, and asks `session.backgrounds`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.buttons = {name: _button(name, text, tip) for name, text, tip in BUTTONS}
        self.is_copy = QtWidgets.QCheckBox(tr("Remove on a copy"))
        self.is_copy.setObjectName("inlay_background_copy")
        self.is_copy.setToolTip(COPY_TIP)
        self.is_copy.setChecked(session.background_settings.is_copy)
        section = Section(tr("Background"))
        section.body.addWidget(ButtonGrid(list(self.buttons.values())))
        section.body.addWidget(self.is_copy)
        show_if(self.is_copy, session.canvas.has_layers)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)
        self.is_copy.toggled.connect(self._settle)
        for name, slot in (
            ("remove_background", self._remove),
            ("background", self._replace),
            ("select_subject", self._select_subject),
            ("select_background", self._select_background),
        ):
            self.buttons[name].clicked.connect(slot)

    @guarded
    def _settle(self) -> None:
        self.session.background_settings = dataclasses.replace(
            self.session.background_settings, is_copy=self.is_copy.isChecked()
        )

    @guarded
    def _remove(self) -> None:
        self.session.backgrounds.remove()

    @guarded
    def _replace(self) -> None:
        self.session.backgrounds.replace()

    @guarded
    def _select_subject(self) -> None:
        self.session.backgrounds.select_subject()

    @guarded
    def _select_background(self) -> None:
        self.session.backgrounds.select_background()


def _button(name: str, text: str, tip: str) -> PushButton:
    button = PushButton(text, name, tip)
    button.setObjectName(f"inlay_{name}_button")
    return button
