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
    height, width = values.shape[:2]
    totals = _window_sum(_window_sum(values.astype(np.float32), radius_px, 0), radius_px, 1)
    counts = _window_length(height, radius_px)[:, None] * _window_length(width, radius_px)
    totals /= counts[..., None]
    return totals


def _window_sum(values: Floats, radius: int, axis: int) -> Floats:
    """Sums over 2 * radius + 1 places along an axis, by windows that double: few passes, and no large sums to lose."""
    length = values.shape[axis]
    around = [(radius, radius) if number == axis else (0, 0) for number in range(values.ndim)]
    windows = np.pad(values, around)
    total = np.zeros_like(values)
    rest, start, size = 2 * radius + 1, 0, 1
    while rest:
        if rest & 1:
            total += _part(windows, axis, start, length)
            start += size
        rest >>= 1
        if rest:
            windows = _part(windows, axis, 0, windows.shape[axis] - size) + _part(
                windows, axis, size, windows.shape[axis] - size
            )
            size *= 2
    return total


def _part(values: Floats, axis: int, start: int, length: int) -> Floats:
    return values[start : start + length] if axis == 0 else values[:, start : start + length]


def _window_length(length: int, radius: int) -> Floats:
    """How many places of each window lie inside."""
    places = np.arange(length)
    inside = np.minimum(places + radius, length - 1) - np.maximum(places - radius, 0) + 1
    return inside.astype(np.float32)
