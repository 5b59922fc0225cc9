"""Which of several removals is best: no border is seen, and nothing is inside that its surroundings do not have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support, grown
from inlay.pixels.resampling import resized
from inlay.pixels.seam import seam
from inlay.pixels.smooth import Floats, box_mean

LONGEST_PX = 256  # pictures are judged at this size: an invented object is not a matter of detail
PATCH_RADIUS_PX = 3
RING_SHARE = 0.35  # of the picture's longer side: how far the surroundings reach
MOST_PATCHES = 3000


def removal_score(result: Floats, original: Floats, hole: Support) -> float:
    """How much a removal gives itself away; lower is better, 0 is perfect.

    result, original: (H, W, 3) float32 sRGB, alike outside `hole` (H, W) bool. The sum of the border's seam measure
    and of novelty: how far the hole's patches lie from the nearest ones around it, against how far those lie apart.
    """
    border = seam(np.clip(result, 0, 1), hole.astype(np.uint8) * np.uint8(255))
    return border + novelty(result, original, hole)


def novelty(result: Floats, original: Floats, hole: Support) -> float:
    """0 where everything in the hole looks like something around it; about 1 and more for something foreign."""
    scale = min(1.0, LONGEST_PX / max(hole.shape))
    width, height = (max(8, round(side * scale)) for side in (hole.shape[1], hole.shape[0]))
    inside = resized(hole.astype(np.float32), width, height) > 0.5
    around = grown(inside.astype(np.uint8), round(RING_SHARE * max(width, height))).astype(np.bool_) & ~inside
    features = _features(resized(result, width, height))
    painted, known = _some(features[inside]), _some(features[around])
    if min(len(painted), len(known)) < 32:
        return 0.0
    usual = float(np.quantile(_nearest(known[::2], known[1::2]), 0.9)) + 0.02
    found = _nearest(painted, known)
    return max(0.0, float(np.quantile(found, 0.9)) / usual - 1.0)


def _features(rgb: Floats) -> Floats:
    """(H, W, 6): the mean colour of each patch, and how rough it is in each channel."""
    mean = box_mean(rgb, PATCH_RADIUS_PX)
    rough = np.sqrt(np.maximum(box_mean(np.square(rgb), PATCH_RADIUS_PX) - np.square(mean), 0))
    return np.concatenate([mean, 2 * rough], axis=2)


def _some(features: Floats) -> Floats:
    """At most `MOST_PATCHES` of them, evenly."""
    return features[:: max(1, len(features) // MOST_PATCHES)]


def _nearest(ones: Floats, others: Floats) -> NDArray[np.float32]:
    """The distance of each to the nearest of the others."""
    squares = np.square(ones).sum(1)[:, None] + np.square(others).sum(1)[None] - 2 * ones @ others.T
    found: NDArray[np.float32] = np.sqrt(np.maximum(squares.min(axis=1), 0)).astype(np.float32)
    return found
