"""Smooth fields from scattered values: what is known spreads into what is not (pull and push, Gortler et al. 1996)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
FEW_SHIFTS = 4  # px of radius up to which passes are fewer one by one


def spread(values: Floats, weight: Floats) -> Floats:
    """(H, W, C) in which unknown places take the weighted mean of what is known near them, smoother the farther off.

    values: (H, W, C) float32; weight: (H, W) float32, 0 = unknown: such values are never read, and may be anything.
    Where nothing at all is known the result is 0.
    """
    weight = weight.astype(np.float32, copy=False)
    known: Floats = (np.where(weight > 0, values.transpose(2, 0, 1), 0) * weight).astype(np.float32, copy=False)
    return np.ascontiguousarray(_pushed(known, weight).transpose(1, 2, 0))


def _pushed(weighted: Floats, weight: Floats) -> Floats:
    """One level, (C, H, W): full where enough is known, and the coarser level's field for the rest.

    Channels come first, because numpy is three times as fast along rows as along the channels of a pixel.
    """
    height, width = weight.shape
    mean = (weighted / np.maximum(weight, np.float32(1e-6))).astype(np.float32, copy=False)
    if weight.min() >= 1 or max(height, width) == 1:
        return mean if weight.max() > 0 else np.zeros_like(mean)
    far = _doubled(_pushed(_halved(weighted), _halved(weight[None])[0]), height, width)
    mean -= far
    mean *= np.minimum(weight, np.float32(1))
    mean += far
    return mean


def _halved(values: Floats) -> Floats:
    """Sums over 2 x 2, less than four where the edge is; weights grow so that two known pixels count as known."""
    height, width = values.shape[1:]
    padded = np.pad(values, ((0, 0), (0, height % 2), (0, width % 2)))
    rows = padded[:, ::2] + padded[:, 1::2]
    halved: Floats = rows[..., ::2] + rows[..., 1::2]
    halved *= np.float32(0.5)
    return halved


def _doubled(coarse: Floats, height: int, width: int) -> Floats:
    """Twice the size by linear interpolation on the centres of pixels, cut to (C, height, width)."""
    rows = _doubled_rows(coarse, height)
    doubled = np.empty((*rows.shape[:2], 2 * rows.shape[2]), np.float32)
    _between(rows, doubled[..., ::2], doubled[..., 1::2])
    return doubled[..., :width]


def _doubled_rows(coarse: Floats, length: int) -> Floats:
    channels, height, width = coarse.shape
    doubled = np.empty((channels, 2 * height, width), np.float32)
    _between(*(values.swapaxes(1, 2) for values in (coarse, doubled[:, ::2], doubled[:, 1::2])))
    return doubled[:, :length]


def _between(coarse: Floats, even: Floats, odd: Floats) -> None:
    """Along the last axis, a quarter of the way from each value to the one before it, and to the one behind it."""
    near, far = np.float32(0.75) * coarse, np.float32(0.25) * coarse
    even[..., 0], odd[..., -1] = coarse[..., 0], coarse[..., -1]
    np.add(near[..., 1:], far[..., :-1], out=even[..., 1:])
    np.add(near[..., :-1], far[..., 1:], out=odd[..., :-1])


def box_mean(values: Floats, radius_px: int) -> Floats:
    """(H, W, C) averaged over squares of 2 * radius + 1; at the picture's edge over the part that there is."""
    height, width = values.shape[:2]
    totals = box_sum(values, radius_px)
    counts = _window_length(height, radius_px)[:, None] * _window_length(width, radius_px)
    totals /= counts[..., None]
    return totals


def box_sum(values: Floats, radius_px: int) -> Floats:
    """(H, W, C) summed over squares of 2 * radius + 1; 0 beyond the picture's edge."""
    return _window_sum(_window_sum(values.astype(np.float32), radius_px, 0), radius_px, 1)


def _window_sum(values: Floats, radius: int, axis: int) -> Floats:
    """Sums over 2 * radius + 1 places along an axis: no large sums to lose digits, as running sums have."""
    return _sum_by_shifts(values, radius, axis) if radius <= FEW_SHIFTS else _sum_by_doubling(values, radius, axis)


def _sum_by_shifts(values: Floats, radius: int, axis: int) -> Floats:
    """One pass for each place beside the middle."""
    length, total = values.shape[axis], values.copy()
    for shift in range(1, min(radius, length - 1) + 1):
        rest = length - shift
        np.add(sums := _part(total, axis, shift, rest), _part(values, axis, 0, rest), out=sums)
        np.add(sums := _part(total, axis, 0, rest), _part(values, axis, shift, rest), out=sums)
    return total


def _sum_by_doubling(values: Floats, radius: int, axis: int) -> Floats:
    """By windows that double, so that wide ones need few passes."""
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
