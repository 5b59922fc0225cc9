"""Several holes far apart are worked on one by one, each in its own context: the canvas between them costs nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.edits.plan import Plan, context_window
from inlay.pipelines.family import Family, Task, Watch
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import islands

MANY_ISLANDS = 64  # more specks than this are dust: one window is cheaper than so many small ones


def repaint_in_windows(task: Task, plan: Plan, family: Family, watch: Watch) -> Pixels:
    """The window repainted by `family`, hole by hole: (H, W, C), valid where `task.hole` is True."""
    windows = _windows(task, plan, family)
    if len(windows) == 1:
        return family.repaint(task, watch)
    repainted = task.pixels.copy()
    areas = np.cumsum([0, *(window.area for window in windows)])
    for index, window in enumerate(windows):
        share = _Share(watch, float(areas[index] / areas[-1]), float(windows[index].area / areas[-1]))
        part = Task(task.pixels[window.slices], task.hole[window.slices], task.model, task.is_linear, task.seed)
        repainted[window.slices] = np.where(part.hole[..., None], family.repaint(part, share), part.pixels)
    return repainted


def _windows(task: Task, plan: Plan, family: Family) -> list[Box]:
    """Context windows in crop space, each with whole holes only; the crop itself where parting gains nothing."""
    crop_box = Box(0, 0, plan.crop_box.width, plan.crop_box.height)
    hole_boxes = islands(task.hole)
    if not 1 < len(hole_boxes) <= MANY_ISLANDS:
        return [crop_box]
    windows = _merged(hole_boxes, plan, family)
    return windows if sum(window.area for window in windows) < crop_box.area else [crop_box]


def _merged(hole_boxes: list[Box], plan: Plan, family: Family) -> list[Box]:
    """A window per hole; holes whose windows touch share one, so that no window shows another's hole as known."""
    canvas_box = plan.canvas_box.relative_to(plan.crop_box)
    crop_box = Box(0, 0, plan.crop_box.width, plan.crop_box.height)
    groups = list(hole_boxes)
    merged: list[Box] = []
    while groups:
        group = groups.pop()
        window = context_window(group, canvas_box, family).intersected(crop_box)
        touched = [other for other in (*groups, *merged) if not window.intersected(other).is_empty]
        if not touched:
            merged.append(group)
            continue
        groups = [other for other in groups if other not in touched]
        merged = [other for other in merged if other not in touched]
        for other in touched:
            group = group.united(other)
        groups.append(group)
    windows = [context_window(group, canvas_box, family).intersected(crop_box) for group in merged]
    return sorted(windows, key=lambda window: (window.y, window.x))


@dataclass(frozen=True)
class _Share:
    """A watch for one window's share of the whole. Its previews would hide the other windows, so none are shown."""

    whole: Watch
    start: float
    length: float

    def progress(self, fraction: float, message: str) -> None:
        self.whole.progress(self.start + self.length * fraction, message)

    def preview(self, rgb: NDArray[np.uint8]) -> None:
        pass

    def is_cancelled(self) -> bool:
        return self.whole.is_cancelled()
