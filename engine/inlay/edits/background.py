"""Background: the selected subject stays, and what is around it becomes something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inlay.edits import checks
from inlay.edits.edit import EditError, Scope
from inlay.edits.plan import Plan
from inlay.edits.selection_edit import SelectionEdit
from inlay.pipelines.card import Infill
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, grown


@dataclass(frozen=True)
class BackgroundEdit(SelectionEdit):
    """Replace everything but the selection. `grow_px` widens the subject that is kept."""

    kind: ClassVar[str] = "background"
    done_by: ClassVar[str] = "replace"
    infill: ClassVar[Infill] = Infill.BLUR
    what: ClassVar[str] = "keep"

    def _paste_box(self, scope: Scope) -> Box:
        checks.selection_on_canvas(scope)
        return scope.canvas.box

    def _paste_mask(self, plan: Plan, selection: Mask | None) -> Mask:
        """The inverse of the selection, in crop space: soft where the selection is."""
        if selection is None or not selection.any():
            raise EditError(
                "mask_empty",
                "No subject is selected: the mask is 0 everywhere.",
                field="mask",
                remedy="Select what shall stay first.",
            )
        mask = np.uint8(255) - grown(selection, self.grow_px)
        if not mask.any():
            raise EditError(
                "mask_full",
                "Everything is selected, and no background is left to replace.",
                field="mask",
                remedy="Select the subject alone.",
            )
        if mask.all():
            raise EditError(
                "mask_soft",
                "The subject is selected too softly: no pixel is selected wholly, so none would stay as it is.",
                field="mask",
                remedy="Select it with a smaller feather, so that its middle is selected wholly.",
            )
        return self._softened(mask)
