"""Tiles that were painted one after the other are joined where they overlap: no step of tone, and no straight border.

The later tile is first brought to the earlier one's tone by what the overlap tells (a membrane that fades, as in
`blending`), then each pixel of the overlap comes from one of the two, on both sides of the path along which they differ
least (image quilting, Efros and Freeman 2001).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box
from inlay.pixels.masks import Support
from inlay.pixels.smooth import Floats, box_mean, spread

TOLERANCE = 0.15  # of the format's full scale: a larger difference is another structure
TONE_PX = 6  # the tone is what is left of the overlap's difference in a square of so many pixels to each side
SOFT_PX = 1  # the cut itself is blended so far to each side
FADE_SHARE = 0.5  # of the block's longer side: so far into it the tone fades
NEVER = 1e6  # the cost of what must not be


def joined(done: Pixels, painted: Pixels, overlap: Support, block: Box) -> Pixels:
    """The window with the painted block joined to what is done: (H, W, C), `done` bit-exactly outside both.

    done, painted: (H, W, C) of one dtype; overlap: (H, W) bool beside the block, where both are valid; block: in the
    window, where only `painted` is.
    """
    full = 1.0 if done.dtype.kind == "f" else float(np.iinfo(done.dtype.name).max)
    before, after = (pixels.astype(np.float32) / np.float32(full) for pixels in (done, painted))
    inside = np.zeros(overlap.shape, np.bool_)
    inside[block.slices] = True
    if overlap.any():
        after = after + _tone(before, after, overlap, block)
    share = np.where(inside, 1, _shares(before, after, overlap, block))[..., None]
    mixed = np.where(inside[..., None], after, before + (after - before) * share) * full
    if done.dtype.kind != "f":
        mixed = np.rint(np.clip(mixed, 0, full))
    found: Pixels = np.where((inside | overlap)[..., None], mixed.astype(done.dtype), done)
    return found


def _tone(before: Floats, after: Floats, overlap: Support, block: Box) -> Floats:
    """What must be added to the later tile, (H, W, C): the overlap's slow difference, fading into the block."""
    difference = np.where(overlap[..., None], before - after, 0).astype(np.float32)
    trust = overlap / (1 + np.square(np.square(difference / TOLERANCE).mean(axis=2)))
    known = box_mean(trust[..., None].astype(np.float32), TONE_PX)
    slow = box_mean(difference * trust[..., None].astype(np.float32), TONE_PX) / np.maximum(known, 1e-6)
    field = spread(slow.astype(np.float32), (overlap * np.minimum(known[..., 0] * 4, 1)).astype(np.float32))
    fade_px = FADE_SHARE * max(block.width, block.height)
    faded: Floats = field * np.exp(-_distance(overlap) / fade_px).astype(np.float32)[..., None]
    return faded


def _distance(part: Support) -> Floats:
    """About how far each pixel lies from the part: steps along rows, then along columns."""
    far = float(sum(part.shape))
    along = _swept(np.where(part, 0.0, far).astype(np.float32))
    return _swept(along.T).T


def _swept(values: Floats) -> Floats:
    """Each value at most one more than its neighbours' in the row."""
    steps = np.arange(values.shape[1], dtype=np.float32)
    left = np.minimum.accumulate(values - steps, axis=1) + steps
    right = np.minimum.accumulate((values + steps)[:, ::-1], axis=1)[:, ::-1] - steps
    nearest: Floats = np.minimum(left, right)
    return nearest


def _shares(before: Floats, after: Floats, overlap: Support, block: Box) -> Floats:
    """How much of the later tile each pixel of the overlap takes, (H, W): 0 beyond the cut, 1 before it."""
    taken = np.zeros(overlap.shape, np.bool_)
    taken[block.slices] = True
    cost = np.square(after - before).mean(axis=2)
    for turn in range(4):  # the overlap at the block's left, then, turned, at its other sides
        turned, side = (np.rot90(array, turn) for array in (overlap, taken))
        _take_left(turned, np.rot90(cost, turn), side, _turned(block, overlap.shape, turn))
    soft = box_mean(taken[..., None].astype(np.float32), SOFT_PX)[..., 0]
    return np.where(overlap, soft, 0).astype(np.float32)


def _turned(block: Box, shape: tuple[int, ...], quarters: int) -> Box:
    """The block in a window that np.rot90 has turned so often."""
    height, width = shape
    for _ in range(quarters):
        block = Box(block.y, width - block.right, block.height, block.width)
        height, width = width, height
    return block


def _take_left(overlap: Support, cost: Floats, taken: Support, block: Box) -> None:
    """Mark in `taken` what the later tile takes of the overlap at its left."""
    band = overlap[block.y : block.bottom, : block.x][:, ::-1]  # (lines, steps away from the block)
    reachable = np.logical_and.accumulate(band, axis=1)
    depth = int(reachable.sum(axis=1).max(initial=0))
    if depth == 0:
        return
    reachable = reachable[:, :depth]
    near = cost[block.y : block.bottom, block.x - depth : block.x][:, ::-1]
    # A cut after n pixels of the later tile costs what the two differ by there; 0 pixels are always possible.
    costs = np.concatenate([near[:, :1], np.where(reachable, near, NEVER)], axis=1)
    for line, is_open in ((0, block.y > 0), (-1, block.bottom < overlap.shape[0])):
        if is_open:  # the cut ends in the block's corner, or a step would be left there
            costs[line, 1:] = NEVER
    path = _least_path(costs)
    lines = taken[block.y : block.bottom, block.x - depth : block.x][:, ::-1]
    lines |= np.arange(depth) < path[:, None]


def _least_path(costs: Floats) -> NDArray[np.intp]:
    """The column of the cheapest way through (lines, columns) from the first line to the last, by steps of one."""
    total = costs.astype(np.float64)
    for line in range(1, len(total)):
        above = np.pad(total[line - 1], 1, constant_values=np.inf)
        total[line] += np.minimum(np.minimum(above[:-2], above[1:-1]), above[2:])
    path = np.empty(len(total), np.intp)
    path[-1] = total[-1].argmin()
    for line in range(len(total) - 2, -1, -1):
        first = max(path[line + 1] - 1, 0)
        path[line] = first + total[line, first : path[line + 1] + 2].argmin()
    return path
