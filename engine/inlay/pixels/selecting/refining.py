"""The edge of a selection at the picture's full size: worked on along the edge alone, tile by tile.

A coarse mask says where the edge is to within a pixel or two of its own size. In a band so wide the colours on both
sides decide (`matting`). Where the edge proves soft (hair, fur, glass, blur) the band is made wider, and what is found is
kept as it is; where it is hard, what is found is drawn as a clean edge, one to two pixels wide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.geometry import Box
from inlay.pixels.masks import Mask, Support, support_box
from inlay.pixels.selecting.matting import GUIDE_PX, Sides, alpha
from inlay.pixels.smooth import Floats

Read = Callable[[Box], Floats]  # any window of the full picture: (h, w, 3) float32 sRGB in [0, 1]
Matte = Callable[[Floats, Floats], Floats]  # picture, trimap (0, 0.5, 1) -> alpha (h, w) in [0, 1]
TILE_PX = 256
BAND = 1.5  # of a coarse pixel, on each side of the edge: so far off the coarse mask may be
LEAST_BAND_PX = 2.0
WIDENINGS = 2  # each doubles the band where the edge is soft
HARD_PX, SOFT_PX = 3.0, 6.0  # transitions as wide as the first are hard, as the second soft
LEVELS = 0.03  # less than this share, or more than all but this, is none, or all


def refined(
    read: Read, size: tuple[int, int], coarse: Floats, window: Box, matte: Matte | None = None
) -> tuple[Mask, Box]:
    """The selection at full size, cut to its box, and that box on the picture; an empty one where nothing is.

    read: gives any window of the picture, (h, w, 3) float32 sRGB in [0, 1]. size: (width, height) of the picture.
    coarse: (h, w) float32 in [0, 1], the edge at 0.5, of whatever size; it shows `window` of the picture.
    matte: finds the soft edge's alpha in our stead.
    """
    work = _Work(read, _smoothed(coarse), window.intersected(Box(0, 0, *size)), matte)
    full = np.zeros((window.height, window.width), np.uint8)
    for y in range(0, window.height, TILE_PX):
        for x in range(0, window.width, TILE_PX):
            tile = Box(x, y, TILE_PX, TILE_PX).intersected(Box(0, 0, window.width, window.height))
            full[tile.slices] = work.tile(tile)
    box = support_box(full)
    return np.ascontiguousarray(full[box.slices]), box.moved(window.x, window.y)


def _smoothed(coarse: Floats) -> Floats:
    """Steps between the coarse mask's pixels, rounded, so that they do not show when it is enlarged."""
    import cv2

    padded = np.pad(coarse.astype(np.float32), 4, mode="edge")
    return np.asarray(cv2.GaussianBlur(padded, (0, 0), 0.8), np.float32)[4:-4, 4:-4]


@dataclass(frozen=True, eq=False)
class _Work:
    """One selection under way. Boxes are in the window's pixels."""

    read: Read
    coarse: Floats
    window: Box
    matte: Matte | None

    @property
    def band_px(self) -> float:
        """How far off the coarse edge may be, in pixels of the picture."""
        scale = max(self.window.width / self.coarse.shape[1], self.window.height / self.coarse.shape[0])
        return max(LEAST_BAND_PX, BAND * scale + 1)

    def tile(self, tile: Box) -> Mask:
        """The finished mask of a tile."""
        widest = self.band_px * 2**WIDENINGS
        halo = ceil(3 * widest) + 4 * GUIDE_PX
        around = tile.grown(halo).intersected(Box(0, 0, self.window.width, self.window.height))
        inner = tile.relative_to(around).slices
        if self._is_far(tile.grown(ceil(widest) + 2)):
            return np.full((tile.height, tile.width), 255 * (self._coarse_at(tile) > 0.5), np.uint8)
        rough = _enlarged(self.coarse, self.window, around)
        picture = self.read(around.moved(self.window.x, self.window.y))
        return np.rint(255 * self._edge(picture, rough)[inner]).astype(np.uint8)

    def _coarse_at(self, tile: Box) -> float:
        x = (tile.x + tile.width / 2) * self.coarse.shape[1] / self.window.width
        y = (tile.y + tile.height / 2) * self.coarse.shape[0] / self.window.height
        return float(self.coarse[min(int(y), self.coarse.shape[0] - 1), min(int(x), self.coarse.shape[1] - 1)])

    def _is_far(self, part: Box) -> bool:
        """Whether no edge goes through a part of the window."""
        down, across = self.coarse.shape[0] / self.window.height, self.coarse.shape[1] / self.window.width
        rows = slice(max(0, int(part.y * down) - 1), ceil(part.bottom * down) + 1)
        columns = slice(max(0, int(part.x * across) - 1), ceil(part.right * across) + 1)
        seen = self.coarse[rows, columns] > 0.5
        return bool(seen.all() or not seen.any())

    def _edge(self, picture: Floats, rough: Floats) -> Floats:
        """The alpha of a part, (H, W) in [0, 1]."""
        depth = _depth(rough > 0.5)
        prior = np.clip(0.5 + depth / 2, 0, 1).astype(np.float32)
        band = np.full(rough.shape, self.band_px, np.float32)
        for widening in range(WIDENINGS + 1):
            sides = _sides(depth, band)
            found, sure = alpha(picture, sides, prior, float(band.max()))
            softness = _softness(found, sure, sides.unknown, depth, self.band_px * 2**widening)
            if widening == WIDENINGS or softness.max() <= 0:
                break
            wider = _dilated(np.where(sides.unknown, softness, 0), self.band_px * 2**widening) > 0.5
            if not wider.any():
                break
            band = np.where(wider, self.band_px * 2 ** (widening + 1), band).astype(np.float32)
        if self.matte is not None and softness.max() > 0:
            trimap = np.where(sides.unknown, 0.5, sides.inside).astype(np.float32)
            found = np.where(sides.unknown, self.matte(picture, trimap), found)
        mixed = softness * found + (1 - softness) * _clean(found)
        levelled = np.clip((mixed - LEVELS) / (1 - 2 * LEVELS), 0, 1)
        return np.where(sides.unknown, levelled, sides.inside).astype(np.float32)


