"""Where the fill looks for material: windows around the hole's parts, so that big pictures stay quick and small."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.errors import FillError
from inlay.pixels.geometry import Box

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


def context_px(hole_width: int, hole_height: int) -> int:
    """How many pixels around the hole's bounding box the fill makes use of; more is cropped away again."""
    return max(_LEAST_CONTEXT_PX, math.ceil((hole_width + hole_height) / 2))


def parts(hole: Bools, known: Bools) -> list[Part]:
    """The hole in one part, or, where that would need a window of a whole big picture, in its far-away pieces.

    hole, known: (H, W) bool. Raises FillError when nothing is known.
    """
    if not known.any():
        raise FillError("no known pixel to fill from: leave a part of the picture out of the selection")
    canvas = Box(0, 0, hole.shape[1], hole.shape[0])
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    whole = Box.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    if _around(whole, canvas).area <= _WHOLE_PX:
        return [_part(whole, hole, hole, known)]
    labels, boxes = _pieces(hole)
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
        result.append(_part(box, hole & cells[: hole.shape[0], : hole.shape[1]], hole, known))
    return result


def _around(box: Box, canvas: Box) -> Box:
    """The box with its context."""
    return box.grown(context_px(box.width, box.height)).intersected(canvas)


def _part(box: Box, own: Bools, hole: Bools, known: Bools) -> Part:
    """The part of these pixels; its window grows until something known is in it."""
    canvas = Box(0, 0, hole.shape[1], hole.shape[0])
    window = _around(box, canvas)
    while not known[window.slices].any():
        window = window.grown(max(window.width, window.height)).intersected(canvas)
    return Part(window.slices, own[window.slices])


def _pieces(hole: Bools) -> tuple[NDArray[np.int32], dict[int, Box]]:
    """Connected pieces on a grid of cells: (rows, columns) labels, 0 = none, and each piece's box in pixels."""
    height, width = hole.shape
    rows, columns = -(-height // _CELL_PX), -(-width // _CELL_PX)
    tops, lefts = np.arange(rows) * _CELL_PX, np.arange(columns) * _CELL_PX
    taken = np.logical_or.reduceat(np.logical_or.reduceat(hole, tops, 0), lefts, 1)
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
        boxes[label] = scaled.intersected(Box(0, 0, width, height))
    return labels, boxes
