"""Restyle: what is selected stays what it is, and looks different."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from inlay.edits.asking import words
from inlay.edits.selection_edit import SelectionEdit
from inlay.pipelines.card import Card, Infill


@dataclass(frozen=True)
class RestyleEdit(SelectionEdit):
    """Give what is selected another look: as far as strength says, in the prompt's words."""

    kind: ClassVar[str] = "restyle"
    infill: ClassVar[Infill] = Infill.KEEP
    what: ClassVar[str] = "restyle"

    source_prompt: str = words("What the picture shows now, for families that change words")

    def recipe(self, card: Card, share: float) -> dict[str, Any]:
        """See `SelectionEdit.recipe`."""
        return {"source_prompt": self.source_prompt}
