"""A new area that is too large for one window is filled in blocks, from the old canvas outwards, strip by strip."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt

from inlay.pipelines.family import Family, Task, Watch
from inlay.pipelines.shares import shares
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box


def repaint_in_strips(task: Task, known_box: Box, family: Family, watch: Watch) -> Pixels:
    """The crop with everything outside `known_box` (crop space) repainted: (H, W, C).

    In one window while it fits into memory, for that gives the best structure. Else in blocks: each sees its neighbours
    that are done as known, and overlaps those to come, where what it paints is thrown away again.
    """
    crop_box = Box(0, 0, task.hole.shape[1], task.hole.shape[0])
    if crop_box.area <= family.largest_part_px:
        return family.repaint(task, watch)
    pixels, hole = task.pixels.copy(), task.hole.copy()
    depth_px = isqrt(family.largest_part_px) // 3  # of a strip, and of what is shown on both sides of a block
    blocks = _blocks(known_box, crop_box, depth_px)
    for (block, window), share in zip(blocks, shares(watch, [block.area for block, _ in blocks]), strict=True):
        part = replace(task, pixels=pixels, hole=hole).cut(window)
        pixels[block.slices] = family.repaint(part, share)[block.relative_to(window).slices]
        hole[block.slices] = False
    return pixels


def _blocks(known_box: Box, crop_box: Box, depth_px: int) -> list[tuple[Box, Box]]:
    """(block, its window) in the order of work: first beside the known box, then above and below it and them."""
    blocks = []
    while known_box != crop_box:
        strip = _next_strip(known_box, crop_box, depth_px)
        shown = known_box.united(strip)
        blocks += [(block, block.grown(depth_px).intersected(shown)) for block in _cut(strip, 2 * depth_px)]
        known_box = shown
    return blocks


def _next_strip(known: Box, crop: Box, depth_px: int) -> Box:
    """The strip of new area that is next, right beside what is known."""
    if crop.x < known.x:
        left = max(crop.x, known.x - depth_px)
        return Box.from_edges(left, known.y, known.x, known.bottom)
    if known.right < crop.right:
        return Box.from_edges(known.right, known.y, min(crop.right, known.right + depth_px), known.bottom)
    if crop.y < known.y:
        return Box.from_edges(known.x, max(crop.y, known.y - depth_px), known.right, known.y)
    return Box.from_edges(known.x, known.bottom, known.right, min(crop.bottom, known.bottom + depth_px))


def _cut(strip: Box, length_px: int) -> list[Box]:
    """A strip in blocks, at most `length_px` each way, left to right and top to bottom."""
    return [
        Box(x, y, length_px, length_px).intersected(strip)
        for y in range(strip.y, strip.bottom, length_px)
        for x in range(strip.x, strip.right, length_px)
    ]
