"""Extend: four sides around the place of the picture, a ratio, or a frame that is pulled; and the size of it all."""

from __future__ import annotations

import dataclasses

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets, is_button_down
from ..session import Session
from ..settings import ExtendSettings, Sides, Unit, sides_to
from ..shapes import FREE, GROUPS
from ..state import size_text
from ..translation import tr
from .anchor import Anchor
from .frame import Frame
from .glancing import GlancingPart
from .model_choice import BUILTIN, ModelChoice
from .numbers import Choice, NumberBox
from .part import Fields, Fold, PushButton, Section, Words, label_width_px, show_if

SIDES = {
    "left": tr("New canvas at the left."),
    "top": tr("New canvas at the top."),
    "right": tr("New canvas at the right."),
    "bottom": tr("New canvas at the bottom."),
}
PLACES = {"top": (0, 1), "left": (1, 0), "right": (1, 2), "bottom": (2, 1)}  # row, column around the anchor
MAX_SIDE_PX = 32768
SCROLL_BAR_PX = 20
TWICE = tr("+100 % a side is the most: extend twice.")
REACH_TIP = tr("Set the sides so that all that is selected lies in the new canvas.")


class ExtendSection(GlancingPart):
    """Writes `session.extend_settings`, and asks for the edit."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._is_showing = False
        self.ratio = Choice()
        self.ratio.setObjectName("inlay_ratio")
        self.ratio.setToolTip(tr("The shape that the canvas is to have."))
        self.ratio.setAccessibleName(tr("Ratio"))
        fill_with_ratios(self.ratio)
        self.unit = Choice()
        self.unit.setObjectName("inlay_unit")
        self.unit.setToolTip(tr("What the sides are told in: pixels, or per cent of the picture."))
        self.unit.setAccessibleName(tr("Unit"))
        self.unit.addItems([unit.value for unit in Unit])
        self.boxes = {side: NumberBox(f"inlay_{side}", "", 100, tip) for side, tip in SIDES.items()}
        self.anchor = Anchor()
        self.fold = Fold(tr("Drag the border"), "inlay_extend_fold")
        self.frame = Frame(session)
        self.reach = Words(tr("The selection reaches past the border."), is_small=True)
        self.to_reach = QtWidgets.QPushButton(tr("Extend to the selection"))
        self.to_reach.setObjectName("inlay_extend_to_selection_button")
        self.to_reach.setToolTip(REACH_TIP)
        self.outcome = Words()
        self.outcome.setObjectName("inlay_new_size")
        self.button = PushButton(
            tr("Extend canvas"), "extend", tr("Make the canvas larger and go on with the picture.")
        )
        self.button.setObjectName("inlay_extend_button")
        self.model = ModelChoice(session, "inlay_extend_model", ["extend"], without=[BUILTIN])
        self._fields = Fields()
        self._lay_out()
        self._connect()
        self.refresh()
        self.refresh_models()

    def _connect(self) -> None:
        session = self.session
        self.ratio.currentIndexChanged.connect(self._ratio_chosen)
        self.unit.currentTextChanged.connect(self._unit_chosen)
        for box in self.boxes.values():
            box.valueChanged.connect(self._side_changed)
        self.anchor.chosen.connect(self._anchor_chosen)
        self.button.clicked.connect(self._extend)
        self.model.chosen.connect(self._model_chosen)
        self.fold.toggled.connect(self._unfold)
        self.frame.reshaped.connect(self._reshaped)
        self.frame.released.connect(session.refresh)
        self.to_reach.clicked.connect(self._extend_to_reach)
        session.picturing.changed.connect(self._show_picture)
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
        self.ratio.setCurrentIndex(self.ratio.findData(settings.ratio))
        self.unit.setCurrentText(settings.shown_unit.value)
        self.unit.setEnabled(settings.ratio == FREE)
        self.anchor.setEnabled(settings.ratio != FREE)
        self.anchor.choose(settings.anchor_x, settings.anchor_y)
        self._show_sides(settings, size)
        self._show_picture()
        self._show_reach()
        self.outcome.say(told_size(settings, size))
        self._is_showing = False

    @guarded
    def _show_picture(self) -> None:
        """The frame is drawn for the active document; the picture in it may come later."""
        settings, info, picturing = self.session.extend_settings, self.session.active_info(), self.session.picturing
        self.frame.show_canvas(picturing.picture if picturing.canvas == info else None, info)
        self.frame.show_frame(settings.sides(info.width, info.height) if info else Sides(), settings.ratio)

    def _show_reach(self) -> None:
        """Offer what a selection past the border asks for, unless it is set already."""
        wanted = self._reached()
        is_news = not wanted.is_nothing and wanted != self._sides_px()
        show_if(self.reach, is_news)
        show_if(self.to_reach, is_news)

    def _reached(self) -> Sides:
        """The sides that would hold all that is selected."""
        document, size = self.session.canvas.document(), self._document_size()
        reach = self.session.canvas.selection_reach(document) if size else None
        return sides_to(reach, *size) if reach and size else Sides()

    def _show_sides(self, settings: ExtendSettings, size: tuple[int, int] | None) -> None:
        shown = Sides(settings.left, settings.top, settings.right, settings.bottom)
        if settings.ratio != FREE and size:
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
    def _ratio_chosen(self) -> None:
        if self._is_showing:
            return
        self._change(ratio=self.ratio.currentData(), unit=Unit.PIXELS, **dataclasses.asdict(self._sides_px()))

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
        self._change(unit=Unit(text), ratio=FREE, **dataclasses.asdict(sides))

    @guarded
    def _side_changed(self) -> None:
        if self._is_showing:
            return
        sides, size = Sides(**{side: box.value() for side, box in self.boxes.items()}), self._document_size()
        if size and self.session.extend_settings.shown_unit is Unit.PIXELS:
            self._frame_it(sides, size)
        else:
            self._change(ratio=FREE, **dataclasses.asdict(sides))

    @guarded
    def _anchor_chosen(self, x: int, y: int) -> None:
        if not self._is_showing:
            sides = self._sides_px().placed(x, y)
            self._change(anchor_x=x, anchor_y=y, unit=Unit.PIXELS, **dataclasses.asdict(sides))

    @guarded
    def _reshaped(self, sides: Sides) -> None:
        """The frame is being pulled: this section follows at once, the others when it is let go."""
        size = self._document_size()
        if size:
            self.session.extend_settings = self.session.extend_settings.framed(sides, *size)
            self.refresh()

    @guarded
    def _extend_to_reach(self) -> None:
        size = self._document_size()
        if size:
            self._frame_it(self._reached(), size)

    @guarded
    def _unfold(self, is_open: bool) -> None:
        show_if(self.frame, is_open)
        self.glance()

    @guarded
    def glance(self) -> None:
        """See whether the picture or what is selected has changed; not in the middle of a stroke."""
        if is_button_down():
            return
        if self.frame.isVisible():
            self.session.picturing.glance()
        self._show_reach()

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

    def _frame_it(self, sides: Sides, size: tuple[int, int]) -> None:
        self.session.extend_settings = self.session.extend_settings.framed(sides, *size)
        self.session.refresh()

    def _change(self, **changes: object) -> None:
        self.session.extend_settings = dataclasses.replace(self.session.extend_settings, **changes)  # type: ignore[arg-type]
        self.session.refresh()

    def _lay_out(self) -> None:
        section = Section(tr("Extend"))
        first = QtWidgets.QHBoxLayout()
        first.setSpacing(6)
        label = QtWidgets.QLabel(tr("Ratio"))
        label.setBuddy(self.ratio)
        label.setMinimumWidth(label_width_px())
        first.addWidget(label)
        first.addWidget(self.ratio, 1)
        first.addWidget(self.unit)
        sides = QtWidgets.QWidget()
        sides.setLayoutDirection(QtCore.Qt.LayoutDirection.LeftToRight)  # left is left in every language
        cross = QtWidgets.QGridLayout(sides)
        cross.setContentsMargins(0, 0, 0, 0)
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
        section.body.addWidget(sides)
        section.body.addWidget(self.fold)
        section.body.addWidget(self.frame)
        section.body.addWidget(self.reach)
        section.body.addWidget(self.to_reach)
        show_if(self.frame, False)
        self._fields.add(tr("Model"), self.model)
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
        return tr("Size stays {size}").format(size=size_text(*size))
    grown = tr("New size {size}").format(size=size_text(*sides.size(*size)))
    return grown if settings.reaches_ratio(*size) else f"{grown}. {TWICE}"


def fill_with_ratios(choice: QtWidgets.QComboBox) -> None:
    """All ratios, under headings that cannot be chosen."""
    rows = QtGui.QStandardItemModel(choice)
    rows.appendRow(_row(FREE))
    for heading, ratios in GROUPS.items():
        head = QtGui.QStandardItem(tr(heading))
        head.setFlags(QtCore.Qt.ItemFlag.NoItemFlags)
        rows.appendRow(head)
        for name in ratios:
            rows.appendRow(_row(name))
    choice.setModel(rows)
    choice.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    list_of_all = choice.view()  # as wide as its longest row, however narrow the docker
    list_of_all.setMinimumWidth(list_of_all.sizeHintForColumn(0) + 2 * list_of_all.frameWidth() + SCROLL_BAR_PX)


def _row(ratio: str) -> QtGui.QStandardItem:
    row = QtGui.QStandardItem(tr(ratio))
    row.setData(ratio, QtCore.Qt.ItemDataRole.UserRole)
    return row
