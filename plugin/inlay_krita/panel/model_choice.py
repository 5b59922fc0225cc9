"""Which model does an edit, and how it works."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..guard import guarded
from ..qt import QtCore, QtWidgets, Signal
from ..sentences import edits_text
from ..session import Session
from ..translation import tr
from ..wire import InstalledModel, Use
from .numbers import Choice

AUTOMATIC = tr("Automatic")
BUILTIN = (tr("Built-in fill"), "builtin")
GRABCUT = (tr("GrabCut (no model)"), "grabcut")
MODEL_TIP = tr("Who does it. Automatic takes the best that is installed and fits this machine.")
HOW_TIP = tr("How: the way in which the model works, where it knows several.")


class Offering(Choice):
    """A choice among what there is now: (words, name) each, Automatic (an empty name) first."""

    chosen = Signal(str)  # the name

    def __init__(self, session: Session, name: str, title: str, tip: str) -> None:
        super().__init__()
        self.session = session
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setToolTip(tip)
        self.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.currentIndexChanged.connect(self._tell)

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)

    def fill(self, offered: Iterable[tuple[str, str]], wanted: str) -> None:
        """List this, and choose `wanted`; says so if that is gone."""
        lines = [(AUTOMATIC, ""), *offered]
        self.blockSignals(True)
        if lines != [(self.itemText(row), self.itemData(row)) for row in range(self.count())]:
            self.clear()
            for row, (title, name) in enumerate(lines):
                self.addItem(title, name)
                self.setItemData(row, title, QtCore.Qt.ItemDataRole.ToolTipRole)
        self.setCurrentIndex(max(0, self.findData(wanted)))
        self.blockSignals(False)
        if self.currentData() != wanted:
            self._tell()

    @guarded
    def _tell(self) -> None:
        self.chosen.emit(self.currentData() or "")


class ModelChoice(Offering):
    """The plan's choice, what does it without a model, and every installed model that does one of these edits."""

    def __init__(
        self, session: Session, name: str, kinds: Collection[str], without: Iterable[tuple[str, str]] = ()
    ) -> None:
        """without: (words, name) of each way that needs no model."""
        super().__init__(session, name, tr("Model"), MODEL_TIP)
        self._kinds = frozenset(kinds)
        self._first = list(without)

    @property
    def fitting(self) -> list[InstalledModel]:
        """The installed models that do one of these edits."""
        return [model for model in self.session.engine.models or [] if self._kinds & set(model.edits)]

    def offer(self, wanted: str) -> None:
        """List what there is now, and choose `wanted`; says so if that is gone."""
        offered = [*self._first, *((model.title, model.id) for model in self.fitting)]
        if self.session.engine.models is None and wanted and wanted not in [name for _, name in offered]:
            offered.append((wanted, wanted))  # nobody was asked yet whether it is still there
        self.fill(offered, wanted)


class HowChoice(Offering):
    """The families as which the chosen model works; of all models, where the plan chooses."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name, tr("How"), HOW_TIP)

    def offer(self, models: Iterable[InstalledModel], wanted: str) -> None:
        """List the ways of these models, and choose `wanted`; says so if that is gone."""
        uses = list(dict.fromkeys(use for model in models for use in model.uses if use.edits and not use.controls))
        self.fill([(_words(use), use.family) for use in uses], wanted)


def _words(use: Use) -> str:
    return f"{use.title} ({edits_text(use.edits)})"
