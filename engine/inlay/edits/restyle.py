"""Restyle: what is selected stays what it is, and looks different."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from inlay.edits.asking import words
from inlay.edits.selection_edit import SelectionEdit
from inlay.pipelines.card import Card, Infill

STRENGTH = 0.5  # SDEdit's own middle (Meng et al. 2022, section 4: 0.3 to 0.6 keeps and changes enough)


@dataclass(frozen=True)
class RestyleEdit(SelectionEdit):
    """Noise what is selected up to t/T = strength, and denoise it with the prompt (SDEdit, Meng et al. 2022)."""

    kind: ClassVar[str] = "restyle"
    infill: ClassVar[Infill] = Infill.KEEP
    what: ClassVar[str] = "restyle"

    source_prompt: str = words("What the picture shows now, for families that change words")

    def recipe(self, card: Card, share: float) -> dict[str, Any]:
        """See `SelectionEdit.recipe`."""
        chosen = {} if self.strength is not None else {"strength": min(STRENGTH, card.strength.default)}
        return chosen | {"source_prompt": self.source_prompt}
