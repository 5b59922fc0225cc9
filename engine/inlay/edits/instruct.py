"""Instruct: say what shall change, in the selection or in the whole picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from inlay.edits.asking import number, within_card, words
from inlay.edits.edit import Need, Scope
from inlay.edits.plan import Plan
from inlay.edits.selection_edit import SelectionEdit
from inlay.pipelines.card import Card, Infill
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask


@dataclass(frozen=True)
class InstructEdit(SelectionEdit):
    """Change the picture as told: "make it sunset"."""

    kind: ClassVar[str] = "instruct"
    selection: ClassVar[Need] = Need.MAY
    infill: ClassVar[Infill] = Infill.KEEP
    what: ClassVar[str] = "change"

    source_prompt: str = words("What the picture shows now, for families that change words")
    image_guidance_scale: float | None = number(0.0, 100.0, "How closely the picture is kept")

    def recipe(self, card: Card, share: float) -> dict[str, Any]:
        """See `SelectionEdit.recipe`."""
        recipe: dict[str, Any] = {"source_prompt": self.source_prompt}
        if card.image_guidance_scale:
            scale = within_card("image_guidance_scale", self.image_guidance_scale, card.image_guidance_scale)
            recipe["image_guidance_scale"] = scale
        return recipe

    def _paste_box(self, scope: Scope) -> Box:
        return scope.canvas.box if scope.selection_box is None else super()._paste_box(scope)

    def _paste_mask(self, plan: Plan, selection: Mask | None) -> Mask:
        if selection is None:
            return np.full((plan.read_box.height, plan.read_box.width), 255, np.uint8)
        return super()._paste_mask(plan, selection)
