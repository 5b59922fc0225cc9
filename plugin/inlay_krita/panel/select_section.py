"""Select: the rough selection made tight, or a thing that is pointed at in the panel's picture."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from ..contract import Mode
from ..guard import guarded
from ..qt import QtCore, QtWidgets
from ..session import Session
from ..settings import MAX_WIDTH_PX
from ..translation import tr
from .glancing import GlancingPart
from .model_choice import GRABCUT, ModelChoice
from .numbers import NumberBox
from .part import Fields, Fold, IconButton, MutedLabel, MutedWords, Part, PushButton, Section, Words, show_if
from .picture import Picture

OBJECT_TIP = tr("Make a rough selection tight. Without a selection: click the thing in the picture below.")
CANVAS_TIP = tr("Click the thing on the canvas itself, or drag a box around it, until Enter or Escape.")
SELECT_TIP = tr("Make what is marked the selection. Shift adds, Alt takes away, both keep what both have.")
WORDS_TIP = tr("What to find, in English; Enter looks for it. Needs a model that understands words.")
GROW_TIP = tr("Grow: select this many pixels more all around the thing.")
FEATHER_TIP = tr("Feather: let the selection's edge fade inwards over this many pixels.")
BETTER = tr("This goes by colours. A model that knows things selects better.")
MODES = (
    (Mode.NEW, tr("New: in place of the selection that is there")),
    (Mode.ADD, tr("Add to the selection (Shift)")),
    (Mode.SUBTRACT, tr("Subtract from the selection (Alt)")),
    (Mode.INTERSECT, tr("Intersect: only what both have (Shift and Alt)")),
)


class SelectSection(Part):
    """Writes `session.select_settings`, and shows `session.selecting`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_select")
        self.button = PushButton(tr("Select object"), "select", OBJECT_TIP)
        self.button.setObjectName("inlay_select_object_button")
        self.on_canvas = PushButton(tr("Click on the canvas"), "select_on_canvas", CANVAS_TIP)
        self.on_canvas.setObjectName("inlay_select_on_canvas_button")
        self.fold = Fold(tr("Click in the picture"), "inlay_select_fold")
        self.pointing = Pointing(session)
        section = Section(tr("Select"))
        for widget in (self.button, self.on_canvas, self.fold, self.pointing):
            section.body.addWidget(widget)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)
        for widget in (self.on_canvas, self.pointing):
            show_if(widget, False)
        self.button.clicked.connect(self._select)
        self.fold.toggled.connect(self._unfold)

    def offer_canvas(self, begin: Callable[[], None]) -> None:
        """There is a canvas that takes clicks, too."""
        show_if(self.on_canvas, True)
        self.on_canvas.clicked.connect(begin)

    def unfold(self) -> None:
        """Show the picture, ready for keys."""
        self.fold.setChecked(True)
        self.pointing.picture.setFocus()

    @guarded
    def _select(self) -> None:
        self.session.select()

    @guarded
    def _unfold(self, is_open: bool) -> None:
        show_if(self.pointing, is_open)


