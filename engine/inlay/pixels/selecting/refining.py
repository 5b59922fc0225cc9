"""The edge of a selection at the picture's full size: worked on along the edge alone, tile by tile.

A coarse mask says where the edge is to within a pixel or two of its own size. In a band so wide the colours on both
sides decide (`matting`). Where the edge proves soft (hair, fur, glass, blur) what is found is kept as it is, and the
band is made wider where that goes on; where it is hard, what is found is drawn as a clean edge, one to two pixels wide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
TILE_PX = 192  # a multiple of CELL_PX
CELL_PX = 8
CLEAN_PX = 6  # so far a clean edge looks
SUMS = ("width", "length", "wrong", "far")  # of the edge in a cell
SPECKLED = 0.1  # of a tile's coarse pixels differ from the next: no thing has so much edge
MOST_WIDE = 120  # tiles: where more than these would need a wider band, the narrow one must do
BAND = 1.5  # of a coarse pixel, on each side of the edge: so far off the coarse mask may be
LEAST_BAND_PX = 2.0
MOST_SCALE = 4  # a coarser mask is refined on a reduced picture first
WIDER = 2  # times the band, where the edge is soft and goes on; four times finds other things more often than hairs
WIDE_PX = 2.8, 4.0  # a transition as wide as the first is not soft for that alone, as the second it is
BLUNT_PX = 1.4, 1.8  # as the first it is sharp, whatever else; as the second soft, if it goes on
SOME, NEARLY_ALL = 0.25, 0.8  # of a pixel is amiss
ON = 0.07, 0.14  # of the band's farther half: so much that is amiss there, and the edge goes on
STRETCH = 1.5  # cells of CELL_PX: what is decided together along the edge
THIN = 1.5  # a spline leaves 2/3 of a line of one pixel, and 4/9 of a pixel alone
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
    full = _Work.begun(read, _smoothed(coarse), window.intersected(Box(0, 0, *size)), matte).mask()
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
    """One selection under way. Boxes are in the window's pixels.

    What is decided along the edge is decided in cells of CELL_PX pixels, for the whole window at once: no tile can
    come to another conclusion than the one beside it.
    """

    read: Read
    coarse: Floats
    window: Box
    matte: Matte | None
    found: Mask  # (H, W): alpha as the colours have it
    sums: Floats  # (rows, columns, len(SUMS)) of cells
    band: Floats  # (rows, columns): how far off the edge may be, in pixels

    @classmethod
    def begun(cls, read: Read, coarse: Floats, window: Box, matte: Matte | None) -> _Work:
        cells = -(-window.height // CELL_PX), -(-window.width // CELL_PX)
        scale = max(window.width / coarse.shape[1], window.height / coarse.shape[0])
        band = np.full(cells, max(LEAST_BAND_PX, BAND * scale + 1), np.float32)
        found = np.zeros((window.height, window.width), np.uint8)
        return cls(read, coarse, window, matte, found, np.zeros((*cells, len(SUMS)), np.float32), band)

    def mask(self) -> Mask:
        """The finished mask of the window."""
        band_px = float(self.band[0, 0])
        along = [tile for tile in self._tiles() if self._lies_along(tile, band_px)]
        for tile in along:
            self._solve(tile, band_px)
        soft, goes_on = _softness(self.sums)
        wide_px = WIDER * band_px
        is_wide = _dilated(goes_on, wide_px / CELL_PX) > 0
        wide = [tile for tile in self._tiles() if is_wide[_cells(tile)].any()]
        if len(wide) <= MOST_WIDE:
            self.band[is_wide], soft[is_wide] = wide_px, 1
            for tile in wide:
                self._solve(tile, wide_px)
            along = list(dict.fromkeys(along + wide))
        full = self.found.copy()
        for tile in along:
            full[tile.slices] = self._finished(tile, soft, band_px)
        return full

    def _tiles(self) -> Iterator[Box]:
        whole = Box(0, 0, self.window.width, self.window.height)
        for y in range(0, whole.height, TILE_PX):
            for x in range(0, whole.width, TILE_PX):
                yield Box(x, y, TILE_PX, TILE_PX).intersected(whole)

    def _lies_along(self, tile: Box, band_px: float) -> bool:
        """Whether the edge goes through the tile and is to be worked on; if not, the tile is filled as it is to be."""
        seen = self._coarse(tile.grown(ceil(band_px) + 2)) > 0.5
        if seen.all() or not seen.any():
            self.found[tile.slices] = 255 * seen.flat[0]
            return False
        if _is_speckled(seen):
            rough = _enlarged(self.coarse, self.window, tile)
            self.found[tile.slices] = np.rint(255 * np.clip(rough, 0, 1))
            return False
        return True

    def _coarse(self, part: Box) -> Floats:
        """The coarse mask's pixels that show a part of the window."""
        down, across = self.coarse.shape[0] / self.window.height, self.coarse.shape[1] / self.window.width
        rows = slice(max(0, int(part.y * down) - 1), ceil(part.bottom * down) + 1)
        columns = slice(max(0, int(part.x * across) - 1), ceil(part.right * across) + 1)
        return self.coarse[rows, columns]

    def _depth(self, part: Box) -> Floats:
        """How deep a part of the window lies inside the coarse edge, in pixels; negative outside."""
        return _depth(_enlarged(self.coarse, self.window, part) > 0.5)

    def _solve(self, tile: Box, reach_px: float) -> None:
        """Write what a tile's colours say into `found`, and what it adds up to into `sums`, where the band is so wide.

        Beside that what was found before is left alone, whichever tile it lies in.
        """
        whole = Box(0, 0, self.window.width, self.window.height)
        halo = ceil(3 * reach_px) + 2
        around = tile.grown(halo + ceil(reach_px) + 3 * GUIDE_PX).intersected(whole)
        depth, band = self._depth(around), _spread_out(self.band, around)
        sides, is_wide = _sides(depth, band, reach_px), band > 0.75 * reach_px
        before = self.found[around.slices] / np.float32(255)
        room = tile.grown(3 * GUIDE_PX).intersected(whole).relative_to(around)
        wanted = np.zeros_like(is_wide)
        wanted[room.slices] = (sides.unknown & is_wide)[room.slices]
        found, sure = np.where(is_wide, sides.inside, before).astype(np.float32), np.zeros(depth.shape, np.float32)
        if wanted.any():
            near = support_box(wanted).grown(halo).intersected(Box(0, 0, around.width, around.height))
            part = near.slices
            prior = np.where(is_wide, np.clip(0.5 + depth / 2, 0, 1), before)[part].astype(np.float32)
            picture = self.read(near.moved(around.x + self.window.x, around.y + self.window.y))
            found[part], sure[part] = alpha(picture, sides.cut(near), wanted[part], prior, reach_px)
        inner = tile.relative_to(around).slices
        self.found[tile.slices] = np.where(is_wide, np.rint(255 * found), 255 * before)[inner]
        cells = _cells(tile)
        sums = _in_cells(_measured(*(each[inner] for each in (found, sure * wanted, depth, band))))
        self.sums[cells] = np.where((self.band[cells] >= reach_px)[..., None], sums, self.sums[cells])

    def _finished(self, tile: Box, soft: Floats, band_px: float) -> Mask:
        """The tile's edge as it is to be: as found where it is soft, and drawn clean where it is hard."""
        whole = Box(0, 0, self.window.width, self.window.height)
        around = tile.grown(CLEAN_PX).intersected(whole)
        seen = self.found[around.slices].astype(np.float32) / np.float32(255)
        inner = tile.relative_to(around).slices
        edge = _clean(seen)[inner]
        if soft[_cells(tile.grown(CELL_PX).intersected(whole))].any():
            softness = _spread_out(soft, tile)
            found, unknown, depth = self._soft(tile, seen[inner], bool((softness > 0.5).any()))
            mixed = _levelled(softness * found + (1 - softness) * edge, depth, band_px)
            edge = np.where(unknown, mixed, depth > 0)
        return np.rint(255 * edge).astype(np.uint8)

    def _soft(self, tile: Box, found: Floats, is_soft: bool) -> tuple[Floats, Support, Floats]:
        """A tile's alpha, by the matter if there is one, what is unknown in it, and its depth."""
        around = tile.grown(ceil(2 * float(self.band[_cells(tile)].max())) + CELL_PX)
        around = around.intersected(Box(0, 0, self.window.width, self.window.height))
        depth, band = self._depth(around), _spread_out(self.band, around)
        unknown = np.abs(depth) < band
        inner = tile.relative_to(around).slices
        if self.matte is not None and is_soft:
            trimap = np.where(unknown, 0.5, depth > 0).astype(np.float32)
            found = self.matte(self.read(around.moved(self.window.x, self.window.y)), trimap)[inner]
        return found, unknown[inner], depth[inner]


