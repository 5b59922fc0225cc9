"""The edge of a selection at the picture's full size: worked on along the edge alone, tile by tile.

A coarse mask says where the edge is to within a pixel or two of its own size. In a band so wide the colours on both
sides decide (`matting`). Where the edge proves soft (hair, fur, glass, blur) what is found is kept as it is, and the
band is made wider where that goes on; where it is hard, what is found is drawn as a clean edge, one to two pixels wide.
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
MOST_SCALE = 4  # a coarser mask is refined on a reduced picture first
WIDENINGS = 2  # each doubles the band where the edge is soft
HARD_PX, SOFT_PX = 2.6, 4.6  # transitions as wide as the first are hard, as the second soft
EVEN, RAGGED = 1.4, 2.2  # times that alpha changes from 0 to 1 across the edge: once where it is even
THIN = 1.5  # a spline leaves 2/3 of a line of one pixel, and 4/9 of a pixel alone
ON = 0.04  # of the band's farther half: so much that is amiss there, and the band must be wider
LEVELS = 0.03  # less than this share, or more than all but this, is none, or all
FAR_LEVELS = 0.12  # more than that, two bands off the coarse edge


def refined(
    read: Read, size: tuple[int, int], coarse: Floats, window: Box, matte: Matte | None = None
) -> tuple[Mask, Box]:
    """The selection at full size, cut to its box, and that box on the picture; an empty one where nothing is.

    read: gives any window of the picture, (h, w, 3) float32 sRGB in [0, 1]. size: (width, height) of the picture.
    coarse: (h, w) float32 in [0, 1], the edge at 0.5, of whatever size; it shows `window` of the picture.
    matte: finds the soft edge's alpha in our stead.
    """
    scale = max(window.width / coarse.shape[1], window.height / coarse.shape[0])
    if scale > MOST_SCALE:
        coarse = _halfway(read, coarse, window, ceil(scale / MOST_SCALE))
    work = _Work(read, _smoothed(coarse), window.intersected(Box(0, 0, *size)), matte)
    full = np.zeros((window.height, window.width), np.uint8)
    for y in range(0, window.height, TILE_PX):
        for x in range(0, window.width, TILE_PX):
            tile = Box(x, y, TILE_PX, TILE_PX).intersected(Box(0, 0, window.width, window.height))
            full[tile.slices] = work.tile(tile)
    box = support_box(full)
    return np.ascontiguousarray(full[box.slices]), box.moved(window.x, window.y)


def _halfway(read: Read, coarse: Floats, window: Box, step: int) -> Floats:
    """The mask refined on the window reduced by `step`, so that the band at full size can be narrow."""
    import cv2

    width, height = ceil(window.width / step), ceil(window.height / step)

    def reduced(part: Box) -> Floats:
        left, right = (round(x * window.width / width) for x in (part.x, part.right))
        top, bottom = (round(y * window.height / height) for y in (part.y, part.bottom))
        seen = read(Box.from_edges(left, top, right, bottom).moved(window.x, window.y))
        return np.asarray(cv2.resize(seen, (part.width, part.height), interpolation=cv2.INTER_AREA), np.float32)

    mask, box = refined(reduced, (width, height), coarse, Box(0, 0, width, height))
    halfway = np.zeros((height, width), np.float32)
    halfway[box.slices] = mask.astype(np.float32) / 255
    return halfway


def _smoothed(coarse: Floats) -> Floats:
    """Steps between the coarse mask's pixels, rounded, so that they do not show when it is enlarged.

    What is only a pixel thin is made stronger, or it would be rounded away.
    """
    import cv2

    padded = np.pad(coarse.astype(np.float32), 4, mode="edge")
    smooth = np.asarray(cv2.GaussianBlur(padded, (0, 0), 0.8), np.float32)[4:-4, 4:-4]
    return np.where((coarse > 0.5) & (smooth <= 0.5), np.float32(THIN), smooth)


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
        return float(max(LEAST_BAND_PX, BAND * scale + 1))

    def tile(self, tile: Box) -> Mask:
        """The finished mask of a tile. What a band widened elsewhere could bring into it is looked at, too."""
        if self._is_far(tile.grown(ceil(self.band_px * 2**WIDENINGS) + 2)):
            return np.full((tile.height, tile.width), 255 * (self._coarse_at(tile) > 0.5), np.uint8)
        for halo_px in (6 * self.band_px, 3 * self.band_px * 2**WIDENINGS):
            halo = ceil(halo_px) + 4 * GUIDE_PX
            around = tile.grown(halo).intersected(Box(0, 0, self.window.width, self.window.height))
            picture = self.read(around.moved(self.window.x, self.window.y))
            edge, is_wider = self._edge(picture, _enlarged(self.coarse, self.window, around))
            if not is_wider:
                break
        return np.rint(255 * edge[tile.relative_to(around).slices]).astype(np.uint8)

    def _coarse_at(self, tile: Box) -> float:
        x = (tile.x + tile.width / 2) * self.coarse.shape[1] / self.window.width
        y = (tile.y + tile.height / 2) * self.coarse.shape[0] / self.window.height
        value: np.float32 = self.coarse[min(int(y), self.coarse.shape[0] - 1), min(int(x), self.coarse.shape[1] - 1)]
        return float(value)

    def _is_far(self, part: Box) -> bool:
        """Whether no edge goes through a part of the window."""
        down, across = self.coarse.shape[0] / self.window.height, self.coarse.shape[1] / self.window.width
        rows = slice(max(0, int(part.y * down) - 1), ceil(part.bottom * down) + 1)
        columns = slice(max(0, int(part.x * across) - 1), ceil(part.right * across) + 1)
        seen = self.coarse[rows, columns] > 0.5
        return bool(seen.all() or not seen.any())

    def _edge(self, picture: Floats, rough: Floats) -> tuple[Floats, bool]:
        """The alpha of a part, (H, W) in [0, 1], and whether the band had to be widened."""
        depth = _depth(rough > 0.5)
        prior = np.clip(0.5 + depth / 2, 0, 1).astype(np.float32)
        band = np.full(rough.shape, np.float32(self.band_px))
        for widening in range(WIDENINGS + 1):
            reach = self.band_px * 2**widening
            sides = _sides(depth, band)
            found, sure = alpha(picture, sides, prior, reach)
            softness = _softness(found, sure, sides.unknown, depth, reach)
            wider = (softness > 0.5) & _goes_on(found, sure, sides.unknown, depth, band)
            if widening == WIDENINGS or not wider.any():
                break
            band = np.where(_dilated(wider, reach) > 0, 2 * reach, band).astype(np.float32)
        if self.matte is not None and (softness[sides.unknown] > 0.5).any():
            trimap = np.where(sides.unknown, 0.5, sides.inside).astype(np.float32)
            found = np.where(sides.unknown, self.matte(picture, trimap), found)
        mixed = softness * found + (1 - softness) * _clean(found)
        levelled = _levelled(mixed, depth, self.band_px)
        return np.where(sides.unknown, levelled, sides.inside).astype(np.float32), bool(band.max() > self.band_px)


def _sides(depth: Floats, band: Floats) -> Sides:
    """What is known, and where colours come from: in what is thinner than the band, its middle."""
    inside, outside = depth >= band, -depth >= band
    widest = float(band.max())
    front, back = (side >= np.minimum(band, 0.6 * _dilated(side, widest)) for side in (depth, -depth))
    return Sides(inside, outside, front & (depth > 0), back & (depth < 0))


def _softness(found: Floats, sure: Floats, unknown: Support, depth: Floats, reach_px: float) -> Floats:
    """0 where the edge is hard, 1 where it is soft: along each stretch, by how wide the transition is, and how ragged.

    Ragged is an edge across which alpha goes up and down more than once: hairs.
    """
    import cv2

    size = 2 * ceil(2 * reach_px) + 1
    mixed = 6 * found * (1 - found)  # a ramp's sum is its width
    even = cv2.GaussianBlur(found, (0, 0), 0.7)  # noise is no hair
    across = np.abs(np.diff(even, axis=1, append=even[:, -1:]))
    down = np.abs(np.diff(even, axis=0, append=even[-1:]))
    believed = np.where(unknown, sure, 0)
    edge = (np.abs(depth) <= 1).astype(np.float32) / 2  # its sum is the edge's length
    sums = np.dstack([mixed * believed, np.hypot(across, down) * believed, edge]).astype(np.float32)
    width, changes, length = np.moveaxis(cv2.GaussianBlur(sums, (size, size), reach_px), 2, 0)
    is_near = length > 0.04 / reach_px  # two deviations off, a Gaussian's tails would be divided by each other
    there = np.where(is_near, length, 1)
    wide = (width / there - HARD_PX) / (SOFT_PX - HARD_PX)
    ragged = (changes / there - EVEN) / (RAGGED - EVEN)
    return np.where(is_near, np.clip(np.maximum(wide, ragged), 0, 1), 0).astype(np.float32)


def _goes_on(found: Floats, sure: Floats, unknown: Support, depth: Floats, band: Floats) -> Support:
    """Where the outer half of the band holds much of the thing, or the inner half much that is not."""
    import cv2

    far = unknown & (np.abs(depth) > band / 2)
    wrong = far & (sure > 0.3) & (np.where(depth < 0, found, 1 - found) > 0.25)
    size = 2 * ceil(float(band.max())) + 1
    both = cv2.blur(np.dstack([wrong, far]).astype(np.float32), (size, size))
    goes_on: Support = both[..., 0] > ON * np.maximum(both[..., 1], 1e-3)
    return goes_on


def _levelled(mixed: Floats, depth: Floats, band_px: float) -> Floats:
    """Without haze: the farther from the coarse edge, the more there must be of something to count."""
    least = LEVELS + FAR_LEVELS * np.clip(np.abs(depth) / band_px - 1, 0, 1)
    low, high = np.where(depth < 0, least, LEVELS), np.where(depth < 0, LEVELS, least)
    return np.asarray(np.clip((mixed - low) / (1 - low - high), 0, 1), np.float32)


def _clean(found: Floats) -> Floats:
    """The same edge, one to two pixels wide: distance from the line at 0.5, by the slope there. Threads are kept."""
    import cv2

    smooth = cv2.GaussianBlur(found, (0, 0), 1.0)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125)
    steepness = np.maximum(np.hypot(across, down), 0.02)
    even = np.clip(0.5 + (smooth - 0.5) / steepness / 1.5, 0, 1)
    return np.where((found > 0.5) & (smooth <= 0.5), found, even).astype(np.float32)


def _depth(inside: Support) -> Floats:
    """Distance from the edge in pixels: positive inside, negative outside; the picture's border is no edge."""
    import cv2

    if inside.all() or not inside.any():
        return np.full(inside.shape, np.inf if inside.all() else -np.inf, np.float32)
    within, without = (cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, 5) for side in (inside, ~inside))
    return np.where(inside, within - 0.5, 0.5 - without).astype(np.float32)


def _dilated(values: Floats | Support, radius_px: float) -> Floats:
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
    between = np.zeros((len(places), values.shape[1]), np.float32)
    for step, weight in zip((-1, 0, 1, 2), weights, strict=True):
        between += values[np.clip(first + step, 0, values.shape[0] - 1)] * (weight[:, None] / 6)
    return between
