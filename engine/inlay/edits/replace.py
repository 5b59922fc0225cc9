"""Replace: something else stands where the selection is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from inlay.edits.asking import words
from inlay.edits.selection_edit import SelectionEdit
from inlay.pipelines.card import Card, Infill


@dataclass(frozen=True)
class ReplaceEdit(SelectionEdit):
    """Paint what the prompt says into the selection."""

    kind: ClassVar[str] = "replace"
    infill: ClassVar[Infill] = Infill.BLUR
    what: ClassVar[str] = "replace"

    control: str = words("Keep the pose or the depth of what is there: pose, depth, or empty", 20)

    @property
    def keeps(self) -> str:
        """See `Asked.keeps`."""
        return self.control

    def recipe(self, card: Card, share: float) -> dict[str, Any]:
        """See `SelectionEdit.recipe`."""
        return {"control": self.control} if self.control else {}
