"""Replace: something else stands where the selection is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from inlay.edits.asking import number, words
from inlay.edits.edit import EditError
from inlay.edits.selection_edit import SelectionEdit
from inlay.pipelines.card import Card, Infill


@dataclass(frozen=True)
class ReplaceEdit(SelectionEdit):
    """Paint what the prompt says into the selection."""

    kind: ClassVar[str] = "replace"
    infill: ClassVar[Infill] = Infill.BLUR
    what: ClassVar[str] = "replace"

    control: str = words("Keep what is there of this: pose, depth, lines, or empty", 20)
    control_scale: float | None = number(0.0, 2.0, "How strongly it is kept; null is as the net was made for")
    control_from: float | None = number(0.0, 1.0, "The share of the steps after which it begins; null is 0")
    control_until: float | None = number(0.0, 1.0, "The share of the steps after which it ends; null is 1")

    @property
    def keeps(self) -> str:
        """See `Asked.keeps`."""
        return self.control

    def recipe(self, card: Card, share: float) -> dict[str, Any]:
        """See `SelectionEdit.recipe`."""
        begin, end = self.control_from or 0.0, 1.0 if self.control_until is None else self.control_until
        if begin >= end:
            raise EditError(
                "control_span",
                f"The {self.control or 'control'} would be kept from {begin:.0%} of the steps until {end:.0%}: never.",
                field="edit.control_until",
                remedy="Let it end later than it begins.",
            )
        if not self.control:
            return {}
        told = {"control": self.control, "control_from": begin, "control_until": end}
        return told if self.control_scale is None else {**told, "control_scale": self.control_scale}