def _is_speckled(inside: Support) -> bool:
    """Whether there is more edge than a thing has: no picture says more about it."""
    changes = (inside[1:] != inside[:-1]).sum() + (inside[:, 1:] != inside[:, :-1]).sum()
    return bool(changes > SPECKLED * inside.size and min(inside.shape) > 16)


def _cells(part: Box) -> tuple[slice, slice]:
    """The cells that hold a part of the window."""
    return (
        slice(part.y // CELL_PX, -(-part.bottom // CELL_PX)),
        slice(part.x // CELL_PX, -(-part.right // CELL_PX)),
    )


def _in_cells(layers: list[Floats]) -> Floats:
    """The sums in each cell, (rows, columns, C), of C layers (H, W) that begin where a cell begins."""
    height, width = layers[0].shape
    rows, columns = (np.arange(0, length, CELL_PX) for length in (height, width))
    return np.stack([np.add.reduceat(np.add.reduceat(each, columns, 1), rows, 0) for each in layers], axis=-1)


def _spread_out(cells: Floats, part: Box) -> Floats:
    """What the cells have, for each pixel of a part of the window, linear between their middles."""
    import cv2

    rows, columns = (np.arange(of.start - 1, of.stop + 1) for of in _cells(part))
    taken = cells[np.clip(rows, 0, cells.shape[0] - 1)][:, np.clip(columns, 0, cells.shape[1] - 1)]
    if float(taken.min()) == float(taken.max()):
        return np.full((part.height, part.width), taken.flat[0], np.float32)
    size = CELL_PX * len(columns), CELL_PX * len(rows)
    wide = cv2.resize(taken, size, interpolation=cv2.INTER_LINEAR)
    inner = part.moved(-CELL_PX * int(columns[0]), -CELL_PX * int(rows[0]))
    return np.asarray(wide[inner.slices], np.float32)


def _sides(depth: Floats, band: Floats, reach_px: float) -> Sides:
    """What is known, and where colours come from: in what is thinner than the band, its middle."""
    inside, outside = depth >= band, -depth >= band
    front, back = (side >= np.minimum(band, 0.6 * _dilated(side, reach_px)) for side in (depth, -depth))
    return Sides(inside, outside, front & (depth > 0), back & (depth < 0))


def _measured(found: Floats, believed: Floats, depth: Floats, band: Floats) -> list[Floats]:
    """(H, W) each: of each pixel what SUMS names.

    Hairs, glass and blur are mixed with what is behind them. What is wholly amiss is another thing of the same colour,
    or a coarse edge that lies elsewhere: it speaks against softness.
    """
    edge = (np.abs(depth) <= 1).astype(np.float32) / 2
    far = (believed > 0) & (np.abs(depth) > band / 2)
    amiss = np.where(depth < 0, found, 1 - found)
    some = far & (believed > 0.3) & (amiss > SOME)
    wrong = np.where(amiss < NEARLY_ALL, some, -some.astype(np.float32)).astype(np.float32)
    return [6 * found * (1 - found) * believed, edge, wrong, far.astype(np.float32)]


def _softness(sums: Floats) -> tuple[Floats, Support]:
    """For each cell 0 where the edge is hard, 1 where it is soft, and whether the band must be wider there.

    An edge is soft if its transition is wide, or if it is not sharp and what is mixed there goes on in the outer half
    of the band, as hairs do. A hard edge that lies elsewhere than the coarse one goes on, too, but is sharp.
    """
    import cv2

    width, length, wrong, far = np.moveaxis(cv2.GaussianBlur(sums, (0, 0), STRETCH), 2, 0)
    is_near = length > 0.02 * CELL_PX  # far off, a Gaussian's tails would be divided by each other
    across = width / np.where(is_near, length, 1)
    amiss = wrong / np.maximum(far, 1e-3)
    wide, blunt, on = (
        np.clip((value - low) / (high - low), 0, 1)
        for value, (low, high) in ((across, WIDE_PX), (across, BLUNT_PX), (amiss, ON))
    )
    soft = np.where(is_near, np.maximum(wide, blunt * on), 0).astype(np.float32)
    return soft, (soft > 0.5) & (amiss > ON[0])


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
    columns = _Taps.at(part.x, part.right, coarse.shape[1] / window.width, coarse.shape[1])
    rows = _Taps.at(part.y, part.bottom, coarse.shape[0] / window.height, coarse.shape[0])
    near = coarse[rows.near][:, columns.near]
    return columns.taken(rows.taken(near).T).T


@dataclass(frozen=True, eq=False)
class _Taps:
    """Which four of the coarse pixels each place along one side lies among, and how much of each it takes."""

    near: slice  # of the coarse mask: all that any place takes from
    first: NDArray[np.intp]  # (N,), one before the place's own, counted from `near`
    weights: tuple[Floats, ...]  # (N,) each

    @classmethod
    def at(cls, start: int, stop: int, scale: float, count: int) -> _Taps:
        places = (np.arange(start, stop) + 0.5) * scale - 0.5
        own = np.floor(places).astype(np.intp)
        t = (places - own).astype(np.float32)
        near = slice(max(0, int(own[0]) - 1), min(count, int(own[-1]) + 3))
        splines = (1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3
        return cls(near, own - 1 - near.start, tuple(spline / 6 for spline in splines))

    def taken(self, values: Floats) -> Floats:
        """The rows (N, W) of the values that `near` has."""
        between = np.zeros((len(self.first), values.shape[1]), np.float32)
        for step, weight in enumerate(self.weights):
            between += values[np.clip(self.first + step, 0, len(values) - 1)] * weight[:, None]
        return between
