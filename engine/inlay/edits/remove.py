"""Remove: what is selected goes, and what surrounds it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from inlay.edits.edit import bounded
from inlay.edits.selection_edit import SelectionEdit
from inlay.pipelines.card import Card, Infill


@dataclass(frozen=True)
class RemoveEdit(SelectionEdit):
    """Take the selected thing out."""

    kind: ClassVar[str] = "remove"
    infill: ClassVar[Infill] = Infill.FILL
    what: ClassVar[str] = "remove"

    tries: int = bounded(0, 0, 8, "A model tries so often, and the best is kept; 0 lets the plan choose")

    def recipe(self, card: Card, share: float) -> dict[str, Any]:
        """No word of the removed thing: the family's own words for nothing, and a few tries, for models invent."""
        return {"prompt": self.prompt or card.removal_prompt, "tries": self.tries or card.removal_tries}
