"""Smooth fields from scattered values: what is known spreads into what is not (pull and push, Gortler et al. 1996)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def spread(values: Floats, weight: Floats) -> Floats:
    """(H, W, C) in which unknown places take the weighted mean of what is known near them, smoother the farther off.

    values: (H, W, C) float32; weight: (H, W) float32, 0 = unknown: such values are never read, and may be anything.
    Where nothing at all is known the result is 0.
    """
    known = np.where(weight[..., None] > 0, values, 0).astype(np.float32) * weight[..., None]
    return _pushed(known, weight)


def _pushed(weighted: Floats, weight: Floats) -> Floats:
    """One level: full where enough is known, and the coarser level's field for the rest."""
    height, width = weight.shape
    share = np.minimum(weight, 1)[..., None]
    mean = weighted / np.maximum(weight, 1e-6)[..., None]
    if max(height, width) == 1 or (weight >= 1).all():
        return (mean * share if weight.max() <= 0 else mean).astype(np.float32)
    coarse = _pushed(_halved(weighted), _halved(weight[..., None])[..., 0])
    found: NDArray[np.float32] = (mean * share + _doubled(coarse, height, width) * (1 - share)).astype(np.float32)
    return found


def _halved(values: Floats) -> Floats:
    """Sums over 2 x 2, less than four where the edge is; weights grow so that two known pixels count as known."""
    height, width = values.shape[:2]
    padded = np.pad(values, ((0, height % 2), (0, width % 2), (0, 0)))
    halved: Floats = padded[::2, ::2] + padded[1::2, ::2] + padded[::2, 1::2] + padded[1::2, 1::2]
    return halved * np.float32(0.5)


def _doubled(coarse: Floats, height: int, width: int) -> Floats:
    """Twice the size by linear interpolation on the centres of pixels, cut to (height, width)."""
    return _doubled_rows(_doubled_rows(coarse, height).transpose(1, 0, 2), width).transpose(1, 0, 2)


def _doubled_rows(coarse: Floats, length: int) -> Floats:
    above = np.concatenate([coarse[:1], coarse[:-1]])
    below = np.concatenate([coarse[1:], coarse[-1:]])
    doubled = np.empty((2 * coarse.shape[0], *coarse.shape[1:]), np.float32)
    doubled[::2] = 0.75 * coarse + 0.25 * above
    doubled[1::2] = 0.75 * coarse + 0.25 * below
    return doubled[:length]


def box_mean(values: Floats, radius_px: int) -> Floats:
    """(H, W, C) averaged over squares of 2 * radius + 1; at the picture's edge over the part that there is."""
    side, (height, width) = 2 * radius_px + 1, values.shape[:2]
    padded = np.pad(values.astype(np.float32), ((radius_px, radius_px), (radius_px, radius_px), (0, 0)))
    total = _box_sum(_box_sum(padded, side).swapaxes(0, 1), side).swapaxes(0, 1)
    counts = _count(height, radius_px)[:, None] * _count(width, radius_px)
    return total / counts[..., None]


def _box_sum(values: Floats, length: int) -> Floats:
    """(N, ...) to (N - length + 1, ...): sums over so many rows, from sums over powers of two of them."""
    rows = values.shape[0] - length + 1
    total = np.zeros((rows, *values.shape[1:]), np.float32)
    offset, reach = 0, 1
    while reach <= length:
        if length & reach:
            total += values[offset : offset + rows]
            offset += reach
        values = values[:-reach] + values[reach:]
        reach *= 2
    return total


def _count(length: int, radius: int) -> Floats:
    """(length,): how many of the 2 * radius + 1 places around each are inside."""
    places = np.arange(length)
    return (np.minimum(places + radius + 1, length) - np.maximum(places - radius, 0)).astype(np.float32)
