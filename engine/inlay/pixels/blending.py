"""The last step: the border between what was painted and what is there."""

from __future__ import annotations

import numpy as np

from inlay.pixels.masks import Support, grown
from inlay.pixels.smooth import Floats, spread

RING_PX = 3  # of known pixels beside the mask whose difference is taken out
FADES_PX = 24.0  # so far into the mask a step at the border is spread (screened membrane, Bhat et al. 2008)
TOLERANCE = 0.1  # of white: a larger step at the border is an edge that was painted, and stays


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
    ring = grown(support.astype(np.uint8), RING_PX).astype(np.bool_) & ~support
    if not ring.any():
        return np.zeros_like(painted)
    difference = np.where(ring[..., None], original - painted, 0)
    trust = 1 / (1 + np.square(np.square(difference / TOLERANCE).mean(axis=2)))
    field = spread((difference * trust[..., None]).astype(np.float32), ring.astype(np.float32))
    found: Floats = field * np.exp(-_depth(support) / FADES_PX)[..., None]
    return found


def _depth(support: Support) -> Floats:
    """About how deep each pixel lies in the mask: steps along the nearer of rows and columns."""
    return np.minimum(_run(support), _run(support.T).T).astype(np.float32)


def _run(support: Support) -> Floats:
    width = support.shape[1]
    columns = np.broadcast_to(np.arange(width), support.shape)
    left = np.maximum.accumulate(np.where(support, -width, columns), axis=1)
    right = np.minimum.accumulate(np.where(support, 2 * width, columns)[:, ::-1], axis=1)[:, ::-1]
    return np.minimum(columns - left, right - columns).astype(np.float32)
