"""Where the fill looks for material: windows around the hole's parts, so that big pictures stay quick and small."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.errors import FillError
from inlay.pixels.geometry import Box
from inlay.pixels.masks import support_box

Bools = NDArray[np.bool_]
Window = tuple[slice, slice]  # rows, columns

_LEAST_CONTEXT_PX = 256
_CELL_PX = 64  # holes that are nearer to each other are one part
_WHOLE_PX = 4_000_000  # a window up to here is never split


@dataclass(frozen=True)
class Part:
    """A share of the hole that is filled by itself."""

    window: Window
    hole: Bools  # (h, w) of the window: the part's own pixels
    known: Bools  # (h, w)
    inner: Window  # of the window: where the part's own pixels are
    count: int  # of them


def context_px(hole_width: int, hole_height: int) -> int:
    """How many pixels around the hole's bounding box the fill makes use of; more is cropped away again."""
    return max(_LEAST_CONTEXT_PX, math.ceil((hole_width + hole_height) / 2))


def parts(hole: Bools, unknown: Bools | None) -> list[Part]:
    """The hole in one part, or, where that would need a window of a whole big picture, in its far-away pieces.

    hole, unknown: (H, W) bool; what is neither is known. None where there is no hole. Raises FillError when nothing
    is known. Only the hole's surroundings are looked at.
    """
    canvas = Box(0, 0, hole.shape[1], hole.shape[0])
    whole = support_box(hole)
    if whole.is_empty:
        return []
    if _around(whole, canvas).area <= _WHOLE_PX:
        return [_part(whole, hole[whole.slices], hole, unknown)]
    origin, labels, boxes = _pieces(hole, whole)
    groups: list[tuple[Box, list[int]]] = []
    for label, box in boxes.items():
        for i, (other, members) in enumerate(groups):
            together = box.united(other)
            if _around(together, canvas).area <= _around(box, canvas).area + _around(other, canvas).area:
                groups[i] = together, [*members, label]
                break
        else:
            groups.append((box, [label]))
    result = []
    for box, members in groups:
        cells = np.isin(labels, members).repeat(_CELL_PX, 0).repeat(_CELL_PX, 1)
        own = hole[box.slices] & cells[box.relative_to(origin).slices]
        result.append(_part(box, own, hole, unknown))
    return result


def _around(box: Box, canvas: Box) -> Box:
    """The box with its context."""
    return box.grown(context_px(box.width, box.height)).intersected(canvas)


def _part(box: Box, own: Bools, hole: Bools, unknown: Bools | None) -> Part:
    """The part of the box' own pixels (h, w); its window grows until something known is in it."""
    canvas = Box(0, 0, hole.shape[1], hole.shape[0])
    window = _around(box, canvas)
    while not (known := _known(window, hole, unknown)).any():
        if window == canvas:
            raise FillError("no known pixel to fill from: leave a part of the picture out of the selection")
        window = window.grown(max(window.width, window.height)).intersected(canvas)
    inner = box.relative_to(window).slices
    share = np.zeros(known.shape, np.bool_)
    share[inner] = own
    return Part(window.slices, share, known, inner, int(np.count_nonzero(own)))


def _known(window: Box, hole: Bools, unknown: Bools | None) -> Bools:
    lost = hole[window.slices] if unknown is None else hole[window.slices] | unknown[window.slices]
    return ~lost


def _pieces(hole: Bools, whole: Box) -> tuple[Box, NDArray[np.int32], dict[int, Box]]:
    """Connected pieces on a grid of cells: the grid's box, (rows, columns) labels, 0 = none, each piece's box.

    whole: what the hole lies in. The boxes are in pixels of the picture.
    """
    canvas = Box(0, 0, hole.shape[1], hole.shape[0])
    left, top = whole.x // _CELL_PX * _CELL_PX, whole.y // _CELL_PX * _CELL_PX
    grid = Box.from_edges(left, top, whole.right, whole.bottom)
    rows, columns = -(-grid.height // _CELL_PX), -(-grid.width // _CELL_PX)
    grid = Box(left, top, columns * _CELL_PX, rows * _CELL_PX)
    tops, lefts = np.arange(rows) * _CELL_PX, np.arange(columns) * _CELL_PX
    near_hole = hole[grid.intersected(canvas).slices]
    taken = np.logical_or.reduceat(np.logical_or.reduceat(near_hole, tops, 0), lefts, 1)
    labels = np.zeros((rows, columns), np.int32)
    boxes: dict[int, Box] = {}
    for start in zip(*np.nonzero(taken), strict=True):
        if labels[start]:
            continue
        label = len(boxes) + 1
        labels[start] = label
        reached = [start]
        for row, column in reached:  # grows while it is walked
            near = (slice(max(row - 1, 0), row + 2), slice(max(column - 1, 0), column + 2))
            for y, x in zip(*np.nonzero(taken[near] & (labels[near] == 0)), strict=True):
                at = (near[0].start + y, near[1].start + x)
                labels[at] = label
                reached.append(at)
        ys, xs = [int(at[0]) for at in reached], [int(at[1]) for at in reached]
        box = Box.from_edges(min(xs), min(ys), max(xs) + 1, max(ys) + 1)
        scaled = Box(box.x * _CELL_PX, box.y * _CELL_PX, box.width * _CELL_PX, box.height * _CELL_PX)
        boxes[label] = scaled.moved(grid.x, grid.y).intersected(canvas)
    return grid, labels, boxes
