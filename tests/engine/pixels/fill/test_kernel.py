"""What the compiled kernel promises function by function, where a whole fill would hide a break."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from inlay.pixels.fill import kernel
from inlay.pixels.fill.kernel import CHANNELS, HOLE, KNOWN, RADIUS, VOID, Bytes, Indices, Kernel
from inlay.pixels.fill.level import Level, make_level
from inlay.pixels.fill.watch import Watch

SIDE = 40


@pytest.fixture
def crew() -> Kernel:
    library = kernel.load()
    if library is None:
        pytest.skip("the kernel is not built: python setup.py build_ext --inplace")
    return Kernel(library, 1, Watch(wants_previews=False))


@pytest.fixture
def level(crew: Kernel) -> Level:
    """Noise; a hole that touches an edge, wide enough for whole vectors of pixels, and one with nothing beside it."""
    features = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, CHANNELS)).astype(np.uint8)
    state = np.full((SIDE, SIDE), KNOWN, np.uint8)
    state[:14, 8:31] = HOLE
    state[30:33, 20:22] = HOLE
    state[33:, 15:20] = VOID
    return make_level(crew, features, state, 1.5)


def window(level: Level, place: int) -> tuple[slice, slice]:
    """The part of the patch around a pixel that lies inside."""
    y, x = divmod(place, SIDE)
    return slice(max(0, y - RADIUS), y + RADIUS + 1), slice(max(0, x - RADIUS), x + RADIUS + 1)


def patch_distance(level: Level, target: int, source: int) -> int:
    """By definition: squared differences over the target's pixels that count, scaled up to a whole patch."""
    total, counted = 0, 0
    (y, x), (v, u) = divmod(target, SIDE), divmod(source, SIDE)
    for dy in range(-RADIUS, RADIUS + 1):
        for dx in range(-RADIUS, RADIUS + 1):
            if 0 <= y + dy < SIDE and 0 <= x + dx < SIDE and level.state[y + dy, x + dx] != VOID:
                step = level.features[y + dy, x + dx].astype(int) - level.features[v + dy, u + dx]
                total, counted = total + int(step @ step), counted + 1
    return total * (2 * RADIUS + 1) ** 2 // counted


@pytest.mark.parametrize("iterations", [1, 2])
def test_a_match_costs_what_its_patches_differ_by(crew: Kernel, level: Level, iterations: int) -> None:
    crew.match(
        level.features, level.state, level.whole, level.sources, level.targets, level.nearest, level.cost,
        iterations, SIDE, 0.0, 7,
    )  # fmt: skip
    matched = [target for target in level.targets if level.nearest.flat[target] >= 0]
    assert len(matched) > 0.9 * len(level.targets)
    for target in matched:
        source = level.nearest.flat[target]
        assert level.sources.flat[source]
        assert level.cost.flat[target] == patch_distance(level, int(target), int(source))


def test_the_nearest_of_all_is_found(crew: Kernel, level: Level) -> None:
    places = np.flatnonzero(level.sources).astype(np.int32)
    crew.match_all(level.features, level.state, level.whole, level.targets, places, level.nearest, level.cost, 0.0)
    for target in level.targets[::17]:
        least = min(patch_distance(level, int(target), int(place)) for place in places)
        assert level.cost.flat[target] == least


def test_votes_are_the_weighted_mean_of_what_the_patches_say(crew: Kernel, level: Level) -> None:
    """At the edges and inside alike: there, many pixels are worked on at once."""
    crew.match(
        level.features, level.state, level.whole, level.sources, level.targets, level.nearest, level.cost,
        1, SIDE, 0.0, 7,
    )  # fmt: skip
    before, sharpness = level.features.copy(), 2.0
    crew.vote(level.features, level.holes, level.targets, level.nearest, level.cost, level.trust, sharpness)
    votes = level.nearest >= 0
    weights = np.zeros((SIDE, SIDE))
    for target in np.flatnonzero(votes):
        here = window(level, int(target))
        mean = level.cost[here][votes[here]].mean()
        weights.flat[target] = level.trust.flat[target] * np.exp(-sharpness * level.cost.flat[target] / (mean + 1))
    for hole in level.holes:
        np.testing.assert_allclose(
            level.features.reshape(-1, CHANNELS)[hole], voted(level, before, weights, hole), atol=0.51
        )
    assert (level.features[level.state == KNOWN] == before[level.state == KNOWN]).all()


def voted(level: Level, before: Bytes, weights: np.ndarray, hole: int) -> np.ndarray:
    """(CHANNELS,) the mean of what lies where the patches around a pixel say."""
    rows, columns = (np.arange(SIDE)[part] for part in window(level, int(hole)))
    voters = [int(y) * SIDE + int(x) for y in rows for x in columns if weights[y, x] > 0]
    flat = before.reshape(-1, CHANNELS).astype(float)
    said = [flat[int(level.nearest.flat[voter]) + int(hole) - voter] for voter in voters]
    return np.average(said, axis=0, weights=[weights.flat[voter] for voter in voters])


def test_labels_do_not_depend_on_the_number_of_threads(crew: Kernel) -> None:
    side, generator = 512, np.random.default_rng(0)
    state = np.full((side, side), KNOWN, np.uint8)
    state[40:-40, 40:-40] = HOLE
    features = np.zeros((side, side, CHANNELS), np.uint8)
    features[..., 0] = generator.integers(0, 40, (side, side))  # many labels are nearly as good as the next
    features[..., 1] = np.arange(side) // 4
    holes = np.flatnonzero(state == HOLE).astype(np.int32)
    nearest = np.full((side, side), -1, np.int32)
    known = np.flatnonzero(state == KNOWN).astype(np.int32)
    nearest.reshape(-1)[holes] = generator.choice(known, len(holes))

    def labels(threads: int) -> Indices:
        origin = nearest.copy()
        of_so_many = replace(crew, threads=threads)
        of_so_many.label(features, state, holes, nearest, origin, fidelity=1.0, rounds=3)
        return origin

    alone = labels(1)
    assert (alone != nearest).any()
    for threads in (2, 4, 8):
        assert (labels(threads) == alone).all()
