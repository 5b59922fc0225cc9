"""Why an edit is done as it is: folded away until it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from ..guard import guarded
from ..qt import QtWidgets
from ..session import Session
from ..translation import tr
from .part import Fold, MutedWords, Part, show_if


class Why(Part):
    """ "Why?", and below it the plan's sentence, what was decided, and what was measured."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.fold = Fold(tr("Why?"), "inlay_why")
        self.lines = MutedWords()
        self.lines.setObjectName("inlay_why_lines")
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.fold)
        layout.addWidget(self.lines)
        self._text = ""
        self.fold.toggled.connect(self._show)
        self.say(())

    def say(self, lines: Sequence[str]) -> None:
        """Other reasons; none hide the question, too."""
        self._text = "\n\N{BULLET} ".join(lines)  # the sentence, then a list
        show_if(self, bool(lines))
        self._show()

    @guarded
    def _show(self) -> None:
        self.lines.say(self._text if self.fold.isChecked() else "")
