"""Keep: a pose, the depth or the lines of what is replaced; read off the picture, or drawn in a layer."""

from __future__ import annotations

import dataclasses

from ..contract import CanvasError
from ..controls import NAMES
from ..guard import guarded
from ..inputs import MOST_SCALE_PERCENT, DocumentInputs
from ..qt import QtWidgets
from ..session import Session
from ..translation import tr
from .button_grid import ButtonGrid
from .layer_row import LayerRow
from .model_choice import AUTOMATIC
from .numbers import Choice, NumberBox
from .part import Fields, IconButton, Part, PushButton, clear_layout, show_if
from .works import Preview

KEEP_TIP = tr("What a replacement keeps of what is there now. Needs a ControlNet for it: see Models.")
SCALE_TIP = tr("How strongly it is kept.")
FROM_TIP = tr("From: the share of the steps after which it is heeded. What comes before is free.")
UNTIL_TIP = tr("Until: the share of the steps after which it is no longer heeded, so that details may differ.")
LOOK_TIP = tr("Show what would be kept of the selection's surroundings.")
LAY_TIP = tr("Put it into a layer, where it can be corrected; that is kept then. No edit sees that layer.")
ACTIVE_TIP = tr(
    "Keep what the active layer shows: a drawn pose, a depth picture, line art. The layer may be hidden, and no edit "
    "sees it."
)
READ_TIP = tr("Read it off the picture again")
GONE = tr("That layer is gone: choose another one.")


class ControlRows(Part):
    """Writes `control` of `session.prompt_settings`, and how to `session.inputs`; asks `session.controls`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.kind = Choice()
        self.kind.setObjectName("inlay_control")
        self.kind.setAccessibleName(tr("Keep"))
        self.kind.setToolTip(KEEP_TIP)
        for title, name in ((tr("Nothing"), ""), *((title, name) for name, title in NAMES.items())):
            self.kind.addItem(title, name)
        self.scale = NumberBox("inlay_control_scale", " %", MOST_SCALE_PERCENT, SCALE_TIP)
        self.scale.setSpecialValueText(AUTOMATIC)
        self.begin = NumberBox("inlay_control_from", " %", 99, FROM_TIP)
        self.end = NumberBox("inlay_control_until", " %", 100, UNTIL_TIP)
        self.end.setMinimum(1)
        self.look = _button(tr("Preview"), "look", LOOK_TIP, "inlay_control_look_button")
        self.take = _button(tr("Use active layer"), "select", ACTIVE_TIP, "inlay_control_layer_button")
        self.lay = _button(tr("Put into a layer"), "install", LAY_TIP, "inlay_control_lay_button")
        self.preview = Preview()
        self.preview.setObjectName("inlay_control_preview")
        self.preview.setAccessibleName(tr("What would be kept"))
        self._layer = QtWidgets.QVBoxLayout()
        self._more = self._made_more()
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        fields = Fields()
        fields.add(tr("Keep"), self.kind)
        layout.addLayout(fields)
        layout.addWidget(self._more)
        self._connect()
        self.refresh()

    def _made_more(self) -> QtWidgets.QWidget:
        more = QtWidgets.QWidget()
        layout = QtWidgets.QVBoxLayout(more)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._layer)
        layout.addWidget(ButtonGrid([self.look, self.take]))
        layout.addWidget(self.preview)
        layout.addWidget(self.lay)
        fields = Fields()
        fields.add(tr("Strength"), self.scale)
        fields.add(tr("From"), self.begin)
        fields.add(tr("Until"), self.end)
        layout.addLayout(fields)
        return more

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._choose_kind)
        for number in (self.scale, self.begin, self.end):
            number.valueChanged.connect(self._settle)
        for button, slot in ((self.look, self._look), (self.take, self._take), (self.lay, self._lay)):
            button.clicked.connect(slot)
        session = self.session
        session.inputs.changed.connect(self.refresh)
        session.controls.changed.connect(self.refresh)
        session.styles.applied.connect(self.refresh)
        session.history.filled.connect(self.refresh)

    @guarded
    def refresh(self) -> None:
        """Show what is kept, and how."""
        session, inputs = self.session, self.session.inputs.now
        self.kind.blockSignals(True)
        self.kind.setCurrentIndex(max(0, self.kind.findData(session.prompt_settings.control)))
        self.kind.blockSignals(False)
        shown = (self.scale, inputs.scale_percent), (self.begin, inputs.from_percent), (self.end, inputs.until_percent)
        for box, value in shown:
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        self._show_layer(inputs)
        seen = session.controls.seen
        if seen:
            self.preview.show_image(seen.picture)
        show_if(self.preview, seen is not None)
        show_if(self.lay, seen is not None and session.canvas.has_layers)
        show_if(self.take, session.canvas.has_layers)
        show_if(self._more, bool(session.prompt_settings.control))

    def _show_layer(self, inputs: DocumentInputs) -> None:
        clear_layout(self._layer)
        if not inputs.control_layer:
            return
        row = LayerRow(self.session, inputs.control_layer, GONE)
        row.setParent(self._more)
        read = row.add(IconButton("dismiss", READ_TIP))
        read.setObjectName("inlay_control_read_button")
        read.clicked.connect(self._read_off)
        self._layer.addWidget(row)
        row.show()

    @guarded
    def _choose_kind(self) -> None:
        session = self.session
        session.prompt_settings = dataclasses.replace(session.prompt_settings, control=self.kind.currentData())
        session.controls.heed()
        session.choosing.heed()
        self.refresh()

    @guarded
    def _settle(self) -> None:
        begin, end = self.begin.value(), self.end.value()
        if begin >= end and self.sender() is self.begin:
            end = begin + 1
        elif begin >= end:
            begin = end - 1
        self.session.inputs.choose(scale_percent=self.scale.value(), from_percent=begin, until_percent=end)

    @guarded
    def _look(self) -> None:
        self.session.controls.look()

    @guarded
    def _lay(self) -> None:
        self.session.controls.lay()

    @guarded
    def _take(self) -> None:
        with self.session.telling():
            document = self.session.active(tr("Open a picture first."))
            layer = self.session.canvas.active_layer(document)
            if not layer:
                raise CanvasError(tr("No layer is active: choose the one that shows what is to be kept."))
            self.session.inputs.choose(control_layer=layer)

    @guarded
    def _read_off(self) -> None:
        self.session.inputs.choose(control_layer="")


def _button(text: str, icon: str, tip: str, name: str) -> PushButton:
    button = PushButton(text, icon, tip)
    button.setObjectName(name)
    return button
