"""Prompt: what is to be, by which model, and the one button."""

from __future__ import annotations

import dataclasses

from ..choosing import Way
from ..guard import guarded
from ..qt import QtGui, QtWidgets
from ..session import Session
from ..settings import MAX_GUIDANCE, MAX_STEPS, PromptSettings
from ..translation import tr
from .model_choice import AUTOMATIC, BUILTIN, HowChoice, ModelChoice
from .numbers import DecimalBox, NumberBox
from .part import Fields, Fold, Part, Section, show_if
from .prompt_edit import PromptEdit, WordsEdit
from .run_bar import RunBar
from .style_row import StyleRow

SELECTED_HINT = tr("What should be there? Nothing: it is removed.")
WHOLE_HINT = tr("What should change? Make it sunset.")
STRENGTH_TIP = tr("Strength: how much may change. 30 % keeps shapes, 70 % keeps little.")
DESCRIBE_TIP = tr("Add what surrounds the selection to the prompt, in words that a model finds and you can change.")
STEPS_TIP = tr("Steps: more take longer, and are not always better.")
GUIDANCE_TIP = tr("Guidance: how closely the prompt is followed. Too much burns colours out.")
TEMPLATE_TIP = tr("A style's words around yours, which go where {prompt} stands; before them, where it does not.")
KINDS = ("replace", "restyle", "instruct", "background")  # that go by words


class PromptSection(Part):
    """Writes `session.prompt_settings`, and the model in `session.remove_settings`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.styles = StyleRow(session)
        self.prompt = PromptEdit(session, "inlay_prompt")
        self.run = RunBar(session)
        self.negative = WordsEdit(tr("What to keep away"), tr("What to keep away"), "inlay_negative_prompt")
        self.source = WordsEdit(tr("What is there now"), tr("What is there now"), "inlay_source_prompt")
        self.template = WordsEdit(tr("A style's words"), tr("Around the prompt: {prompt}, in oil"), "inlay_template", 2)
        self.template.setToolTip(TEMPLATE_TIP)
        self.model = ModelChoice(session, "inlay_model", KINDS)
        self.remove_model = ModelChoice(session, "inlay_remove_model", ["remove"], without=[BUILTIN])
        self.strength = NumberBox("inlay_strength", " %", 100, STRENGTH_TIP)
        self.strength.setSpecialValueText(AUTOMATIC)
        self.how = HowChoice(session, "inlay_family")
        self.steps = NumberBox("inlay_steps", "", MAX_STEPS, STEPS_TIP)
        self.guidance = DecimalBox("inlay_guidance", MAX_GUIDANCE, GUIDANCE_TIP)
        for box in (self.steps, self.guidance):
            box.setSpecialValueText(AUTOMATIC)
        self.describe = QtWidgets.QPushButton(tr("Describe surroundings"))
        self.describe.setObjectName("inlay_describe_button")
        self.describe.setToolTip(DESCRIBE_TIP)
        self.describe.clicked.connect(self._describe)
        self.fold = Fold(tr("More"), "inlay_prompt_more")
        self._more = self._more_fields()
        self._lay_out()
        self._is_showing = False
        self._show_settings(session.prompt_settings)
        for edit in (self.prompt, self.negative, self.source, self.template):
            edit.textChanged.connect(self._settle)
        for number in (self.strength, self.steps, self.guidance):
            number.valueChanged.connect(self._settle)
        self.how.chosen.connect(self._settle)
        self.model.chosen.connect(self._choose)
        self.remove_model.chosen.connect(self._choose_remove)
        self.fold.toggled.connect(self._unfold)
        self.refresh()
        session.changed.connect(self.refresh)
        session.choosing.changed.connect(self.refresh)
        session.styles.applied.connect(self._fill)
        session.history.filled.connect(self._fill)

    def _lay_out(self) -> None:
        section = Section(tr("Prompt"))
        section.body.addWidget(self.styles)
        section.body.addWidget(self.prompt)
        section.body.addWidget(self.run)
        self._fields = Fields()
        self._fields.add(tr("Model"), self.model)
        self._fields.add(tr("Model"), self.remove_model)
        self._fields.add(tr("Strength"), self.strength)
        section.body.addLayout(self._fields)
        section.body.addWidget(self.fold)
        section.body.addWidget(self._more)
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
        layout.addWidget(self.template)
        layout.addWidget(self.describe)
        fields = Fields()
        fields.add(tr("How"), self.how)
        fields.add(tr("Steps"), self.steps)
        fields.add(tr("Guidance"), self.guidance)
        layout.addLayout(fields)
        return more

    @guarded
    def refresh(self) -> None:
        """Offer the models that the engine has now, for what the button does now."""
        facts, way = self.session.choosing.facts, self.session.choosing.way
        is_removing = way is Way.REMOVE and facts.has_selection
        self.model.offer(self.session.prompt_settings.model)
        self.remove_model.offer(self.session.remove_settings.model)
        self._offer_ways()
        self._fields.show_row(self.model, not is_removing)
        self._fields.show_row(self.remove_model, is_removing)
        self.model.setEnabled(way is not Way.EXTEND)
        self.strength.setEnabled(not is_removing and way is not Way.EXTEND)
        self.prompt.setPlaceholderText(SELECTED_HINT if facts.has_selection else WHOLE_HINT)

    def _offer_ways(self) -> None:
        """Those of the chosen model; asking for one is of use where there are two."""
        settings, models = self.session.prompt_settings, self.session.engine.models
        if models is None:
            return  # nobody was asked yet: what was chosen before may well be there
        self.how.offer([model for model in models if settings.model in ("", model.id)], settings.family)

    def _show_settings(self, settings: PromptSettings) -> None:
        self.prompt.put(settings.prompt)
        self.negative.put(settings.negative_prompt)
        self.source.put(settings.source_prompt)
        self.template.put(settings.template)
        self.strength.setValue(settings.strength_percent)
        self.steps.setValue(settings.steps)
        self.guidance.setValue(settings.guidance)
        if settings.family:
            self.how.fill([(settings.family, settings.family)], settings.family)
        self.fold.setChecked(settings.is_more_shown)
        show_if(self._more, settings.is_more_shown)

    @guarded
    def _fill(self) -> None:
        """Show settings that were put back, or that a style brought."""
        settings = self.session.prompt_settings
        self._is_showing = True
        self._show_settings(settings)
        self.model.offer(settings.model)
        self._offer_ways()
        self._is_showing = False
        self._settle()  # what is not there to be chosen is Automatic now
        self.refresh()

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
    def _choose_remove(self, model: str) -> None:
        self.session.remove_settings = dataclasses.replace(self.session.remove_settings, model=model)

    @guarded
    def _describe(self) -> None:
        self.session.describing.describe(self._add_words)

    @guarded
    def _add_words(self, words: str) -> None:
        """Behind the prompt; typing goes on, and undo takes them away."""
        cursor = QtGui.QTextCursor(self.prompt.document())
        cursor.movePosition(QtGui.QTextCursor.MoveOperation.End)
        cursor.insertText(f", {words}" if self.prompt.toPlainText().strip() else words)

    @guarded
    def _settle(self) -> None:
        if self._is_showing:
            return
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
            self.session.prompt_settings.control,
            self.template.toPlainText(),
            self.session.prompt_settings.style,
        )
        self.session.choosing.heed()
        self.styles.refresh()
