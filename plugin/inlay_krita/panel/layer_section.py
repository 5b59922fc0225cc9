"""The active layer, where Inlay made it: what did, once more, or otherwise."""

from __future__ import annotations

from ..contract import CanvasError
from ..guard import guarded
from ..qt import QtWidgets
from ..sentences import translated
from ..session import Session
from ..state import PastResult
from ..translation import tr
from .button_grid import ButtonGrid
from .part import Card, Part, PushButton, Words, show_if

AGAIN_TIP = tr("Run it again, for another result")
CHANGE_TIP = tr("Edit and run: put its prompt and settings back into the panel, to be changed")


class LayerSection(Part):
    """What `session.history` knows of the active layer, and what came of the last thing that was asked of it.

    Takes no room where there is neither.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.card = LayerCard(session)
        self.said = Words(is_small=True)
        self.said.setObjectName("inlay_layer_said")
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(self.card)
        layout.addWidget(self.said)
        self.refresh()
        session.refreshed.connect(self.refresh)
        session.history.changed.connect(self.refresh)

    @guarded
    def refresh(self) -> None:
        """Show the run of the layer that is active now."""
        history = self.session.history
        try:
            past = history.of_layer()
        except CanvasError:  # it is being closed
            past = None
        self.card.say(past)
        self.said.say(history.said)
        show_if(self, bool(past or history.said))


class LayerCard(Card):
    """What made the active layer, where Inlay did: once more, or otherwise."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setObjectName("inlay_layer_card")
        self._past: PastResult | None = None
        self._words = Words()
        self.again = PushButton(tr("Again"), "again", AGAIN_TIP)
        self.change = PushButton(tr("Change"), "instruct", CHANGE_TIP)
        self.again.setObjectName("inlay_layer_again_button")
        self.change.setObjectName("inlay_layer_change_button")
        self.again.clicked.connect(self._again)
        self.change.clicked.connect(self._change)
        self.box.addWidget(self._words)
        self.box.addWidget(ButtonGrid([self.again, self.change]))

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)

    def say(self, past: PastResult | None) -> None:
        """Another run; none hides the card."""
        self._past = past
        self._words.say(tr("This layer: {title}").format(title=translated(past.title)) if past else "")
        show_if(self, past is not None)

    @guarded
    def _again(self) -> None:
        if self._past:
            self.session.history.again(self._past)

    @guarded
    def _change(self) -> None:
        if self._past:
            self.session.history.change(self._past)
