"""Where the fill looks for material: a window around the hole, so that big pictures stay quick."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.errors import FillError

Bools = NDArray[np.bool_]
Window = tuple[slice, slice]  # rows, columns

_LEAST_CONTEXT_PX = 256


def context_px(hole_width: int, hole_height: int) -> int:
    """How many pixels around the hole's bounding box the fill makes use of; more is cropped away again."""
    return max(_LEAST_CONTEXT_PX, math.ceil((hole_width + hole_height) / 2))


def search_window(hole: Bools, known: Bools) -> Window:
    """The part of the picture that the fill works on: the hole's box and `context_px` around it.

    hole, known: (H, W) bool. Grows until something known is in it. Raises FillError when nothing is known.
    """
    if not known.any():
        raise FillError("no known pixel to fill from: leave a part of the picture out of the selection")
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    margin = context_px(right - left, bottom - top)
    while True:
        window = (
            slice(max(0, top - margin), min(hole.shape[0], bottom + margin)),
            slice(max(0, left - margin), min(hole.shape[1], right + margin)),
        )
        if known[window].any():
            return window
        margin *= 2