class Pointing(GlancingPart):
    """The picture, what goes with it, and the button that takes what is marked."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._selecting = session.selecting
        self._words_shown = ""
        self.picture = Picture(session)
        self.stage = MutedWords()
        self.problem = Words(is_small=True)
        self.problem.setObjectName("inlay_select_problem")
        self.help = _button("inlay_select_help_button", tr("Show models"), tr("Do something about it."))
        self.back = _icon("undo", tr("Take the last click back (Backspace)"), "inlay_select_undo_button")
        self.clear = _icon("dismiss", tr("Point at nothing (Escape)"), "inlay_select_clear_button")
        self.previous = _icon("previous", tr("The thing before"), "inlay_select_previous_button")
        self.next = _icon("next", tr("Another thing that could be meant"), "inlay_select_next_button")
        self.count = MutedLabel()
        self._stepper: tuple[QtWidgets.QWidget, ...] = (self.previous, self.count, self.next)
        self.words = QtWidgets.QLineEdit()
        self.words.setObjectName("inlay_select_words")
        self.words.setPlaceholderText(tr("Or say it: the car"))
        self.words.setAccessibleName(tr("What to find"))
        self.words.setToolTip(WORDS_TIP)
        self.words.setMinimumWidth(20)
        self.modes = ModeButtons()
        self.grow = NumberBox("inlay_select_grow", " px", MAX_WIDTH_PX, GROW_TIP)
        self.feather = NumberBox("inlay_select_feather", " px", MAX_WIDTH_PX, FEATHER_TIP)
        self.model = ModelChoice(session, "inlay_select_model", ["select"], without=[GRABCUT])
        self.apply = PushButton(tr("Select this"), "select", SELECT_TIP)
        self.apply.setObjectName("inlay_select_button")
        self.better = MutedWords(BETTER)
        self.show_models = _button("inlay_select_models_button", tr("Show models"), tr("What can be installed for it."))
        self._fields = Fields()
        self._lay_out()
        self.grow.setValue(session.select_settings.grow_px)
        self.feather.setValue(session.select_settings.feather_px)
        self._connect()
        self.refresh()
        self.refresh_models()

    def _lay_out(self) -> None:
        marks = QtWidgets.QHBoxLayout()
        marks.setSpacing(2)
        marks.addWidget(self.back)
        marks.addWidget(self.clear)
        marks.addStretch(1)
        for widget in self._stepper:
            marks.addWidget(widget)
        for name, field in ((tr("Grow"), self.grow), (tr("Feather"), self.feather), (tr("Model"), self.model)):
            self._fields.add(name, field)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        above: tuple[QtWidgets.QWidget, ...] = (self.stage, self.problem, self.help, self.words)
        below: tuple[QtWidgets.QWidget, ...] = (self.modes, self.apply, self.better, self.show_models)
        layout.addWidget(self.picture)
        layout.addLayout(marks)
        for row in above:
            layout.addWidget(row)
        layout.addLayout(self._fields)
        for row in below:
            layout.addWidget(row)

    def _connect(self) -> None:
        session, selecting, picture = self.session, self._selecting, self.picture
        picture.pointed.connect(self._point)
        picture.framed.connect(self._frame)
        for signal in (picture.undone, self.back.clicked):
            signal.connect(self._undo)
        for signal in (picture.cleared, self.clear.clicked):
            signal.connect(self._clear)
        for signal in (picture.accepted, self.apply.clicked):
            signal.connect(self._apply)
        self.previous.clicked.connect(self._go_back)
        self.next.clicked.connect(self._go_on)
        self.words.returnPressed.connect(self._name)
        self.help.clicked.connect(self._help)
        self.show_models.clicked.connect(self._show_models)
        self.grow.valueChanged.connect(self._settle)
        self.feather.valueChanged.connect(self._settle)
        self.model.chosen.connect(self._choose)
        selecting.changed.connect(self.refresh)
        session.picturing.changed.connect(self.refresh)
        session.refreshed.connect(self.glance)
        session.changed.connect(self.refresh_models)

    @guarded
    def refresh(self) -> None:
        """Show the picture and its marks as they are now."""
        selecting = self._selecting
        self.picture.show_canvas(self.session.picturing.picture, self.session.picturing.canvas)
        self.picture.show_marks(selecting.hints, selecting.candidate)
        self.stage.say(selecting.stage)
        self._show_problem()
        candidates = selecting.sighting.candidates if selecting.sighting else ()
        self.count.setText(f"{selecting.chosen + 1} of {len(candidates)}")
        for widget in self._stepper:
            show_if(widget, len(candidates) > 1)
        self.back.setEnabled(selecting.can_undo)
        self.clear.setEnabled(selecting.candidate is not None or selecting.can_undo)
        self.apply.setEnabled(selecting.candidate is not None)
        if self._words_shown != selecting.hints.words and not selecting.problem:  # what was refused can be mended
            self._words_shown = selecting.hints.words
            self.words.setText(self._words_shown)

    def _show_problem(self) -> None:
        problem = self._selecting.problem
        self.problem.say(f"{problem.message} {problem.remedy}".strip() if problem else "")
        if problem:
            self.help.setText(problem.action)
        show_if(self.help, bool(problem and problem.act))

    @guarded
    def refresh_models(self) -> None:
        """Offer the models that the engine has now."""
        self.model.offer(self.session.select_settings.model)
        self._fields.show_row(self.model, bool(self.model.fitting))
        is_alone = self.session.engine.models is not None and not self.model.fitting
        show_if(self.better, is_alone)
        show_if(self.show_models, is_alone)

    @guarded
    def glance(self) -> None:
        if self.isVisible():
            self.session.picturing.glance()
            self._selecting.glance()

    @guarded
    def _point(self, x: int, y: int, is_on: bool) -> None:
        self._selecting.point(x, y, is_on)

    @guarded
    def _frame(self, box: object) -> None:
        self._selecting.frame(box)  # type: ignore[arg-type]

    @guarded
    def _name(self) -> None:
        self._words_shown = " ".join(self.words.text().split())
        self._selecting.name(self._words_shown)

    @guarded
    def _undo(self) -> None:
        self._selecting.undo()

    @guarded
    def _clear(self) -> None:
        self._selecting.clear()

    @guarded
    def _go_back(self) -> None:
        self._selecting.step(-1)

    @guarded
    def _go_on(self) -> None:
        self._selecting.step(1)

    @guarded
    def _apply(self) -> None:
        self._selecting.apply(self.modes.mode_with(QtWidgets.QApplication.keyboardModifiers()))

    @guarded
    def _help(self) -> None:
        problem = self._selecting.problem
        if problem and problem.act:
            problem.act()

    @guarded
    def _show_models(self) -> None:
        self.session.models_wanted.emit()

    @guarded
    def _choose(self, model: str) -> None:
        self._change(model=model)

    @guarded
    def _settle(self) -> None:
        self._change(grow_px=self.grow.value(), feather_px=self.feather.value())

    def _change(self, **changes: object) -> None:
        before = self.session.select_settings
        self.session.select_settings = dataclasses.replace(before, **changes)  # type: ignore[arg-type]
        if self.session.select_settings != before:
            self._selecting.ask_again()


class ModeButtons(QtWidgets.QWidget):
    """New, Add, Subtract, Intersect: one is down."""

    def __init__(self) -> None:
        super().__init__()
        self._group = QtWidgets.QButtonGroup(self)
        self.buttons: dict[Mode, IconButton] = {}
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        for mode, tip in MODES:
            name = mode.value.lower()
            button = self.buttons[mode] = _icon(f"mode_{name}", tip, f"inlay_select_{name}_button")
            button.setCheckable(True)
            self._group.addButton(button)
            layout.addWidget(button)
        layout.addStretch(1)
        self.buttons[Mode.NEW].setChecked(True)

    def mode_with(self, keys: QtCore.Qt.KeyboardModifier) -> Mode:
        """The mode that is down, or what these keys mean in Krita's selection tools."""
        modifiers = QtCore.Qt.KeyboardModifier
        is_shift, is_alt = bool(keys & modifiers.ShiftModifier), bool(keys & modifiers.AltModifier)
        if is_shift or is_alt:
            return Mode.INTERSECT if is_shift and is_alt else Mode.ADD if is_shift else Mode.SUBTRACT
        return next(mode for mode, button in self.buttons.items() if button.isChecked())


def _icon(icon_name: str, tip: str, name: str) -> IconButton:
    button = IconButton(icon_name, tip)
    button.setObjectName(name)
    return button


def _button(name: str, text: str, tip: str) -> QtWidgets.QPushButton:
    button = QtWidgets.QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    return button
