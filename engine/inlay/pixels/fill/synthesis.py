"""What the kernel is asked to do, level by level: where each pixel of the hole is to be copied from.

Wexler, Shechtman and Irani (PAMI 2007) in the form of Barnes et al. (SIGGRAPH 2009) and Newson et al. (SIAM J. Imaging
2014): from the coarsest level to the finest, look for the nearest known patch of every patch that touches the hole,
then let the patches vote for the hole's pixels, and again. Each level starts from the matches of the coarser one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.pixels.fill.kernel import CHANNELS, HOLE, KNOWN, RADIUS, VOID, Bytes, Floats, Indices, Kernel
from inlay.pixels.fill.membrane import membrane
from inlay.pixels.fill.proxy import Proxy

Bools = NDArray[np.bool_]
OnLevel = Callable[[float, Proxy, int], None]


@dataclass(frozen=True)
class Settings:
    """What was chosen by measurement (docs/benchmarks.md, "Built-in fill")."""

    roughness_weight: float = 48.0  # levels a doubling of roughness counts as
    roughness_reach: int = 3
    falloff: float = 1.6  # how much less a patch is trusted a pixel deeper in the hole, on the coarsest level
    finest_falloff: float = 1.2  # the same on the finest
    locality: float = 0.3  # levels squared a channel and pixel of way, at full size
    sharpness: float = 2.0  # of the vote
    coarsest_side: int = 20
    coarsest_depth: int = 8  # px: a hole this thin needs no coarser level
    exhaustive_pixels: int = 20_000  # a level up to here can be searched whole
    coarsest_rounds: int = 12
    exhaustive_rounds: int = 3  # of these; the others improve by PatchMatch
    exhaustive_pairs: int = 6_000_000  # of targets and sources: with more there is no exhaustive round
    first_iterations: int = 6  # of PatchMatch then
    rounds: int = 32
    finest_rounds: int = 2
    iterations: int = 1  # of PatchMatch a round
    pixel_rounds: int = 1_000_000  # at most on a level: a large hole gets fewer rounds, and at least one
    hurried_radius: int = 8  # of the random search where that bites
    near_radius: int = 64  # of the random search on the two finest levels
    label_rounds: int = 3
    fidelity: float = 1.0


@dataclass
class Level:
    """One size of the picture. features: (H, W, CHANNELS); the hole's are written by votes."""

    features: Bytes
    state: Bytes
    sources: Bools  # (H, W) the whole patch around the pixel is known
    targets: Indices  # (T,) pixels whose patch touches the hole
    holes: Indices  # (N,)
    trust: Floats  # (H, W), 0 where there is no target
    nearest: Indices  # (H, W) index of each target's match, -1 = none
    cost: Indices  # (H, W)


def make_level(kernel: Kernel, features: Bytes, state: Bytes, falloff: float) -> Level:
    """Everything about a level that does not change while it is worked on."""
    is_hole = state == HOLE
    is_target = kernel.spread(is_hole, RADIUS)
    targets = np.flatnonzero(is_target & (state != VOID)).astype(np.int32)
    trust_by_depth = np.maximum(np.float32(falloff) ** -np.arange(256, dtype=np.float32), 1e-12)
    trust = np.zeros(state.shape, np.float32)
    trust.reshape(-1)[targets] = trust_by_depth[kernel.depth(is_target).reshape(-1)[targets]]
    return Level(
        features=features,
        state=state,
        sources=~kernel.spread(state != KNOWN, RADIUS, beyond=True),
        targets=targets,
        holes=np.flatnonzero(is_hole).astype(np.int32),
        trust=trust,
        nearest=np.full(state.shape, -1, np.int32),
        cost=np.zeros(state.shape, np.int32),
    )


def find_origins(
    kernel: Kernel, proxy: Proxy, state: Bytes, settings: Settings, seed: int, on_level: OnLevel
) -> Indices:
    """(H, W) int32: the index of the known pixel that each hole pixel is to be copied from, -1 outside the hole.

    proxy: (H, W, 4) uint8. state: (H, W) of VOID, KNOWN, HOLE. There must be a wholly known patch.
    on_level: is given the fraction done, and each level's picture so far (h, w, 4) and how often it was halved.
    """
    level = _solve(kernel, proxy, state, settings, seed, on_level)
    origin = np.where(state == HOLE, level.nearest, np.int32(-1))
    kernel.label(level.features, state, level.holes, level.nearest, origin, settings.fidelity, settings.label_rounds)
    return origin


