"""Prompt: what to paint, with which model, and the four edits that words ask for."""

from __future__ import annotations

from functools import partial

from ..guard import guarded
from ..qt import QtCore, QtGui, QtWidgets
from ..session import Session
from ..settings import MAX_GUIDANCE, MAX_STEPS, PromptSettings
from .model_choice import AUTOMATIC, HowChoice, ModelChoice
from .numbers import Choice, DecimalBox, NumberBox
from .part import Fields, Fold, MutedWords, Part, PushButton, Section, show_if

GAP_PX = 4  # between buttons
LINES = 3  # of the prompt that are seen at once
BUTTONS = (
    ("replace", "Replace", "Paint what the prompt says where the selection is."),
    ("restyle", "Restyle", "Keep what is selected, and let it look as the prompt says."),
    ("instruct", "Instruct", "Change the selection, or the whole picture, as the prompt tells: make it sunset."),
)
STRENGTH_TIP = "Strength: how much may change. 30 % keeps shapes, 70 % keeps little."
DESCRIBE_TIP = "Add what surrounds the selection to the prompt, in words that a captioner finds and you can change."
STEPS_TIP = "Steps: more take longer, and are not always better."
GUIDANCE_TIP = "Guidance: how closely the prompt is followed. Too much burns colours out."
KEEP_TIP = "Keep: a replacement that keeps a pose or the depth of what is there now. Needs a ControlNet."
CONTROLS = (("Nothing", ""), ("Pose", "pose"), ("Depth", "depth"))
NO_MODEL = "These need a model."


