"""The edge of a selection at the picture's full size: worked on along the edge alone, tile by tile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, Support, support_box
from inlay.pixels.smooth import Floats

Read = Callable[[Box], Floats]  # any window of the full picture: (h, w, 3) float32 sRGB in [0, 1]
Matte = Callable[[Floats, Floats], Floats]  # picture, trimap (0, 0.5, 1) -> alpha (h, w) in [0, 1]
TILE_PX = 512
REGULARITY = 1e-4  # of the guided filter: steps below 1 % of the range are noise


def refined(
    read: Read, size: tuple[int, int], coarse: Floats, window: Box, matte: Matte | None = None
) -> tuple[Mask, Box]:
    """The selection at full size, cut to its box, and that box on the picture; an empty one where nothing is.

    read: gives any window of the picture, (h, w, 3) float32 sRGB in [0, 1]. size: (width, height) of the picture.
    coarse: (h, w) float32 in [0, 1], the edge at 0.5, of whatever size; it shows `window` of the picture.
    matte: finds the soft edge's alpha in our stead.
    """
    full = np.zeros((window.height, window.width), np.uint8)
    scale = max(window.width / coarse.shape[1], window.height / coarse.shape[0])
    reach = max(2, round(1.5 * scale))
    for y in range(0, window.height, TILE_PX):
        for x in range(0, window.width, TILE_PX):
            tile = Box(x, y, TILE_PX, TILE_PX).intersected(Box(0, 0, window.width, window.height))
            full[tile.slices] = _tile(read, coarse, window, tile, reach)
    box = support_box(full)
    return np.ascontiguousarray(full[box.slices]), box.moved(window.x, window.y)


def _tile(read: Read, coarse: Floats, window: Box, tile: Box, reach: int) -> Mask:
    around = tile.grown(2 * reach).intersected(Box(0, 0, window.width, window.height))
    rough = _enlarged(coarse, window, around)
    inner = tile.relative_to(around).slices
    if rough.max() <= 0 or rough.min() >= 1:
        return _coded(rough[inner])
    near = _near_edge(rough, reach)
    alpha = np.where(near, _guided(read(around.moved(window.x, window.y)), rough, reach), rough > 0.5)
    return _coded(alpha[inner])


def _coded(alpha: Floats) -> Mask:
    coded: Mask = np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)
    return coded


def _enlarged(coarse: Floats, window: Box, part: Box) -> Floats:
    """A part of the window in the coarse mask, linear between the centres of its pixels."""
    rows = (np.arange(part.y, part.bottom) + 0.5) * coarse.shape[0] / window.height - 0.5
    columns = (np.arange(part.x, part.right) + 0.5) * coarse.shape[1] / window.width - 0.5
    return _between(_between(coarse, rows).T, columns).T


def _between(values: Floats, places: NDArray[np.float64]) -> Floats:
    first = np.floor(places).astype(np.intp)
    share = (places - first).astype(np.float32)[:, None]
    low, high = (np.clip(first + step, 0, values.shape[0] - 1) for step in (0, 1))
    between: Floats = values[low] * (1 - share) + values[high] * share
    return between


def _near_edge(rough: Floats, reach: int) -> Support:
    import cv2

    inside = (rough > 0.5).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, disc) > 0


def _guided(picture: Floats, rough: Floats, reach: int) -> Floats:
    """The mask as a locally linear function of the colours (guided filter, He, Sun and Tang 2013)."""
    import cv2

    def mean(values: Floats) -> Floats:
        size = (2 * reach + 1, 2 * reach + 1)
        return np.asarray(cv2.blur(values, size, borderType=cv2.BORDER_REFLECT), np.float32)

    colour, value = mean(picture), mean(rough)
    shift = mean(picture * rough[..., None]) - colour * value[..., None]
    products = mean((picture[..., :, None] * picture[..., None, :]).reshape(*rough.shape, 9)[..., [0, 1, 2, 4, 5, 8]])
    spread = products[..., [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(*rough.shape, 3, 3)
    spread = spread - colour[..., :, None] * colour[..., None, :] + REGULARITY * np.eye(3, dtype=np.float32)
    slope = np.linalg.solve(spread, shift[..., None])[..., 0].astype(np.float32)
    level = value - np.sum(slope * colour, axis=-1)
    result: Floats = np.sum(mean(slope) * picture, axis=-1) + mean(level)
    return result