def _solve(kernel: Kernel, proxy: Proxy, state: Bytes, settings: Settings, seed: int, on_level: OnLevel) -> Level:
    """The finest level with its matches found."""
    features = kernel.features(proxy, state, settings.roughness_reach, settings.roughness_weight)
    stack = [(features, state)]
    while _wants_coarser(kernel, stack[-1][1], settings):
        stack.append(kernel.shrink(*stack[-1]))
    coarser: Level | None = None
    total = sum(4.0**-i for i in range(len(stack)))
    done = 0.0
    for height in reversed(range(len(stack))):
        share = height / max(1, len(stack) - 1)
        falloff = settings.finest_falloff + share * (settings.falloff - settings.finest_falloff)
        level = make_level(kernel, *stack[height], falloff)
        locality = settings.locality * 2**height * 49 * 3
        if coarser is None:
            if not level.sources.any():
                continue  # so small that no patch is whole: the next finer level begins
            _start(kernel, level, settings, locality, seed)
        else:
            _refine(kernel, level, coarser, settings, locality, height, seed)
        coarser = level
        done += 4.0**-height
        on_level(done / total, level.features[..., :4], height)
    assert coarser is not None
    return coarser


def _wants_coarser(kernel: Kernel, state: Bytes, settings: Settings) -> bool:
    if min(state.shape) <= settings.coarsest_side:
        return False
    return state.size > settings.exhaustive_pixels or int(kernel.depth(state == HOLE).max()) > settings.coarsest_depth


def _start(kernel: Kernel, level: Level, settings: Settings, locality: float, seed: int) -> None:
    """The coarsest level: from a smooth membrane to a fixed point of exhaustive search and votes."""
    places = np.flatnonzero(level.sources).astype(np.int32)
    is_hole = level.state == HOLE
    level.features[is_hole] = membrane(level.features, level.state == KNOWN)[is_hole]
    pairs = len(places) * len(level.targets)
    exhaustive_rounds = settings.exhaustive_rounds if pairs <= settings.exhaustive_pairs else 0
    for turn in range(settings.coarsest_rounds):
        if turn < exhaustive_rounds:
            kernel.match_all(level.features, level.state, level.targets, places, level.nearest, level.cost, locality)
        else:
            kernel.match(
                level.features, level.state, level.sources, level.targets, level.nearest, level.cost,
                settings.iterations if turn else settings.first_iterations, max(level.state.shape), locality,
                seed * 1_000_003 + turn,
            )  # fmt: skip
        _vote(kernel, level, settings)


def _vote(kernel: Kernel, level: Level, settings: Settings) -> None:
    kernel.vote(level.features, level.holes, level.targets, level.nearest, level.cost, level.trust, settings.sharpness)


def _refine(
    kernel: Kernel, level: Level, coarser: Level, settings: Settings, locality: float, height: int, seed: int
) -> None:
    """A finer level: the coarser one's matches at twice the scale, then rounds of search and votes."""
    _inherit(level, coarser)
    rows, columns = level.state.shape
    radius = max(rows, columns) if height > 1 else settings.near_radius
    _vote(kernel, level, settings)
    wanted = settings.rounds if height else settings.finest_rounds
    rounds = max(1, min(wanted, settings.pixel_rounds // max(1, len(level.holes))))
    if rounds < wanted:
        radius = settings.hurried_radius
    for turn in range(rounds):
        kernel.match(
            level.features, level.state, level.sources, level.targets, level.nearest, level.cost,
            settings.iterations, radius, locality, seed * 1_000_003 + height * 7919 + turn,
        )  # fmt: skip
        _vote(kernel, level, settings)


def _inherit(level: Level, coarser: Level) -> None:
    """Matches at twice the scale, and colours for the pixels that no match reaches."""
    rows, columns = level.state.shape
    y, x = np.divmod(level.targets, columns)
    above = coarser.nearest[y // 2, x // 2]
    source_y, source_x = np.divmod(above, coarser.state.shape[1])
    source_y, source_x = 2 * source_y + y % 2, 2 * source_x + x % 2
    is_inside = (above >= 0) & (source_y < rows) & (source_x < columns)
    source = np.where(is_inside, source_y * columns + source_x, 0)
    is_good = is_inside & level.sources.reshape(-1)[source]
    level.nearest.reshape(-1)[level.targets[is_good]] = source[is_good]
    y, x = np.divmod(level.holes, columns)
    level.features.reshape(-1, CHANNELS)[level.holes] = coarser.features[y // 2, x // 2]
