"""The last step: the border between what was painted and what is there."""

from __future__ import annotations

import numpy as np

from inlay.pixels.masks import Support, grown
from inlay.pixels.smooth import Floats, box_mean, spread
from inlay.pixels.together import together

RING_PX = 3  # of known pixels beside the mask whose difference is taken out
BEYOND_PX = 12  # so far out the pixels tell whether that difference is the model's, or a remainder of what was there
FADES_PX = 24.0  # so far into the mask a step at the border is spread (screened membrane, Bhat et al. 2008)
TOLERANCE = 0.1  # of white: a larger step at the border is an edge that was painted, and stays
AGREEMENT = 0.02  # of white: a model's shift goes on outwards; what does not is the removed object's fringe or shadow


def blended(painted: Floats, original: Floats, paste: Floats) -> Floats:
    """The painted window fitted to the original's border, (H, W, 3): bit-exactly the original where `paste` is 0.

    painted, original: (H, W, 3) float32; paste: (H, W) float32 in [0, 1]. What is left of a step at the border is
    spread into the mask as a membrane (Perez et al. 2003) that fades. A soft mask is not applied here: it goes with
    the result, as its transparency, and twice would make it steeper than what was selected.
    """
    support = paste > 0
    if not support.any() or support.all():
        return np.where(support[..., None], painted, original).astype(np.float32)
    fitted = painted + _membrane(painted, original, support)
    return np.where(support[..., None], fitted, original).astype(np.float32)


def _membrane(painted: Floats, original: Floats, support: Support) -> Floats:
    """The difference just outside the mask, carried inwards and fading."""
    ring, beyond = (grown(support.astype(np.uint8), reach).astype(np.bool_) for reach in (RING_PX, BEYOND_PX))
    ring, beyond = ring & ~support, beyond & ~ring & ~support
    if not ring.any():
        return np.zeros_like(painted)
    difference = np.where((ring | beyond)[..., None], original - painted, 0).astype(np.float32)
    trust = 1 / (1 + np.square(np.square(difference / TOLERANCE).mean(axis=2)))
    if beyond.any():
        here, farther = together(lambda: _local(difference, ring), lambda: _local(difference, beyond))
        apart = here - farther
        trust /= 1 + np.square(np.square(apart / AGREEMENT).mean(axis=2))
    field = spread((difference * trust[..., None]).astype(np.float32), ring.astype(np.float32))
    found: Floats = field * np.exp(-_depth(support) / FADES_PX)[..., None]
    return found


def _local(difference: Floats, part: Support) -> Floats:
    """The part's mean difference near each pixel; pixels far from the part take the nearest."""
    weight = part.astype(np.float32)[..., None]
    counted = box_mean(weight, BEYOND_PX // 2)
    mean = box_mean(difference * weight, BEYOND_PX // 2) / np.maximum(counted, 1e-6)
    return spread(mean.astype(np.float32), counted[..., 0])


def _depth(support: Support) -> Floats:
    """About how deep each pixel lies in the mask: steps along the nearer of rows and columns."""
    return np.minimum(_run(support), _run(support.T).T).astype(np.float32)


def _run(support: Support) -> Floats:
    width = support.shape[1]
    columns = np.broadcast_to(np.arange(width), support.shape)
    left = np.maximum.accumulate(np.where(support, -width, columns), axis=1)
    right = np.minimum.accumulate(np.where(support, 2 * width, columns)[:, ::-1], axis=1)[:, ::-1]
    return np.minimum(columns - left, right - columns).astype(np.float32)
