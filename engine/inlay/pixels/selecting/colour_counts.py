"""How alike two parts of a picture are, by how often each colour occurs in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support

LEVELS = 8  # of each channel of Lab
Codes = NDArray[np.int64]  # (h, w), which of LEVELS ** 3 colours


def coarse_colours(coded: NDArray[np.uint8]) -> Codes:
    """Each pixel's colour out of few, of a picture (h, w, 3) uint8 sRGB."""
    import cv2

    lab = np.asarray(cv2.cvtColor(coded, cv2.COLOR_RGB2LAB)).astype(np.int64) * LEVELS // 256
    codes: Codes = lab @ np.array([LEVELS**2, LEVELS, 1])
    return codes


def likeness(codes: Codes, one: Support, other: Support) -> float:
    """Bhattacharyya's coefficient of the parts' colours: 0 where they share none, 1 where they are the same.

    A part without pixels is like everything.
    """
    if not (one.any() and other.any()):
        return 1.0
    shares = (np.bincount(codes[part], minlength=LEVELS**3) / part.sum() for part in (one, other))
    first, second = shares
    return float(np.sqrt(first * second).sum())
