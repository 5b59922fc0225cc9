"""Which model does an edit."""

from __future__ import annotations

from collections.abc import Collection

from ..guard import guarded
from ..qt import QtCore, QtWidgets, Signal
from ..session import Session
from ..wire import InstalledModel
from .numbers import Choice

AUTOMATIC = "Automatic"
BUILTIN = ("Built-in fill", "builtin")
TIP = "Who does it. Automatic takes the best that is installed and fits this machine."


class ModelChoice(Choice):
    """The plan's choice, the built-in fill where it can, and every installed model that does one of these edits."""

    chosen = Signal(str)  # the model's id; empty for the plan's choice

    def __init__(self, session: Session, name: str, kinds: Collection[str], has_builtin: bool = False) -> None:
        super().__init__()
        self.session = session
        self._kinds = frozenset(kinds)
        self._first = [(AUTOMATIC, ""), *([BUILTIN] if has_builtin else [])]
        self.setObjectName(name)
        self.setAccessibleName("Model")
        self.setToolTip(TIP)
        self.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.currentIndexChanged.connect(self._tell)

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)

    @property
    def fitting(self) -> list[InstalledModel]:
        """The installed models that do one of these edits."""
        return [model for model in self.session.engine.models or [] if self._kinds & set(model.edits)]

    def offer(self, wanted: str) -> None:
        """List what there is now, and choose `wanted`; says so if that is gone."""
        offered = [*self._first, *((model.title, model.id) for model in self.fitting)]
        if self.session.engine.models is None and wanted and wanted not in [name for _, name in offered]:
            offered.append((wanted, wanted))  # nobody was asked yet whether it is still there
        if offered != [(self.itemText(row), self.itemData(row)) for row in range(self.count())]:
            self.blockSignals(True)
            self.clear()
            for row, (title, name) in enumerate(offered):
                self.addItem(title, name)
                self.setItemData(row, title, QtCore.Qt.ItemDataRole.ToolTipRole)
            self.blockSignals(False)
        row = max(0, self.findData(wanted))
        self.blockSignals(True)
        self.setCurrentIndex(row)
        self.blockSignals(False)
        if self.currentData() != wanted:
            self._tell()

    @guarded
    def _tell(self) -> None:
        self.chosen.emit(self.currentData() or "")
