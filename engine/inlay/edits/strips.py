"""A new area that is too large for one window is filled in blocks, from the old canvas outwards, strip by strip."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt

import numpy as np

from inlay.pipelines.family import Family, Task, Watch
from inlay.pipelines.shares import shares
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.joining import joined
from inlay.pixels.masks import Support

WHOLE_REDUCED_MOST = 1.5  # one window has the best structure: worth so much sharpness, and no more
TILE_REDUCED_MOST = 1.25
OVERLAP_SHARE = 4  # a quarter of the context is painted again, so that the rest of it is a quarter of the window


def repaint_in_strips(task: Task, known_box: Box, family: Family, watch: Watch) -> Pixels:
    """The crop with everything outside `known_box` (crop space) repainted: (H, W, C).

    In one window while it is small, for that gives the best structure. Else in blocks. Each sees a third of a window of
    what is done beside it, and paints some of it again: of what another block has painted, never of the old picture.
    There the two are joined. What it paints beyond itself, where a later block will be, is thrown away.
    """
    crop_box = Box(0, 0, task.hole.shape[1], task.hole.shape[0])
    tile_px, whole_px = _sides_px(family)
    if crop_box.area <= whole_px**2:
        return family.repaint(task, watch)
    pixels, hole = task.pixels.copy(), task.hole.copy()
    depth_px = tile_px // 3  # of a strip, and of what is shown on both sides of a block
    blocks = _blocks(known_box, crop_box, depth_px)
    watches = shares(watch, [block.area for block, _ in blocks])
    for number, ((block, window), share) in enumerate(zip(blocks, watches, strict=True)):
        overlap = _beside(block, task.hole & ~hole, depth_px // OVERLAP_SHARE)
        # With the same noise every block would show the same shapes in the same places.
        part = replace(task, pixels=pixels, hole=hole | overlap).reseeded(number).cut(window)
        painted, where = family.repaint(part, share), window.slices
        pixels[where] = joined(pixels[where], painted, overlap[where], block.relative_to(window))
        hole[block.slices] = False
    return pixels


def _sides_px(family: Family) -> tuple[int, int]:
    """The sides of a tile and of the largest single window: what the family works on without losing much detail."""
    most_px = isqrt(family.largest_part_px)
    worked_px = min(family.working_size(Box(0, 0, most_px, most_px)))
    return min(most_px, round(TILE_REDUCED_MOST * worked_px)), min(most_px, round(WHOLE_REDUCED_MOST * worked_px))


def _beside(block: Box, fresh: Support, reach_px: int) -> Support:
    """What was painted right beside the block's sides, (H, W) bool."""
    near = np.zeros_like(fresh)
    whole = Box(0, 0, fresh.shape[1], fresh.shape[0])
    for arm in (block.grown(reach_px, 0, reach_px, 0), block.grown(0, reach_px, 0, reach_px)):
        near[arm.intersected(whole).slices] = True
    beside: Support = near & fresh
    return beside


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
