"""Extend: four sides around the place of the picture, or a ratio; and the size that comes of it."""

from __future__ import annotations

import dataclasses

from ..guard import guarded
from ..qt import QtCore, QtWidgets
from ..session import Session
from ..settings import RATIOS, ExtendSettings, Sides, Unit
from ..state import size_text
from .anchor import Anchor
from .model_choice import BUILTIN, ModelChoice
from .numbers import Choice, NumberBox
from .part import Fields, Part, PushButton, Section, Words, label_width_px

SIDES = ("left", "top", "right", "bottom")
PLACES = {"left": (1, 0), "top": (0, 1), "right": (1, 2), "bottom": (2, 1)}  # row, column around the anchor
MAX_SIDE_PX = 32768


class ExtendSection(Part):
    """Writes `session.extend_settings`, and asks for the edit."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._is_showing = False
        self.ratio = Choice()
        self.ratio.setObjectName("inlay_ratio")
        self.ratio.setToolTip("The shape that the canvas is to have.")
        self.ratio.setAccessibleName("Ratio")
        self.ratio.addItems(list(RATIOS))
        self.unit = Choice()
        self.unit.setObjectName("inlay_unit")
        self.unit.setToolTip("What the sides are told in: pixels, or per cent of the picture.")
        self.unit.setAccessibleName("Unit")
        self.unit.addItems([unit.value for unit in Unit])
        self.boxes = {side: NumberBox(f"inlay_{side}", "", 100, f"New canvas at the {side}.") for side in SIDES}
        self.anchor = Anchor()
        self.outcome = Words()
        self.outcome.setObjectName("inlay_new_size")
        self.button = PushButton("Extend canvas", "extend", "Make the canvas larger and go on with the picture.")
        self.button.setObjectName("inlay_extend_button")
        self.model = ModelChoice(session, "inlay_extend_model", ["extend"], without=[BUILTIN])
        self._fields = Fields()
        self._lay_out()
        self.refresh()
        self.ratio.currentTextChanged.connect(self._ratio_chosen)
        self.unit.currentTextChanged.connect(self._unit_chosen)
        for box in self.boxes.values():
            box.valueChanged.connect(self._side_changed)
        self.anchor.chosen.connect(self._anchor_chosen)
        self.button.clicked.connect(self._extend)
        self.model.chosen.connect(self._model_chosen)
        self.refresh_models()
        session.refreshed.connect(self.refresh)
        session.changed.connect(self.refresh_models)

    @guarded
    def refresh_models(self) -> None:
        """Offer the models that the engine has now; where there is none there is nothing to choose."""
        self.model.offer(self.session.extend_settings.model)
        self._fields.show_row(self.model, bool(self.model.fitting))

    @guarded
    def refresh(self) -> None:
        """Show the settings as they are for the active document."""
        self._is_showing = True
        settings, size = self.session.extend_settings, self._document_size()
        self.ratio.setCurrentText(settings.ratio)
        self.unit.setCurrentText(settings.shown_unit.value)
        self.unit.setEnabled(settings.ratio == "Free")
        self.anchor.setEnabled(settings.ratio != "Free")
        self.anchor.choose(settings.anchor_x, settings.anchor_y)
        self._show_sides(settings, size)
        self.outcome.say(told_size(settings, size))
        self._is_showing = False

    def _show_sides(self, settings: ExtendSettings, size: tuple[int, int] | None) -> None:
        shown = Sides(settings.left, settings.top, settings.right, settings.bottom)
        if settings.ratio != "Free" and size:
            shown = settings.sides(*size)
        for side, box in self.boxes.items():
            if settings.shown_unit is Unit.PERCENT:
                box.setMaximum(100)
            else:
                box.setMaximum(size[0] if side in ("left", "right") else size[1]) if size else box.setMaximum(
                    MAX_SIDE_PX
                )
            box.setSuffix(f" {settings.shown_unit.value}")
            if not box.hasFocus() or box.value() != getattr(shown, side):
                box.setValue(getattr(shown, side))

    def _document_size(self) -> tuple[int, int] | None:
        info = self.session.active_info()
        return (info.width, info.height) if info else None

    @guarded
    def _ratio_chosen(self, ratio: str) -> None:
        if self._is_showing:
            return
        self._change(ratio=ratio, unit=Unit.PIXELS, **dataclasses.asdict(self._sides_px()))

    @guarded
    def _unit_chosen(self, text: str) -> None:
        if self._is_showing:
            return
        sides, size = self._sides_px(), self._document_size()
        if Unit(text) is Unit.PERCENT:
            width, height = size or (100, 100)
            sides = Sides(
                round(100 * sides.left / width),
                round(100 * sides.top / height),
                round(100 * sides.right / width),
                round(100 * sides.bottom / height),
            )
        self._change(unit=Unit(text), ratio="Free", **dataclasses.asdict(sides))

    @guarded
    def _side_changed(self) -> None:
        if not self._is_showing:
            self._change(ratio="Free", **{side: box.value() for side, box in self.boxes.items()})

    @guarded
    def _anchor_chosen(self, x: int, y: int) -> None:
        if not self._is_showing:
            self._change(anchor_x=x, anchor_y=y)

    @guarded
    def _model_chosen(self, model: str) -> None:
        self._change(model=model)

    @guarded
    def _extend(self) -> None:
        self.session.extend()

    def _sides_px(self) -> Sides:
        """The sides as they stand, in pixels."""
        settings, size = self.session.extend_settings, self._document_size()
        if size is None:
            return Sides(settings.left, settings.top, settings.right, settings.bottom)
        return settings.sides(*size)

    def _change(self, **changes: object) -> None:
        self.session.extend_settings = dataclasses.replace(self.session.extend_settings, **changes)  # type: ignore[arg-type]
        self.session.refresh()

    def _lay_out(self) -> None:
        section = Section("Extend")
        first = QtWidgets.QHBoxLayout()
        first.setSpacing(6)
        label = QtWidgets.QLabel("Ratio")
        label.setBuddy(self.ratio)
        label.setMinimumWidth(label_width_px())
        first.addWidget(label)
        first.addWidget(self.ratio, 1)
        first.addWidget(self.unit)
        cross = QtWidgets.QGridLayout()
        cross.setSpacing(4)
        for side, (row, column) in PLACES.items():
            box = self.boxes[side]
            box.setButtonSymbols(QtWidgets.QAbstractSpinBox.ButtonSymbols.NoButtons)
            box.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
            cross.addWidget(box, row, column)
        cross.addWidget(self.anchor, 1, 1, QtCore.Qt.AlignmentFlag.AlignCenter)
        for column in range(3):
            cross.setColumnStretch(column, 1)
        section.body.addLayout(first)
        section.body.addLayout(cross)
        self._fields.add("Model", self.model)
        section.body.addWidget(self.outcome)
        section.body.addLayout(self._fields)
        section.body.addWidget(self.button)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)


def told_size(settings: ExtendSettings, size: tuple[int, int] | None) -> str:
    """The sentence under the sides."""
    if size is None:
        return ""
    sides = settings.sides(*size)
    if sides.is_nothing:
        return f"Size stays {size_text(*size)}"
    grown = f"New size {size_text(*sides.size(*size))}"
    return grown if settings.reaches_ratio(*size) else f"{grown}. +100 % a side is the most: extend twice."
