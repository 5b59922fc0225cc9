"""Remove: what is selected goes, and what surrounds it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inlay.edits import checks
from inlay.edits.edit import Edit, EditError, EditResult, Scope, Source, bounded, seed_field
from inlay.edits.plan import Plan, context_window
from inlay.edits.windows import repaint_in_windows
from inlay.pipelines.family import Family, Task, Watch
from inlay.pixels.composite import composited
from inlay.pixels.masks import Mask, feathered, grown, support_box


@dataclass(frozen=True)
class RemoveEdit(Edit):
    """Take the selected thing out."""

    kind: ClassVar[str] = "remove"
    needs_selection: ClassVar[bool] = True

    seed: int = seed_field()
    grow_px: int = bounded(0, 0, 256, "The selection is widened by this first")
    feather_px: int = bounded(0, 0, 256, "The edge is softened inwards by this")

    def plan(self, scope: Scope) -> Plan:
        """See `Edit.plan`."""
        checks.check_canvas(scope.canvas, scope.limits)
        selected_box = checks.selection_on_canvas(scope)
        canvas_box = scope.canvas.box
        paste_box = selected_box.grown(self.grow_px).intersected(canvas_box)
        crop_box = context_window(paste_box, canvas_box, scope.family)
        checks.check_window(crop_box, scope.canvas, scope.limits, "selection", "Select less at a time.")
        width, height = scope.family.working_size(crop_box)
        return Plan(
            edit=self.kind,
            model=scope.family.name,
            canvas_box=canvas_box,
            crop_box=crop_box,
            read_box=crop_box,
            paste_box=paste_box,
            working_width=width,
            working_height=height,
            grow_px=self.grow_px,
            feather_px=self.feather_px,
            denoise_grow_px=scope.family.denoise_grow_px,
            steps=scope.family.steps(crop_box),
            why=f"The selection and what surrounds it, {crop_box.width} x {crop_box.height} px, at full resolution.",
        )

    def perform(self, plan: Plan, source: Source, family: Family, watch: Watch) -> EditResult:
        """See `Edit.perform`. What is pasted is the grown, feathered selection; outside it every bit stays."""
        checks.check_source(plan, source)
        paste_mask = self._paste_mask(plan, source.mask)
        support = paste_mask > 0
        hole = grown(support.view(np.uint8), plan.denoise_grow_px).view(np.bool_)
        checks.check_known(source.pixels, ~hole)
        task = Task(source.pixels, hole, source.canvas.format.model, source.canvas.is_linear, self.seed)
        repainted = repaint_in_windows(task, plan, family, watch)
        result_box = support_box(support)
        return EditResult(
            composited(source.pixels[result_box.slices], repainted[result_box.slices], support[result_box.slices]),
            paste_mask[result_box.slices],
            result_box.moved(plan.read_box.x, plan.read_box.y),
        )

    def _paste_mask(self, plan: Plan, selection: Mask | None) -> Mask:
        """The selection, grown and feathered, in crop space."""
        if selection is None or not selection.any():
            raise EditError(
                "mask_empty",
                "Nothing is selected: the mask is 0 everywhere.",
                field="mask",
                remedy="Select what to remove first.",
            )
        mask = grown(selection, self.grow_px)
        if not plan.paste_box.relative_to(plan.read_box).contains(support_box(mask)):
            raise EditError(
                "mask_bounds",
                "The mask selects pixels outside the bounds that were sent as `selection`.",
                field="mask",
                remedy="Send the bounds of all pixels whose mask is above 0.",
            )
        mask = feathered(mask, self.feather_px)
        if not mask.any():
            raise EditError(
                "mask_faint",
                f"The selection is so faint that a feather of {self.feather_px} px leaves nothing of it.",
                field="edit.feather_px",
                remedy="Use a smaller feather.",
            )
        return mask
