"""What edits of a selection share: where they look, what they paste, and what they refuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from inlay.edits import checks
from inlay.edits.asking import Asked, settled
from inlay.edits.checking import checked, checklist
from inlay.edits.choosing import chosen
from inlay.edits.edit import EditError, EditResult, Need, Scope, Source, bounded, seed_field
from inlay.edits.plan import Plan, context_window
from inlay.edits.windows import repaint_in_windows
from inlay.pipelines.card import Card, Infill
from inlay.pipelines.family import Family, Task, Watch
from inlay.pixels import coverage
from inlay.pixels.composite import composited
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, Support, feathered, grown, support_box


@dataclass(frozen=True)
class SelectionEdit(Asked):
    """Repaint what is selected. A kind of edit says what lies under the mask first, and its recipe."""

    selection: ClassVar[Need] = Need.MUST
    infill: ClassVar[Infill]
    what: ClassVar[str]  # "remove": ends the sentence "Select what to ..."

    seed: int = seed_field()
    grow_px: int = bounded(0, 0, 256, "The selection is widened by this first")
    feather_px: int = bounded(0, 0, 256, "The edge is softened inwards by this")

    def recipe(self, card: Card, share: float) -> dict[str, Any]:
        """The fields of `Settings` that this kind decides, where they differ from the family's defaults."""
        return {}

    def plan(self, scope: Scope) -> Plan:
        """See `Edit.plan`."""
        checks.check_canvas(scope.canvas, scope.limits)
        family = chosen(self, scope.roster)
        canvas_box = scope.canvas.box
        paste_box = self._paste_box(scope)
        crop_box = context_window(paste_box, canvas_box, family)
        checks.check_window(crop_box, scope.canvas, scope.limits, "selection", "Select less at a time.")
        share = paste_box.area / crop_box.area
        settings = settled(self, family, scope.roster, self.infill, share, **self.recipe(family.card, share))
        width, height = family.working_size(crop_box)
        return Plan(
            edit=self.kind,
            model=family.name,
            family=family.card.family,
            canvas_box=canvas_box,
            crop_box=crop_box,
            read_box=crop_box,
            paste_box=paste_box,
            working_width=width,
            working_height=height,
            grow_px=self.grow_px,
            feather_px=self.feather_px,
            denoise_grow_px=family.card.denoise_grow_px,
            steps=family.steps(crop_box, settings),
            why=self._why(family, crop_box, width, height),
            settings=settings,
            checklist=checklist(self, family, settings),
        )

    def perform(self, plan: Plan, source: Source, family: Family, watch: Watch) -> EditResult:
        """See `Edit.perform`. What is pasted is the grown, feathered selection; outside it every bit stays.

        A layer alone is worked on as if it were opaque, and what comes of it is as transparent as the layer is.
        """
        checks.check_source(plan, source)
        if source.control is not None:
            checks.check_control(source.control)
        paste_mask = self._paste_mask(plan, source.mask)
        shown, bare = source.pixels, None
        if self.reads == "layer":
            checks.check_layer(source.pixels, paste_mask)
            paste_mask = coverage.clipped(paste_mask, source.pixels)
            shown, bare = coverage.opaque(source.pixels), ~coverage.covered(source.pixels)
        support = paste_mask > 0
        hole = _hole(support, plan.denoise_grow_px)
        if self.infill is not Infill.KEEP:
            checks.check_known(shown, ~hole if bare is None else ~(hole | bare))
        canvas = source.canvas
        task = Task(
            shown,
            hole,
            canvas.format.model,
            canvas.is_linear,
            self.seed,
            profile=canvas.profile,
            paste=paste_mask,
            settings=plan.settings,
            control=source.control,
            references=source.shown_references,
            bare=bare,
        )
        repainted = repaint_in_windows(task, plan, family, watch)
        result_box = support_box(support)
        pasted = composited(shown[result_box.slices], repainted[result_box.slices], support[result_box.slices])
        return EditResult(
            pasted,
            paste_mask[result_box.slices],
            result_box.moved(plan.read_box.x, plan.read_box.y),
            checked(task, pasted, result_box) if plan.settings else {},
        )

    def shown_for_control(self, plan: Plan, source: Source) -> Task:
        """What a control would be read off: the window, and what is selected in it. Raises EditError."""
        checks.check_source(plan, source)
        canvas = source.canvas
        paste_mask = self._paste_mask(plan, source.mask)
        pixels = coverage.opaque(source.pixels) if self.reads == "layer" else source.pixels
        return Task(
            pixels, paste_mask > 0, canvas.format.model, canvas.is_linear, 0, profile=canvas.profile, paste=paste_mask
        )

    def _why(self, family: Family, crop_box: Box, width: int, height: int) -> str:
        """One sentence: where it looks, who does it, at which size."""
        where = f"The selection and what surrounds it, {crop_box.width} x {crop_box.height} px"
        if family.card.family == "builtin":
            return f"{where}, at full resolution."
        sent = " These pixels leave this machine." if family.card.leaves_machine else ""
        return f"{where}, by {family.name} ({family.card.title}) at {width} x {height}.{sent}"

    def _paste_box(self, scope: Scope) -> Box:
        """Bounds of what may be pasted, on the canvas."""
        return checks.selection_on_canvas(scope).grown(self.grow_px).intersected(scope.canvas.box)

    def _paste_mask(self, plan: Plan, selection: Mask | None) -> Mask:
        """The selection, grown and feathered, in crop space."""
        if selection is None or not selection.any():
            raise EditError(
                "mask_empty",
                "Nothing is selected: the mask is 0 everywhere.",
                field="mask",
                remedy=f"Select what to {self.what} first.",
            )
        mask = grown(selection, self.grow_px)
        if not plan.paste_box.relative_to(plan.read_box).contains(support_box(mask)):
            raise EditError(
                "mask_bounds",
                "The mask selects pixels outside the bounds that were sent as `selection`.",
                field="mask",
                remedy="Send the bounds of all pixels whose mask is above 0.",
            )
        return self._softened(mask)

    def _softened(self, mask: Mask) -> Mask:
        mask = feathered(mask, self.feather_px)
        if not mask.any():
            raise EditError(
                "mask_faint",
                f"The selection is so faint that a feather of {self.feather_px} px leaves nothing of it.",
                field="edit.feather_px",
                remedy="Use a smaller feather.",
            )
        return mask


def _hole(support: Support, grow_px: int) -> Support:
    """What may be repainted: the paste mask's support, widened where something known is left to work from then."""
    hole = grown(support.view(np.uint8), grow_px).view(np.bool_)
    return support if hole.all() else hole
