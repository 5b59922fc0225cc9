"""Masks: (H, W) uint8 coverage, 0 = keep, 255 = repaint wholly. Soft values are kept as they are."""

from __future__ import annotations

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.geometry import Box

Mask = NDArray[np.uint8]
Support = NDArray[np.bool_]


def support_box(mask: Mask | Support) -> Box:
    """The smallest box that holds every non-zero pixel; an empty box where there is none."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return Box(0, 0, 0, 0)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[top:bottom].any(axis=0))
    return Box.from_edges(int(columns[0]), top, int(columns[-1]) + 1, bottom)


def grown(mask: Mask, radius_px: int) -> Mask:
    """Widen the mask by a disc: each pixel takes the largest value within `radius_px` of it.

    Soft edges move outwards and stay as soft as they were. Only the mask's surroundings are worked on.
    """
    box = support_box(mask).grown(radius_px).intersected(Box(0, 0, mask.shape[1], mask.shape[0]))
    if radius_px == 0 or box.is_empty:
        return mask
    result = mask.copy()
    result[box.slices] = _dilated(mask[box.slices], radius_px)
    return result


def _dilated(mask: Mask, radius_px: int) -> Mask:
    """Grey dilation by a disc, as the maximum of shifted row dilations."""
    largest = mask.copy()
    padded = np.pad(mask, ((0, 0), (radius_px, radius_px)))
    for dy in range(min(radius_px, mask.shape[0] - 1) + 1):
        reach = isqrt(radius_px * radius_px - dy * dy)
        rows = _row_maxima(padded, radius_px, reach)
        height = mask.shape[0] - dy
        np.maximum(largest[dy:], rows[:height], out=largest[dy:])
        np.maximum(largest[:height], rows[dy:], out=largest[:height])
    return largest


def _row_maxima(padded: Mask, pad: int, reach: int) -> Mask:
    """The maximum over 2 * reach + 1 columns, by windows that double (log2(reach) passes)."""
    width = padded.shape[1] - 2 * pad
    maxima, length = padded[:, pad - reach :], 1
    while 2 * length <= 2 * reach + 1:
        maxima = np.maximum(maxima[:, :-length], maxima[:, length:])
        length *= 2
    rest = 2 * reach + 1 - length
    return np.maximum(maxima[:, :width], maxima[:, rest : rest + width])


def feathered(mask: Mask, radius_px: int) -> Mask:
    """Soften the edge inwards over `radius_px`; outside stays exactly 0, and 0 px changes nothing.

    The array's border is no edge: where the picture ends there is nothing to blend with.
    """
    box = support_box(mask).grown(1).intersected(Box(0, 0, mask.shape[1], mask.shape[0]))
    if radius_px == 0 or box.is_empty:
        return mask
    inside = mask[box.slices]
    depth_px = np.sqrt(_squared_depth(inside > 0, radius_px + 1).astype(np.float32))
    ramp = np.minimum(depth_px / np.float32(radius_px + 1), np.float32(1))
    # Smoothstep: a ramp with corners shows as two bright lines (Mach bands).
    ramp *= ramp * (3 - 2 * ramp)
    result = mask.copy()
    result[box.slices] = np.rint(inside * ramp).astype(np.uint8)
    return result


def _squared_depth(inside: Support, most_px: int) -> NDArray[np.uint32]:
    """Squared distance from each pixel to the nearest one that is not inside, at most `most_px` squared."""
    along_row = np.square(_row_depth(inside, most_px))
    nearest = along_row.copy()
    for dy in range(1, min(most_px, inside.shape[0])):
        shifted = along_row + np.uint32(dy * dy)
        height = inside.shape[0] - dy
        np.minimum(nearest[dy:], shifted[:height], out=nearest[dy:])
        np.minimum(nearest[:height], shifted[dy:], out=nearest[:height])
    return nearest


def _row_depth(inside: Support, most_px: int) -> NDArray[np.uint32]:
    """Distance to the nearest outside pixel of the same row, at most `most_px`."""
    width = inside.shape[1]
    columns = np.arange(width, dtype=np.int32)
    far = np.int32(most_px)
    left = np.maximum.accumulate(np.where(inside, -far, columns), axis=1)
    right = np.minimum.accumulate(np.where(inside, width + far, columns)[:, ::-1], axis=1)[:, ::-1]
    return np.minimum(np.minimum(columns - left, right - columns), far).astype(np.uint32)


def islands(mask: Mask | Support, tile_px: int = 64) -> list[Box]:
    """Boxes around the mask's separate parts, left to right within rows. Parts closer than a tile count as one.

    A grid of tiles is searched instead of pixels, so that scattered specks on a large canvas cost nothing.
    """
    height, width = mask.shape
    rows, columns = range(0, height, tile_px), range(0, width, tile_px)
    taken = np.logical_or.reduceat(np.logical_or.reduceat(mask != 0, rows, axis=0), columns, axis=1)
    boxes = []
    for tiles in _connected(taken):
        tile_box = support_box(tiles)
        window = Box(tile_box.x * tile_px, tile_box.y * tile_px, tile_box.width * tile_px, tile_box.height * tile_px)
        window = window.intersected(Box(0, 0, width, height))
        belongs = np.kron(tiles[tile_box.slices], np.ones((tile_px, tile_px), bool))[: window.height, : window.width]
        boxes.append(support_box((mask[window.slices] != 0) & belongs).moved(window.x, window.y))
    return boxes


def _connected(taken: Support) -> list[Support]:
    """The 8-connected components of a small grid, as grids of the same size."""
    rest = {(int(row), int(column)) for row, column in np.argwhere(taken)}
    components = []
    for start in sorted(rest):
        if start not in rest:
            continue
        component = np.zeros_like(taken)
        rest.remove(start)
        frontier = [start]
        while frontier:
            row, column = frontier.pop()
            component[row, column] = True
            near = {(row + dy, column + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & rest
            rest -= near
            frontier.extend(near)
        components.append(component)
    return components
