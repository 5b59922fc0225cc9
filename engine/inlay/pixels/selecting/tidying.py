"""Holes and crumbs: what a selection of a thing has too much or too little of, by one rule."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support
from inlay.pixels.selecting.prompts import Point
from inlay.pixels.smooth import Floats

CRUMB_SHARE = 0.01  # of the largest island
HOLE_SHARE = 0.005  # of all islands together
LEAST_PX = 4  # a part of fewer pixels is dust, beside anything larger


def tidied(mask: Floats, points: Iterable[Point] = ()) -> Floats:
    """The same without crumbs and pinholes; islands worth the name stay apart, and gaps stay open.

    mask: (h, w) float32 in [0, 1], the edge at 0.5; points: clicks, in its pixels.

    The rule: an island (8-connected) goes if it has less than 1 % of the largest one's area, or less than 4 pixels
    where the largest has more. A hole (4-connected, touching no border) is filled if it has less than 0.5 % of all
    islands' area, or less than 4 pixels. What a click that is on lies in never goes; what one that is off lies in is
    never filled.
    """
    inside: Support = mask > 0.5
    clicks = list(points)
    areas, labels = _parts(inside, connectivity=8)
    largest = int(areas[1:].max(initial=0))
    goes = areas < min(largest, max(LEAST_PX, CRUMB_SHARE * largest))
    crumbs = _parts_of(goes, labels, [point for point in clicks if point.is_on])
    kept = inside & ~crumbs
    areas, labels = _parts(~kept, connectivity=4)
    closes = areas < max(LEAST_PX, HOLE_SHARE * int(kept.sum()))
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        closes[side] = False
    holes = _parts_of(closes, labels, [point for point in clicks if not point.is_on])
    tidy: Floats = np.where(crumbs, np.float32(0), np.where(holes, np.float32(1), mask))
    return tidy


def _parts(inside: Support, connectivity: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The area of each part, by its number, and each pixel's part; number 0 is what is in none."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=connectivity)
    return np.asarray(stats[:, cv2.CC_STAT_AREA], np.int32), np.asarray(labels, np.int32)


def _parts_of(chosen: NDArray[np.bool_], labels: NDArray[np.int32], spared: list[Point]) -> Support:
    """Pixels of the chosen parts, but for those that a point lies in."""
    chosen = chosen.copy()
    for point in spared:
        chosen[labels[int(point.y), int(point.x)]] = False
    chosen[0] = False
    result: Support = chosen[labels]
    return result
