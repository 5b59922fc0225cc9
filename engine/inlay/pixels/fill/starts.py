"""Several ways to begin a fill on its small levels, and which of them goes on.

Votes drift towards calm sources, because those are near to everything; lifting the voted roughness to that of the
surroundings mends it where it is so, and invents clutter where it is not. So both are tried while a level costs little,
and each is judged by what its patches are copied from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inlay.pixels.fill.kernel import CHANNELS, HOLE, KNOWN, RADIUS, Bytes, Floats, Indices, Kernel
from inlay.pixels.fill.level import Level
from inlay.pixels.fill.membrane import membrane

ROUGHNESS = slice(4, 6)  # of a pixel's features: along x and y, as logarithms

_FAR_PX = 4  # from the hole: what is nearer may be the fringe of what was taken out
_RING_PX = 14  # from the hole: what is farther is not its surroundings
_MOST_PATCHES = 8000
_ITERATIONS = 8  # of PatchMatch, to see how far the surroundings' own patches lie apart
_FEWEST_SOURCES, _FEWEST_PATCHES = 200, 16  # with fewer nothing can be said
_USUAL = 0.3  # of the surroundings' distance: nearer than this no patch looks foreign
_DISTANCE_WEIGHT = 0.6
_DETAIL_WEIGHT = 0.4  # a doubling or halving of detail counts as this
_DETAIL_SLACK = 0.15  # of a doubling
_DOUBT = 0.03  # between two faults: less is not clear
_ALIKE = 0.1  # of a doubling: with less between them, two starts are as good as one


def surrounding_roughness(kernel: Kernel, features: Bytes, state: Bytes) -> Floats:
    """(2,) how rough the hole would be on average if it went smoothly from border to border."""
    known = state == KNOWN
    far = known & ~kernel.spread(state == HOLE, _FAR_PX)
    expected: Floats = membrane(features[..., ROUGHNESS], far if far.any() else known)[state == HOLE].mean(0)
    return expected


def lift(level: Level, gain: float) -> None:
    """Raise the voted roughness towards what is expected, by `gain` of what is missing, most where it is rough."""
    assert level.expected_roughness is not None
    flat = level.features.reshape(-1, CHANNELS)
    voted = flat[level.holes, ROUGHNESS].astype(np.float32)
    mean = voted.mean(0)
    voted *= 1 + gain * np.maximum(level.expected_roughness - mean, 0) / np.maximum(mean, 1)
    flat[level.holes, ROUGHNESS] = np.minimum(voted + 0.5, 255).astype(np.uint8)


@dataclass(frozen=True)
class Surroundings:
    """What a ring around the hole is like."""

    distance: float  # in levels, of a patch to the nearest one outside the ring
    detail: Floats  # (2,) see `_detail`
    roughness_weight: float  # what a doubling of roughness counts as in the features

    def verdict(self, level: Level) -> Verdict:
        """How much the level's matches differ from the ring."""
        sources = level.nearest.reshape(-1)[level.holes]
        sources = sources[sources >= 0]
        distance = _distance(level.cost, level.holes)
        detail = _detail(level.features.reshape(-1, CHANNELS)[sources], self.roughness_weight)
        foreign = (distance + 1) / (self.distance + 1) - _USUAL
        wrong_detail = np.abs(detail - self.detail).min() - _DETAIL_SLACK
        return Verdict(float(_DISTANCE_WEIGHT * max(0.0, foreign) + _DETAIL_WEIGHT * max(0.0, wrong_detail)), detail)


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a start."""

    fault: float  # 0 is perfect
    detail: Floats  # (2,) see `_detail`

    def is_better_than(self, other: Verdict) -> bool:
        return self.fault < other.fault

    def is_clear_beside(self, other: Verdict) -> bool:
        """Whether a finer level could not tell more of the two."""
        is_alike = np.abs(self.detail - other.detail).max() < _ALIKE
        return bool(is_alike) or abs(self.fault - other.fault) >= _DOUBT


def surroundings(kernel: Kernel, level: Level, weight: float) -> Surroundings | None:
    """The ring around the level's hole, or None where there is too little of it, or too little beside it."""
    is_hole = level.state == HOLE
    near = kernel.spread(is_hole, _FAR_PX)
    ring = kernel.spread(is_hole, _RING_PX) & (level.state == KNOWN) & ~near
    sources = level.sources & ~kernel.spread(ring, RADIUS)
    patches = np.flatnonzero(ring).astype(np.int32)
    if len(patches) < _FEWEST_PATCHES or np.count_nonzero(sources) < _FEWEST_SOURCES:
        return None
    patches = np.ascontiguousarray(patches[:: -(-len(patches) // _MOST_PATCHES)])
    nearest, cost = np.full(level.state.shape, -1, np.int32), np.zeros(level.state.shape, np.int32)
    kernel.match(
        level.features, level.state, level.whole, sources, patches, nearest, cost,
        _ITERATIONS, max(level.state.shape), 0.0, 0,
    )  # fmt: skip
    return Surroundings(_distance(cost, patches), _detail(level.features[ring], weight), weight)


def _distance(cost: Indices, patches: Indices) -> float:
    """Mean difference per value of the patches to their matches, in levels."""
    side = 2 * RADIUS + 1
    return float(np.sqrt(cost.reshape(-1)[patches] / (side * side * CHANNELS)).mean())


def _detail(pixels: Bytes, weight: float) -> Floats:
    """(2,) how rough these pixels are, in doublings: by the mean step between neighbours, and by the typical one.

    pixels: (N, CHANNELS). A few sharp things in a calm place move the first alone, and much calm beside much roughness
    the second: only where both differ is one place calmer than the other.
    """
    doublings = pixels[:, ROUGHNESS] / np.float32(weight)
    return np.array([np.log2(np.exp2(doublings).mean() - 0.5), doublings.mean()], np.float32)