def _sides(depth: Floats, band: Floats) -> Sides:
    """What is known, and where colours come from: in what is thinner than the band, its middle."""
    inside, outside = depth >= band, -depth >= band
    widest = float(band.max())
    front, back = (side >= np.minimum(band, 0.6 * _dilated(side, widest)) for side in (depth, -depth))
    return Sides(inside, outside, front & (depth > 0), back & (depth < 0))


def _softness(found: Floats, sure: Floats, unknown: Support, depth: Floats, reach_px: float) -> Floats:
    """0 where the edge is hard, 1 where it is soft: by how wide the transition is along each stretch."""
    import cv2

    size = 2 * ceil(2 * reach_px) + 1
    mixed = np.where(unknown, 6 * found * (1 - found) * sure, 0).astype(np.float32)  # a ramp's sum is its width
    edge = (np.abs(depth) <= 1).astype(np.float32) / 2  # the edge is so long
    both = cv2.GaussianBlur(np.dstack([mixed, edge]), (size, size), reach_px)
    width = both[..., 0] / np.maximum(both[..., 1], 1e-6)
    share = np.clip((width - HARD_PX) / (SOFT_PX - HARD_PX), 0, 1)
    return np.where(both[..., 1] > 1e-6, share, 0).astype(np.float32)


def _clean(found: Floats) -> Floats:
    """The same edge, one to two pixels wide: distance from the line at 0.5, by the slope there."""
    import cv2

    smooth = cv2.GaussianBlur(found, (0, 0), 1.0)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125)
    steepness = np.maximum(np.hypot(across, down), 0.02)
    return np.clip(0.5 + (smooth - 0.5) / steepness / 1.5, 0, 1).astype(np.float32)


def _depth(inside: Support) -> Floats:
    """Distance from the edge in pixels: positive inside, negative outside; the picture's border is no edge."""
    import cv2

    if inside.all() or not inside.any():
        return np.full(inside.shape, np.inf if inside.all() else -np.inf, np.float32)
    within, without = (cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, 5) for side in (inside, ~inside))
    return np.where(inside, within - 0.5, 0.5 - without).astype(np.float32)


def _dilated(values: Floats, radius_px: float) -> Floats:
    import cv2

    size = 2 * ceil(radius_px) + 1
    return np.asarray(cv2.dilate(np.asarray(values, np.float32), np.ones((size, size), np.uint8)), np.float32)


def _enlarged(coarse: Floats, window: Box, part: Box) -> Floats:
    """A part of the window in the coarse mask, by cubic B-splines on the centres of pixels: no ripples, no steps."""
    rows = (np.arange(part.y, part.bottom) + 0.5) * coarse.shape[0] / window.height - 0.5
    columns = (np.arange(part.x, part.right) + 0.5) * coarse.shape[1] / window.width - 0.5
    return _between(_between(coarse, rows).T, columns).T


def _between(values: Floats, places: NDArray[np.float64]) -> Floats:
    first = np.floor(places).astype(np.intp)
    t = (places - first).astype(np.float32)
    weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    taps = (np.clip(first + step, 0, values.shape[0] - 1) for step in (-1, 0, 1, 2))
    between: Floats = sum(values[tap] * weight[:, None] / 6 for tap, weight in zip(taps, weights, strict=True))
    return between
