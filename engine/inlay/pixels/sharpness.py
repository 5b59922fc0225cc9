"""Sharpness: a model's autoencoder blurs all that it returns, and the known part tells by how much."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from inlay.pixels.masks import Support
from inlay.pixels.smooth import Floats, box_mean
from inlay.pixels.together import together

RADII_PX = (1, 3)  # of the blurs whose differences are the octaves
MOST = 3.0  # times; what is fainter than a third is lost, and more would only lift its noise
ALIKE = 0.5  # an octave of the known parts must correlate so well, or it does not show the same detail
FEWEST = 256


def sharpened(painted: Floats, original: Floats, known: Support) -> tuple[Floats, float]:
    """The painted window as sharp as the original was, (H, W, 3), and the largest gain that took (1 = none).

    painted, original: (H, W, 3) float32; known: (H, W) bool, where both show the same thing. Each octave is lifted by
    the gain that brings it nearest to the original's on the known part (Wiener's, over two octaves); detail is lifted
    and never taken away, and none is invented.
    """
    if int(known.sum()) < FEWEST:
        return painted, 1.0
    result, most = painted, 1.0
    for ours, theirs in zip(*together(lambda: octaves(painted), lambda: octaves(original)), strict=True):
        gain = _gain(ours[known], theirs[known])
        if gain > 1.0:
            result, most = result + np.float32(gain - 1) * ours, max(most, gain)
    return result, most


def octaves(values: Floats) -> list[Floats]:
    """The values' fine parts, finest first: (H, W, C) each."""
    blurred = [values, *(box_mean(values, radius) for radius in RADII_PX)]
    return [finer - coarser for finer, coarser in pairwise(blurred)]


def _gain(ours: Floats, theirs: Floats) -> float:
    """What our detail must be multiplied by to come nearest to theirs, 1 to `MOST`."""
    shared, own, other = (
        float((one * two).mean(dtype=np.float64)) for one, two in ((ours, theirs), (ours, ours), (theirs, theirs))
    )
    if shared <= ALIKE * np.sqrt(own * other):
        return 1.0
    return float(np.clip(shared / own, 1.0, MOST))
