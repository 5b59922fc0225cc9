"""Where a model that edits whole pictures has moved the picture: found on the known part, and moved back.

Phase correlation on gradients gives the whole pixels (Kuglin and Hines 1975), Gauss and Newton's steps the fraction and
the scale (Lucas and Kanade 1981).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support
from inlay.pixels.smooth import Floats, box_mean

MOST_PX = 24.0  # a model that moves a picture farther has drawn another one
MOST_SCALE = 0.05
LEAST_PX = 0.05  # at the window's corners: less is nothing, and moving a picture costs sharpness
ROUNDS = 12
ALIKE = 0.5  # the known parts must correlate so well then, or it is another picture
BETTER = 0.97  # the known part must differ by less than this share of what it did, or nothing is moved


@dataclass(frozen=True)
class Motion:
    """How the painted window lies against the original: x' = centre + scale * (x - centre) + shift."""

    shift_x_px: float = 0.0
    shift_y_px: float = 0.0
    scale: float = 1.0

    @property
    def is_none(self) -> bool:
        return self == Motion()


def registered(painted: Floats, original: Floats, known: Support) -> tuple[Floats, Motion]:
    """The painted window moved back onto the original, and how it had been moved.

    painted, original: (H, W, 3) float32 sRGB; known: (H, W) bool, where both show the same thing. Nothing is moved
    where that would not make the known parts more alike.
    """
    if known.sum() < 1024:
        return painted, Motion()
    before, after = _grey(original), _grey(painted)
    motion = _refined(after, before, known, _whole_pixels(after, before, known))
    if abs(motion.shift_x_px) > MOST_PX or abs(motion.shift_y_px) > MOST_PX or abs(motion.scale - 1) > MOST_SCALE:
        return painted, Motion()
    if _corner_px(motion, known.shape) < LEAST_PX:
        return painted, Motion()
    moved = _moved(painted, motion)
    again = _grey(moved)
    is_better = _difference(again, before, known) < BETTER * _difference(after, before, known)
    return (moved, motion) if is_better and _likeness(again, before, known) > ALIKE else (painted, Motion())


def _corner_px(motion: Motion, shape: tuple[int, ...]) -> float:
    """How far the motion takes a corner of the window."""
    shift = max(abs(motion.shift_x_px), abs(motion.shift_y_px))
    return shift + abs(motion.scale - 1) * max(shape) / 2


def _grey(rgb: Floats) -> Floats:
    """Lightness without its slow changes: a shift of colour is no motion."""
    grey = rgb.mean(axis=2, keepdims=True)
    found: NDArray[np.float32] = (grey - box_mean(grey, 8))[..., 0]
    return found


def _difference(one: Floats, other: Floats, known: Support) -> float:
    return float(np.abs(one - other)[known].mean())


def _likeness(one: Floats, other: Floats, known: Support) -> float:
    """The correlation of the known parts, -1 to 1."""
    return float(np.corrcoef(one[known], other[known])[0, 1])


def _whole_pixels(after: Floats, before: Floats, known: Support) -> Motion:
    """The shift at the highest peak of the phase correlation, where it is a near one."""
    window = np.hanning(known.shape[0])[:, None] * np.hanning(known.shape[1]) * known
    spectrum = np.fft.rfft2(after * window) * np.conj(np.fft.rfft2(before * window))
    peak = np.fft.irfft2(spectrum / np.maximum(np.abs(spectrum), 1e-9), known.shape)
    y, x = (np.fft.fftfreq(length, 1 / length).astype(int) for length in known.shape)
    near = (np.abs(y) <= MOST_PX)[:, None] & (np.abs(x) <= MOST_PX)
    row, column = np.unravel_index(int(np.where(near, peak, -np.inf).argmax()), peak.shape)
    return Motion(float(x[column]), float(y[row]))


def _refined(after: Floats, before: Floats, known: Support, motion: Motion) -> Motion:
    """Shift and scale by least squares on what is left, until they stand still."""
    dy, dx = (np.asarray(slope, np.float32) for slope in np.gradient(before))
    height, width = known.shape
    rows = np.arange(height)[:, None] - (height - 1) / 2
    columns = np.arange(width)[None, :] - (width - 1) / 2
    growth: Floats = np.asarray(dx * columns + dy * rows)
    inner = known & _inside(known.shape, 4)
    slopes = np.stack([slope[inner] for slope in (dx, dy, growth)], axis=1).astype(np.float64)
    for _ in range(ROUNDS):
        left = (_moved(after[..., None], motion)[..., 0] - before)[inner].astype(np.float64)
        weight = 1 / (1 + np.square(left / (2 * np.median(np.abs(left)) + 1e-6)))
        matrix = slopes.T @ (slopes * weight[:, None])
        step = np.linalg.solve(matrix + 1e-9 * np.eye(3), slopes.T @ (left * weight))
        motion = Motion(motion.shift_x_px - step[0], motion.shift_y_px - step[1], motion.scale - step[2])
        if max(abs(motion.shift_x_px), abs(motion.shift_y_px)) > 2 * MOST_PX or not 0.8 < motion.scale < 1.25:
            return Motion(2 * MOST_PX)
        if np.abs(step[:2]).max() < 1e-3 and abs(step[2]) < 1e-5:
            break
    return motion


def _inside(shape: tuple[int, ...], margin: int) -> Support:
    inside = np.zeros(shape, np.bool_)
    inside[margin:-margin, margin:-margin] = True
    return inside


def _moved(values: Floats, motion: Motion) -> Floats:
    """The picture as it was before the motion: each pixel from where it went, by cubic interpolation (Keys 1981)."""
    height, width = values.shape[:2]
    rows = _places(height, motion.shift_y_px, motion.scale)
    columns = _places(width, motion.shift_x_px, motion.scale)
    across = _sampled(values, rows)
    moved: Floats = _sampled(across.transpose(1, 0, 2), columns).transpose(1, 0, 2)
    return moved


def _places(length: int, shift_px: float, scale: float) -> NDArray[np.float64]:
    centre = (length - 1) / 2
    return (centre + scale * (np.arange(length) - centre) + shift_px).astype(np.float64)


def _sampled(values: Floats, places: NDArray[np.float64]) -> Floats:
    """(N, W, C) at fractional rows, Catmull and Rom's cubic; beyond the edge its last row."""
    first = np.floor(places).astype(np.intp)
    part = (places - first).astype(np.float32)
    weights = (
        -0.5 * part**3 + part**2 - 0.5 * part,
        1.5 * part**3 - 2.5 * part**2 + 1,
        -1.5 * part**3 + 2 * part**2 + 0.5 * part,
        0.5 * part**3 - 0.5 * part**2,
    )
    result = np.zeros((len(places), *values.shape[1:]), np.float32)
    for tap, weight in enumerate(weights):
        result += values[np.clip(first + tap - 1, 0, values.shape[0] - 1)] * weight[:, None, None]
    return result
