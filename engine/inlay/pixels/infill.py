"""What lies under a mask before a model begins, by intent. Masked pixels are never read, and the others stay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.masks import Support
from inlay.pixels.smooth import Floats, spread

FAR_PX = 10**6
NEUTRAL = 0.5  # 9-channel models are trained with zeros, mid grey, under the mask (Rombach et al. 2022)


def blurred_surroundings(rgb: Floats, hole: Support) -> Floats:
    """The surroundings' colours, flowing together: a start for something else. rgb: (H, W, 3); hole: (H, W) bool."""
    return _into(rgb, hole, spread(rgb, (~hole).astype(np.float32)))


def edge_continued(rgb: Floats, hole: Support) -> Floats:
    """The nearest colours along rows and columns, drawn on, and softer the farther: a start for an extended canvas."""
    along, down = _run(hole), _run(hole.T).T
    rows, columns = _drawn_on(rgb, hole), _drawn_on(rgb.transpose(1, 0, 2), hole.T).transpose(1, 0, 2)
    by_row = (np.square(down) / np.maximum(np.square(along) + np.square(down), 1)).astype(np.float32)[..., None]
    drawn = rows * by_row + columns * (1 - by_row)
    soft = spread(rgb, (~hole).astype(np.float32))
    share = 0.5 * np.minimum(_distance_share(hole), 1)[..., None]
    return _into(rgb, hole, drawn * (1 - share) + soft * share)


def neutral(rgb: Floats, hole: Support) -> Floats:
    """Mid grey."""
    return _into(rgb, hole, np.full_like(rgb, NEUTRAL))


def noised(rgb: Floats, hole: Support, seed: int) -> Floats:
    """The blurred surroundings under strong noise: nothing of a shape is left to hold on to."""
    noise = np.random.default_rng(seed).normal(0, 0.25, rgb.shape).astype(np.float32)
    return _into(rgb, hole, np.clip(spread(rgb, (~hole).astype(np.float32)) + noise, 0, 1))


def _into(rgb: Floats, hole: Support, filled: Floats) -> Floats:
    return np.where(hole[..., None], filled, rgb).astype(np.float32)


def _drawn_on(rgb: Floats, hole: Support) -> Floats:
    """Each row's holes from its nearest known pixels at both sides, by nearness; rows without any from the mean."""
    height, width = hole.shape
    columns = np.broadcast_to(np.arange(width), (height, width))
    left = np.maximum.accumulate(np.where(hole, -1, columns), axis=1)
    right = np.minimum.accumulate(np.where(hole, width, columns)[:, ::-1], axis=1)[:, ::-1]
    to_left = np.where(left >= 0, columns - left, 0).astype(np.float32)
    to_right = np.where(right < width, right - columns, 0).astype(np.float32)
    share = (to_right / np.maximum(to_left + to_right, 1))[..., None]  # by nearness, where both sides are known
    share = np.where((right >= width)[..., None], 1, np.where((left < 0)[..., None], 0, share))
    rows = np.arange(height)[:, None]
    safe = np.where(hole[..., None], 0, rgb)
    drawn = safe[rows, np.maximum(left, 0)] * share + safe[rows, np.minimum(right, width - 1)] * (1 - share)
    mean = safe.sum(axis=(0, 1)) / max(1, int((~hole).sum()))
    has_any = ((left >= 0) | (right < width))[..., None]
    found: NDArray[np.float32] = np.where(has_any, drawn, mean).astype(np.float32)
    return found


def _distance_share(hole: Support) -> NDArray[np.float32]:
    """0 at the border, 1 a quarter of the window away, along the nearer of rows and columns."""
    reach = max(1.0, max(hole.shape) / 4)
    found: NDArray[np.float32] = (np.minimum(_run(hole), _run(hole.T).T) / reach).astype(np.float32)
    return found


def _run(hole: Support) -> NDArray[np.int64]:
    """Steps to the nearest known pixel of the same row; `FAR_PX` where there is none."""
    width = hole.shape[1]
    columns = np.broadcast_to(np.arange(width), hole.shape)
    left = np.maximum.accumulate(np.where(hole, -width, columns), axis=1)
    right = np.minimum.accumulate(np.where(hole, 2 * width, columns)[:, ::-1], axis=1)[:, ::-1]
    return np.where((left < 0) & (right >= width), FAR_PX, np.minimum(columns - left, right - columns))