class PromptSection(Part):
    """Writes `session.prompt_settings`, and asks for the edits."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.prompt = PromptEdit("What shall be there? Describe the whole picture.", "inlay_prompt")
        self.negative = PromptEdit("What to keep away", "inlay_negative_prompt", lines=1)
        self.source = PromptEdit("What is there now", "inlay_source_prompt", lines=1)
        self.model = ModelChoice(session, "inlay_model", ["replace", "restyle", "instruct"])
        self.strength = NumberBox("inlay_strength", " %", 100, STRENGTH_TIP)
        self.strength.setSpecialValueText(AUTOMATIC)
        self.how = HowChoice(session, "inlay_family")
        self.steps = NumberBox("inlay_steps", "", MAX_STEPS, STEPS_TIP)
        self.guidance = DecimalBox("inlay_guidance", MAX_GUIDANCE, GUIDANCE_TIP)
        for box in (self.steps, self.guidance):
            box.setSpecialValueText(AUTOMATIC)
        self.control = Choice()
        self.control.setObjectName("inlay_control")
        self.control.setAccessibleName("Keep")
        self.control.setToolTip(KEEP_TIP)
        for title, name in CONTROLS:
            self.control.addItem(title, name)
        self.no_model = NoModel(session)
        self.describe = QtWidgets.QPushButton("Describe surroundings")
        self.describe.setObjectName("inlay_describe_button")
        self.describe.setToolTip(DESCRIBE_TIP)
        self.describe.clicked.connect(self._describe)
        self.buttons = {kind: self._button(kind, text, tip) for kind, text, tip in BUTTONS}
        self.fold = Fold("More", "inlay_prompt_more")
        self._more = self._more_fields()
        self._lay_out()
        self._show_settings(session.prompt_settings)
        for edit in (self.prompt, self.negative, self.source):
            edit.textChanged.connect(self._settle)
        for number in (self.strength, self.steps, self.guidance):
            number.valueChanged.connect(self._settle)
        self.control.currentIndexChanged.connect(self._settle)
        self.how.chosen.connect(self._settle)
        self.model.chosen.connect(self._choose)
        self.fold.toggled.connect(self._unfold)
        self.refresh()
        session.changed.connect(self.refresh)

    def _button(self, kind: str, text: str, tip: str) -> PushButton:
        button = PushButton(text, kind, tip)
        button.setObjectName(f"inlay_{kind}_button")
        button.clicked.connect(partial(self._ask, kind))
        return button

    def _lay_out(self) -> None:
        section = Section("Prompt")
        section.body.addWidget(self.prompt)
        fields = Fields()
        fields.add("Model", self.model)
        fields.add("Strength", self.strength)
        section.body.addLayout(fields)
        section.body.addWidget(self.fold)
        section.body.addWidget(self._more)
        section.body.addWidget(ButtonGrid(list(self.buttons.values())))
        section.body.addWidget(self.no_model)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)

    def _more_fields(self) -> QtWidgets.QWidget:
        """What is seldom needed."""
        more = QtWidgets.QWidget()
        layout = QtWidgets.QVBoxLayout(more)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.negative)
        layout.addWidget(self.source)
        layout.addWidget(self.describe)
        self._fields = Fields()
        self._fields.add("How", self.how)
        self._fields.add("Keep", self.control)
        self._fields.add("Steps", self.steps)
        self._fields.add("Guidance", self.guidance)
        layout.addLayout(self._fields)
        return more

    @guarded
    def refresh(self) -> None:
        """Offer the models that the engine has now."""
        self.model.offer(self.session.prompt_settings.model)
        self._offer_ways()
        show_if(self.no_model, self.session.engine.models is not None and not self.model.fitting)

    def _offer_ways(self) -> None:
        """Those of the chosen model; asking for one is of use where there are two."""
        settings, models = self.session.prompt_settings, self.session.engine.models
        if models is None:
            return  # nobody was asked yet: what was chosen before may well be there
        self.how.offer([model for model in models if settings.model in ("", model.id)], settings.family)

    def _show_settings(self, settings: PromptSettings) -> None:
        self.prompt.setPlainText(settings.prompt)
        self.negative.setPlainText(settings.negative_prompt)
        self.source.setPlainText(settings.source_prompt)
        self.strength.setValue(settings.strength_percent)
        self.steps.setValue(settings.steps)
        self.guidance.setValue(settings.guidance)
        self.control.setCurrentIndex(max(0, self.control.findData(settings.control)))
        if settings.family:
            self.how.fill([(settings.family, settings.family)], settings.family)
        self.fold.setChecked(settings.is_more_shown)
        show_if(self._more, settings.is_more_shown)

    @guarded
    def _unfold(self, is_open: bool) -> None:
        show_if(self._more, is_open)
        self._settle()

    @guarded
    def _choose(self) -> None:
        """Another model works in other ways."""
        self._settle()
        self._offer_ways()

    @guarded
    def _ask(self, kind: str, _is_checked: bool = False) -> None:
        self.session.ask(kind)

    @guarded
    def _describe(self) -> None:
        self.session.describe(self._add_words)

    @guarded
    def _add_words(self, words: str) -> None:
        """Behind the prompt; typing goes on, and undo takes them away."""
        cursor = QtGui.QTextCursor(self.prompt.document())
        cursor.movePosition(QtGui.QTextCursor.MoveOperation.End)
        cursor.insertText(f", {words}" if self.prompt.toPlainText().strip() else words)

    @guarded
    def _settle(self) -> None:
        self.session.prompt_settings = PromptSettings(
            self.prompt.toPlainText(),
            self.negative.toPlainText(),
            self.source.toPlainText(),
            self.model.currentData() or "",
            self.strength.value(),
            self.fold.isChecked(),
            self.how.currentData() or "",
            self.steps.value(),
            self.guidance.value(),
            self.control.currentData(),
        )


class NoModel(Part):
    """Says that there is none, and shows those that can be installed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("inlay_no_model")
        show = QtWidgets.QPushButton("Show models")
        show.setObjectName("inlay_show_models_button")
        show.setToolTip("What can be installed, what it does, and how large it is.")
        show.clicked.connect(self._show)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        words = MutedWords(NO_MODEL)
        words.setAlignment(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(words, 1)
        layout.addWidget(show)

    @guarded
    def _show(self) -> None:
        self.session.models_wanted.emit()


class ButtonGrid(QtWidgets.QWidget):
    """Buttons in two columns, or in one where the docker is too narrow for two."""

    def __init__(self, buttons: list[PushButton]) -> None:
        super().__init__()
        self._buttons = buttons
        for button in buttons:
            button.setParent(self)
        policy = QtWidgets.QSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        columns, _, height = self._grid(width)
        rows = -(-len(self._buttons) // columns)
        return rows * (height + GAP_PX) - GAP_PX

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(self._widest(), self.heightForWidth(max(self.width(), self._widest())))

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        width = 2 * self._widest() + GAP_PX
        return QtCore.QSize(width, self.heightForWidth(width))

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        columns, width, height = self._grid(self.width())
        for place, button in enumerate(self._buttons):
            row, column = divmod(place, columns)
            button.setGeometry(column * (width + GAP_PX), row * (height + GAP_PX), width, height)
        self.updateGeometry()

    def _grid(self, width: int) -> tuple[int, int, int]:
        """(columns, width and height of a button)."""
        columns = 2 if width >= 2 * self._widest() + GAP_PX else 1
        height = max(button.sizeHint().height() for button in self._buttons)
        return columns, (width - (columns - 1) * GAP_PX) // columns, height

    def _widest(self) -> int:
        return max(button.minimumSizeHint().width() for button in self._buttons)


class PromptEdit(QtWidgets.QPlainTextEdit):
    """A few lines of plain words; Tab leaves it."""

    def __init__(self, placeholder: str, name: str, lines: int = LINES) -> None:
        super().__init__()
        self._lines = lines
        self.setObjectName(name)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self._fit()

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QtCore.QEvent.Type.FontChange:
            self._fit()

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(60, self.minimumHeight())

    def _fit(self) -> None:
        margins = 2 * round(self.document().documentMargin()) + 2 * self.frameWidth()
        self.setFixedHeight(self._lines * QtGui.QFontMetrics(self.font()).lineSpacing() + margins + 2)
