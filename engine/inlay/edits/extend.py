"""Extend: the canvas grows, and the picture goes on into the new area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inlay.edits import checks
from inlay.edits.asking import Asked, settled
from inlay.edits.checking import checked, checklist
from inlay.edits.choosing import chosen
from inlay.edits.edit import Canvas, EditError, EditResult, Need, Scope, Source, bounded, seed_field
from inlay.edits.plan import LEAST_WINDOW_PX, Plan, context_px
from inlay.edits.strips import repaint_in_strips
from inlay.pipelines.card import Infill
from inlay.pipelines.family import Family, Task, Watch
from inlay.pixels.composite import composited
from inlay.pixels.coverage import opaque
from inlay.pixels.geometry import Box

LARGEST_SIDE_PX = 32_768  # the edge refuses numbers beyond any canvas; the plan refuses more than +100 %


@dataclass(frozen=True)
class ExtendEdit(Asked):
    """Make the canvas larger and go on with the picture. Old pixels never change."""

    kind: ClassVar[str] = "extend"
    selection: ClassVar[Need] = Need.NEVER

    seed: int = seed_field()
    left_px: int = bounded(0, 0, LARGEST_SIDE_PX, "New pixels at the left")
    top_px: int = bounded(0, 0, LARGEST_SIDE_PX, "New pixels at the top")
    right_px: int = bounded(0, 0, LARGEST_SIDE_PX, "New pixels at the right")
    bottom_px: int = bounded(0, 0, LARGEST_SIDE_PX, "New pixels at the bottom")

    def plan(self, scope: Scope) -> Plan:
        """See `Edit.plan`. One side reads a strip of the old canvas; several sides read all of it."""
        self._check(scope)
        canvas_box = scope.canvas.box.grown(self.left_px, self.top_px, self.right_px, self.bottom_px)
        checks.check_canvas(Canvas(canvas_box.width, canvas_box.height, scope.canvas.format), scope.limits)
        family = chosen(self, scope.roster)
        crop_box = self._crop_box(scope, canvas_box, family)
        checks.check_window(crop_box, scope.canvas, scope.limits, "edit", "Extend by less, or side by side.")
        width, height = family.working_size(crop_box)
        share = 1 - crop_box.intersected(scope.canvas.box).area / crop_box.area
        settings = settled(self, family, scope.roster, Infill.EDGE, share)
        return Plan(
            edit=self.kind,
            model=family.name,
            family=family.card.family,
            canvas_box=canvas_box,
            crop_box=crop_box,
            read_box=crop_box.intersected(scope.canvas.box),
            paste_box=self._paste_box(canvas_box),
            working_width=width,
            working_height=height,
            grow_px=0,
            feather_px=0,
            denoise_grow_px=family.card.denoise_grow_px,
            steps=family.steps(crop_box, settings),
            why=f"New: {self._spelled()}, continued from the picture beside it; no old pixel changes.",
            settings=settings,
            checklist=checklist(self, family, settings),
        )

    def perform(self, plan: Plan, source: Source, family: Family, watch: Watch) -> EditResult:
        """See `Edit.perform`. The paste mask is the new area exactly."""
        checks.check_source(plan, source)
        shape = (plan.crop_box.height, plan.crop_box.width)
        known_box = plan.read_box.relative_to(plan.crop_box)
        pixels = np.zeros((*shape, source.pixels.shape[2]), source.pixels.dtype)
        pixels[known_box.slices] = opaque(source.pixels) if self.reads == "layer" else source.pixels
        hole = np.ones(shape, np.bool_)
        hole[known_box.slices] = False
        checks.check_known(pixels, ~hole)
        canvas = source.canvas
        task = Task(
            pixels,
            hole,
            canvas.format.model,
            canvas.is_linear,
            self.seed,
            profile=canvas.profile,
            settings=plan.settings,
        )
        repainted = repaint_in_strips(task, known_box, family, watch)
        box = plan.paste_box.relative_to(plan.crop_box)
        new = hole[box.slices]
        pasted = composited(pixels[box.slices], repainted[box.slices], new)
        measured = checked(task, pasted, box) if plan.settings else {}
        return EditResult(pasted, new * np.uint8(255), plan.paste_box, measured)

    def _added_px(self) -> dict[str, int]:
        """What is added, by side; sides that stay are left out."""
        sides = {"left": self.left_px, "top": self.top_px, "right": self.right_px, "bottom": self.bottom_px}
        return {side: px for side, px in sides.items() if px}

    def _spelled(self) -> str:
        return ", ".join(f"{px} px {side}" for side, px in self._added_px().items())

    def _check(self, scope: Scope) -> None:
        """Refuse an unfit canvas, a selection, no side at all, and sides of more than +100 %."""
        checks.check_canvas(scope.canvas, scope.limits)
        checks.refuse_selection(scope, self.kind)
        if not self._added_px():
            raise EditError(
                "no_sides",
                "The canvas would stay as it is: all four sides are 0.",
                field="edit",
                remedy="Give at least one of `left_px`, `top_px`, `right_px` and `bottom_px`.",
            )
        for side, px in self._added_px().items():
            longest_px = scope.canvas.width if side in ("left", "right") else scope.canvas.height
            if px > longest_px:
                raise EditError(
                    "side_too_large",
                    f"{px} px were asked for at the {side}, and {longest_px} px (+100 %) is the most at once.",
                    field=f"edit.{side}_px",
                    remedy="Extend by less, then extend the result again.",
                )

    def _crop_box(self, scope: Scope, canvas_box: Box, family: Family) -> Box:
        """The new area with the context that it is continued from."""
        added_px = self._added_px()
        if len(added_px) > 1:
            return canvas_box
        ((side, px),) = added_px.items()
        # How deep the strip is decides how far to look; how long it is does not.
        context = max(context_px(Box(0, 0, px, px), scope.canvas.box, family), px, LEAST_WINDOW_PX)
        return _at_side(canvas_box, side, px + context)

    def _paste_box(self, canvas_box: Box) -> Box:
        """The frame of the new area: the strip for one side, the whole new canvas for several."""
        added_px = self._added_px()
        if len(added_px) > 1:
            return canvas_box
        ((side, px),) = added_px.items()
        return _at_side(canvas_box, side, px)


def _at_side(box: Box, side: str, depth_px: int) -> Box:
    """The part of a box that lies within `depth_px` of one side."""
    if side in ("left", "right"):
        depth_px = min(depth_px, box.width)
        return Box(box.x if side == "left" else box.right - depth_px, box.y, depth_px, box.height)
    depth_px = min(depth_px, box.height)
    return Box(box.x, box.y if side == "top" else box.bottom - depth_px, box.width, depth_px)
