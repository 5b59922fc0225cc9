"""Several holes far apart are worked on one by one, each in its own context: the canvas between them costs nothing."""

from __future__ import annotations

from itertools import combinations

from inlay.edits.plan import Plan, context_window
from inlay.pipelines.family import Family, Task, Watch
from inlay.pipelines.shares import shares
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import islands

GRID = 6  # dust is gathered in a grid of 6 x 6 cells first: comparing hundreds of specks in pairs would take seconds


def repaint_in_windows(task: Task, plan: Plan, family: Family, watch: Watch) -> Pixels:
    """The crop repainted by `family`, hole by hole: (H, W, C), valid where `task.hole` is True."""
    crop_box = Box(0, 0, plan.crop_box.width, plan.crop_box.height)
    canvas_box = plan.canvas_box.relative_to(plan.crop_box)
    hole_boxes = _grouped(islands(task.hole), crop_box, canvas_box, family)
    windows = [context_window(box, canvas_box, family).intersected(crop_box) for box in hole_boxes]
    is_cheaper_whole = sum(window.area for window in windows) >= crop_box.area <= family.largest_part_px
    if len(windows) < 2 or is_cheaper_whole:
        return family.repaint(task, watch)
    return _repainted_apart(task, hole_boxes, windows, family, watch)


def _repainted_apart(task: Task, hole_boxes: list[Box], windows: list[Box], family: Family, watch: Watch) -> Pixels:
    """Each hole from its own window. A neighbour's hole that a window shows is a hole there, too, and is not kept."""
    repainted = task.pixels.copy()
    watches = shares(watch, [window.area for window in windows])
    for hole_box, window, share in zip(hole_boxes, windows, watches, strict=True):
        part = task.cut(window)
        painted = family.repaint(part, share)
        hole = task.hole[hole_box.slices]
        repainted[hole_box.slices][hole] = painted[hole_box.relative_to(window).slices][hole]
    return repainted


def _grouped(boxes: list[Box], crop_box: Box, canvas_box: Box, family: Family) -> list[Box]:
    """Boxes that do not overlap, joined wherever one window costs no more than two and fits into memory."""
    groups = _gathered(boxes, crop_box) if len(boxes) > GRID * GRID else boxes
    costs = {box: context_window(box, canvas_box, family).area for box in groups}
    while pair := _pair_to_join(groups, costs, canvas_box, family):
        joined = pair[0].united(pair[1])
        groups = [box for box in groups if box not in pair] + [joined]
        costs[joined] = context_window(joined, canvas_box, family).area
    return sorted(groups, key=lambda box: (box.y, box.x))


def _pair_to_join(groups: list[Box], costs: dict[Box, int], canvas_box: Box, family: Family) -> tuple[Box, Box] | None:
    """Two boxes that overlap, or that are cheaper together."""
    for one, other in combinations(groups, 2):
        if not one.intersected(other).is_empty:
            return one, other
        joined = context_window(one.united(other), canvas_box, family).area
        if joined <= min(costs[one] + costs[other], family.largest_part_px):
            return one, other
    return None


def _gathered(boxes: list[Box], crop_box: Box) -> list[Box]:
    """One box for all whose middle lies in the same cell of a grid over the crop."""
    cells: dict[tuple[int, int], Box] = {}
    for box in boxes:
        column = GRID * (box.x + box.width // 2) // crop_box.width
        row = GRID * (box.y + box.height // 2) // crop_box.height
        cells[row, column] = cells[row, column].united(box) if (row, column) in cells else box
    return list(cells.values())
