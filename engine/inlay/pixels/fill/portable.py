"""The fill in numpy alone, for where the kernel could not be built or loaded: slower, and coarser in what it sees.

PatchMatch (Barnes et al., SIGGRAPH 2009) with votes (Wexler et al., PAMI 2007) as in `synthesis`, but all targets take
a step at once, patches are 5 x 5 of colour without roughness, and pictures are matched at most `_WORKING_SIDE_PX` long:
the offsets that are found there are used at full size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.copying import nearest_known
from inlay.pixels.fill.membrane import membrane
from inlay.pixels.fill.proxy import Bools, Proxy, Tables, looked_up
from inlay.pixels.fill.synthesis import OnLevel
from inlay.pixels.fill.watch import Watch
from inlay.pixels.formats import Pixels

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]

_WORKING_SIDE_PX = 384
_COARSEST_SIDE_PX = 24
_RADIUS = 2
_ROUNDS = 4
_FALLOFF = 2.0  # how much less a patch is trusted a pixel deeper in the hole, as in `synthesis`
_LOCALITY = 0.3 * 25 * 3
_TOLERANCE = 0.06  # of white: larger differences at the border are edges, not tone
_CHUNK = 8192  # targets at a time: bounds memory, and how long a cancel waits


@dataclass
class _Level:
    """colours: (h, w, 4) float32. nearest: (h, w) source index of each target, cost with it. All flat indices."""

    colours: Floats
    known: Bools
    hole: Bools
    targets: Indices
    sources: Bools
    nearest: Indices
    cost: Floats
    trust: Floats


@dataclass(frozen=True)
class PortableFill:
    """Matching, copying map and correction without the kernel."""

    seed: int

    def look_up(self, watch: Watch, pixels: Pixels, known: Bools, tables: Tables) -> Proxy:
        """(H, W, 4) uint8, see `proxy.looked_up`."""
        return looked_up(pixels, known, tables)

    def origins(self, proxy: Proxy, known: Bools, hole: Bools, watch: Watch, on_level: OnLevel) -> NDArray[np.int32]:
        """(H, W) int32: where each hole pixel is copied from, -1 elsewhere."""
        stack = [(proxy.astype(np.float32), known, hole)]
        while max(stack[-1][1].shape) > _WORKING_SIDE_PX or min(stack[-1][1].shape) > 2 * _COARSEST_SIDE_PX:
            stack.append(_halved(*stack[-1]))
        generator = np.random.default_rng(self.seed)
        level: _Level | None = None
        halvings = 0
        for height in reversed(range(len(stack))):
            if level is not None and max(stack[height][1].shape) > _WORKING_SIDE_PX:
                break
            finer = _level(*stack[height])
            if not finer.sources.any():
                continue
            _start(finer, level)
            _improve(finer, generator, watch)
            level, halvings = finer, height
            on_level(4.0**-height, np.clip(level.colours, 0, 255).astype(np.uint8), height)
        nearby = nearest_known(known)
        if level is None:
            return np.where(hole, nearby, -1).astype(np.int32)
        return _at_full_size(level, halvings, known, hole, nearby)

    def corrections(self, known: Bools, watch: Watch, values: Floats, origin: NDArray[np.int32]) -> Floats:
        """(H, W, C) float32 to add to the copied values: a membrane through the differences at the border."""
        watch.check()
        height, width, channels = values.shape
        total = np.zeros_like(values)
        count = np.zeros(known.shape, np.float32)
        flat = values.reshape(-1, channels)
        for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            y, x = np.nonzero(origin >= 0)
            source_y, source_x = np.divmod(origin[y, x], width)
            inside = _within(y + dy, x + dx, height, width) & _within(source_y + dy, source_x + dx, height, width)
            y, x, source_y, source_x = y[inside], x[inside], source_y[inside], source_x[inside]
            both = known[y + dy, x + dx] & known[source_y + dy, source_x + dx]
            y, x, source = y[both], x[both], ((source_y + dy) * width + source_x + dx)[both]
            difference = values[y + dy, x + dx] - flat[source]
            fits = np.abs(difference).max(1) < _TOLERANCE
            total[y[fits], x[fits]] += difference[fits]
            count[y[fits], x[fits]] += 1
        if not count.any():
            return total
        return membrane(total / np.maximum(count, 1)[..., None], count > 0)


def _within(y: Indices, x: Indices, height: int, width: int) -> Bools:
    return (y >= 0) & (x >= 0) & (y < height) & (x < width)


def _halved(colours: Floats, known: Bools, hole: Bools) -> tuple[Floats, Bools, Bools]:
    """Half the size: the mean of what is known in each 2 x 2 cell."""
    height, width = known.shape
    pad = ((0, height % 2), (0, width % 2))

    def cells(array: NDArray[np.float32]) -> Floats:
        grown = np.pad(array, (*pad, *([(0, 0)] * (array.ndim - 2))))
        sums: Floats = grown.reshape(grown.shape[0] // 2, 2, grown.shape[1] // 2, 2, *grown.shape[2:]).sum((1, 3))
        return sums

    weight, lost = cells(known.astype(np.float32)), cells(hole.astype(np.float32))
    is_known: Bools = weight > lost
    is_hole: Bools = ~is_known & (lost > 0)
    mean = cells(colours * known[..., None]) / np.maximum(weight, 1)[..., None]
    return (mean * is_known[..., None]).astype(np.float32), is_known, is_hole


def _near(mask: Bools, reach: int, beyond: bool) -> Bools:
    """Whether anything within `reach` pixels is in the mask."""
    grown = np.pad(mask, reach, constant_values=beyond)
    windows = np.lib.stride_tricks.sliding_window_view(grown, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(windows.any((2, 3)), np.bool_)


def _level(colours: Floats, known: Bools, hole: Bools) -> _Level:
    near_hole = _near(hole, _RADIUS, False)
    depth, inside = np.zeros(hole.shape, np.float32), near_hole
    while inside.any() and depth.max() < 30:
        depth += inside
        inside = inside & ~_near(~inside, 1, False)
    sources = ~_near(~known, _RADIUS, True).ravel()
    return _Level(
        colours, known, hole, np.flatnonzero(near_hole & (known | hole)), sources, np.full(hole.size, -1, np.int64),
        np.full(hole.size, np.inf, np.float32), np.float32(_FALLOFF) ** -depth.ravel(),
    )  # fmt: skip


def _start(level: _Level, coarser: _Level | None) -> None:
    """Fill the hole's colours and matches from the coarser level, or from a membrane."""
    height, width = level.hole.shape
    if coarser is None:
        level.colours[level.hole] = membrane(level.colours, level.known)[level.hole]
        return
    y, x = np.nonzero(level.hole)
    level.colours[y, x] = coarser.colours[y // 2, x // 2]
    y, x = np.divmod(level.targets, width)
    above = coarser.nearest.reshape(coarser.hole.shape)[y // 2, x // 2]
    source_y, source_x = np.divmod(above, coarser.hole.shape[1])
    source_y, source_x = np.minimum(2 * source_y + y % 2, height - 1), np.minimum(2 * source_x + x % 2, width - 1)
    source = source_y * width + source_x
    good = (above >= 0) & level.sources[source]
    level.nearest[level.targets[good]] = source[good]


def _improve(level: _Level, generator: np.random.Generator, watch: Watch) -> None:
    if not len(level.targets):  # a hole of a few pixels is gone in the coarser levels
        return
    places = np.flatnonzero(level.sources)
    lost = level.targets[level.nearest[level.targets] < 0]
    level.nearest[lost] = generator.choice(places, len(lost))
    height, width = level.hole.shape
    for _ in range(_ROUNDS):
        level.cost[level.targets] = np.inf
        moves = [(0, 0), (0, -1), (-1, 0), (0, 1), (-1, -1), (1, 0)] * 2
        scales = [s for s in (256, 64, 16, 4, 1) if s < 2 * max(height, width)]
        for dy, dx in moves:
            for part in np.array_split(level.targets, -(-len(level.targets) // _CHUNK)):
                watch.check()
                y, x = np.divmod(part, width)
                from_y, from_x = np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)
                other = level.nearest[from_y * width + from_x]
                other = np.where(other < 0, level.nearest[part], other)
                _consider(level, part, other // width + y - from_y, other % width + x - from_x)
        for scale in scales:
            for part in np.array_split(level.targets, -(-len(level.targets) // _CHUNK)):
                watch.check()
                jump = generator.integers(-scale, scale + 1, (2, len(part)))
                _consider(level, part, level.nearest[part] // width + jump[0], level.nearest[part] % width + jump[1])
        _vote(level, watch)


def _consider(level: _Level, targets: Indices, source_y: Indices, source_x: Indices) -> None:
    """Take the proposed source for every target that it suits better."""
    height, width = level.hole.shape
    y, x = np.divmod(targets, width)
    source = np.clip(source_y, 0, height - 1) * width + np.clip(source_x, 0, width - 1)
    good = _within(source_y, source_x, height, width) & level.sources[source]
    targets, source, y, x = targets[good], source[good], y[good], x[good]
    colours, usable = level.colours.reshape(-1, 4), (level.known | level.hole)
    total, counted = np.zeros(len(targets), np.float32), np.zeros(len(targets), np.float32)
    for dy in range(-_RADIUS, _RADIUS + 1):
        for dx in range(-_RADIUS, _RADIUS + 1):
            at_y, at_x = np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)
            counts = _within(y + dy, x + dx, height, width) & usable[at_y, at_x]
            difference = colours[at_y * width + at_x] - colours[source + dy * width + dx]
            total += np.einsum("ij,ij->i", difference, difference) * counts
            counted += counts
    way = np.hypot(source // width - y, source % width - x)
    cost = total * ((2 * _RADIUS + 1) ** 2 / np.maximum(counted, 1)) + _LOCALITY * way
    better = cost < level.cost[targets]
    level.nearest[targets[better]] = source[better]
    level.cost[targets[better]] = cost[better]


def _vote(level: _Level, watch: Watch) -> None:
    """Each hole pixel becomes the trusted mean of what the patches over it say."""
    height, width = level.hole.shape
    holes = np.flatnonzero(level.hole)
    y, x = np.divmod(holes, width)
    colours = level.colours.reshape(-1, 4)
    scale = np.float32(np.mean(level.cost[level.targets]) + 1)
    total, weights = np.zeros((len(holes), 4), np.float32), np.full(len(holes), 1e-12, np.float32)
    for dy in range(-_RADIUS, _RADIUS + 1):
        watch.check()
        for dx in range(-_RADIUS, _RADIUS + 1):
            at = np.clip(y + dy, 0, height - 1) * width + np.clip(x + dx, 0, width - 1)
            votes = _within(y + dy, x + dx, height, width) & (level.nearest[at] >= 0)
            source = np.where(votes, level.nearest[at] - dy * width - dx, 0)
            weight = np.where(votes, level.trust[at] * np.exp(-level.cost[at] / scale), 0).astype(np.float32)
            total += colours[source] * weight[:, None]
            weights += weight
    level.colours.reshape(-1, 4)[holes] = total / weights[:, None]


def _at_full_size(
    level: _Level, halvings: int, known: Bools, hole: Bools, nearby: NDArray[np.int32]
) -> NDArray[np.int32]:
    """(H, W) int32 origins from the matches of a level that was halved so many times."""
    height, width = hole.shape
    y, x = np.nonzero(hole)
    size = 1 << halvings
    low_y, low_x = y >> halvings, x >> halvings
    match = level.nearest.reshape(level.hole.shape)[low_y, low_x]
    source_y = (match // level.hole.shape[1]) * size + y % size
    source_x = (match % level.hole.shape[1]) * size + x % size
    good = (match >= 0) & _within(source_y, source_x, height, width)
    index = np.where(good, source_y * width + source_x, 0)
    good &= known.ravel()[index]
    origin = np.full(hole.shape, -1, np.int32)
    origin[y, x] = np.where(good, index, nearby[y, x])
    return origin
