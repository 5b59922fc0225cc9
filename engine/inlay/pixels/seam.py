"""How well the border of a repainted part can be seen: one figure, 0 = not at all."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from .formats import Pixels
from .masks import Mask, Support, grown
from .smooth import box_sum
from .together import together

REACH_PX = 3
NEARBY_PX = (8, 14)  # contours through untouched pixels, far enough out to know nothing of the border
VISIBLE_STEP = 0.008  # 2 of 255: a smaller step is hardly seen
FEWEST_STEPS = 24


def seam(colours: Pixels, mask: Mask) -> float:
    """The share of steps across the mask's border that are larger than 95 % of the steps nearby, less those 5 %.

    A step is the distance of the mean colours just inside and just outside; "nearby" are the same steps across
    contours that run 8 and 14 px outside the mask, through untouched pixels. 0 means that the border cannot be told
    from the picture, 0.95 that all of it shows.

    colours: (H, W, C) without alpha, integers or 0 to 1; mask: (H, W), above 0 = repainted.
    """
    values = colours.astype(np.float32)
    if colours.dtype.kind == "u":
        values /= np.float32(np.iinfo(colours.dtype.name).max)
    inside = mask > 0

    def around(radius_px: int) -> NDArray[np.float32]:
        ring = grown(inside.astype(np.uint8), radius_px).view(np.bool_)
        return steps(values, ring, ring & ~inside, ~ring)

    border, *farther = together(
        lambda: steps(values, inside, inside, ~inside), *(partial(around, radius_px) for radius_px in NEARBY_PX)
    )
    nearby = np.concatenate(farther)
    if min(border.size, nearby.size) < FEWEST_STEPS:
        return 0.0
    limit = max(float(np.quantile(nearby, 0.95)), VISIBLE_STEP)
    return max(0.0, float((border > limit).mean()) - 0.05)


def steps(values: Pixels, region: Support, inner: Support, outer: Support) -> NDArray[np.float32]:
    """Colour distances across the region's border: the mean over `outer` less that over `inner`, REACH_PX around."""
    spread = [window_mean(values, part) for part in (inner, outer)]
    edge = region & ~eroded(region) & (spread[0][1] > 0) & (spread[1][1] > 0)
    differences = spread[0][0][edge] - spread[1][0][edge]
    distances: NDArray[np.float32] = np.sqrt(np.square(differences).mean(axis=1))
    return distances


def window_mean(values: Pixels, part: Support) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean colour of the part's pixels in a square around each pixel, and how many they are."""
    weight = box_sum(part.astype(np.float32)[..., None], REACH_PX)
    mean = (box_sum(values.astype(np.float32) * part[..., None], REACH_PX) / np.maximum(weight, 1)).astype(np.float32)
    return mean, weight[..., 0]


def eroded(region: Support) -> Support:
    """The region without the pixels that touch its outside on a side; the picture's own edge is no border."""
    wider = np.pad(region, 1, mode="edge")
    inner: Support = wider[:-2, 1:-1] & wider[2:, 1:-1] & wider[1:-1, :-2] & wider[1:-1, 2:] & region
    return inner
