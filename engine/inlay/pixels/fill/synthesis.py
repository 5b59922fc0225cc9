"""What the kernel is asked to do, level by level: where each pixel of the hole is to be copied from.

Wexler, Shechtman and Irani (PAMI 2007) in the form of Barnes et al. (SIGGRAPH 2009) and Newson et al. (SIAM J. Imaging
2014): from the coarsest level to the finest, look for the nearest known patch of every patch that touches the hole,
then let the patches vote for the hole's pixels, and again. Each level starts from the matches of the coarser one. The
small levels are worked out twice, with and without lifted roughness (`starts`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inlay.pixels.fill.kernel import CHANNELS, HOLE, KNOWN, Bytes, Indices, Kernel
from inlay.pixels.fill.level import Level, make_level
from inlay.pixels.fill.membrane import membrane
from inlay.pixels.fill.proxy import Proxy
from inlay.pixels.fill.starts import lift, surrounding_roughness, surroundings

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
    start_pixels: int = 10_000  # of the hole: a level up to here is small, and every start works it out
    clear_pixels: int = 4_000  # of the hole: a level up to here tells which start is better, where it is clear
    lift: float = 0.5  # of what the voted roughness lacks
    label_rounds: int = 3
    fidelity: float = 1.0


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


@dataclass(frozen=True)
class _Climb:
    """From coarse levels to fine ones."""

    kernel: Kernel
    stack: list[tuple[Bytes, Bytes]]  # features and state, the finest first
    settings: Settings
    seed: int
    on_level: OnLevel

    def up(self, heights: range, coarser: Level | None, *, is_lifted: bool = False) -> Level | None:
        """The last of the levels with its matches found; None where all are so small that no patch is whole.

        is_lifted: another attempt: its votes are lifted, it leaves the stack as it is and reports nothing.
        """
        settings = self.settings
        for height in heights:
            features, state = self.stack[height]
            share = height / max(1, len(self.stack) - 1)
            falloff = settings.finest_falloff + share * (settings.falloff - settings.finest_falloff)
            level = make_level(self.kernel, features.copy() if is_lifted else features, state, falloff)
            if is_lifted and len(level.holes) > 0:
                level.expected_roughness = surrounding_roughness(self.kernel, features, state)
            if coarser is not None:
                self.refine(level, coarser, height)
            elif level.sources.any():
                _start(self.kernel, level, settings, self.locality(height), self.seed)
            else:
                continue  # the next finer level begins
            coarser = level
            if not is_lifted:
                self.on_level(self.share_done(height), level.features[..., :4], height)
        return coarser

    def refine(self, level: Level, coarser: Level, height: int) -> None:
        """The coarser level's matches at twice the scale, then rounds of search and votes."""
        settings = self.settings
        _inherit(level, coarser)
        _vote(self.kernel, level, settings)
        radius = max(level.state.shape) if height > 1 else settings.near_radius
        wanted = settings.rounds if height else settings.finest_rounds
        rounds = max(1, min(wanted, settings.pixel_rounds // max(1, len(level.holes))))
        if rounds < wanted:
            radius = settings.hurried_radius
        for turn in range(rounds):
            self.kernel.match(
                level.features, level.state, level.whole, level.sources, level.targets, level.nearest, level.cost,
                settings.iterations, radius, self.locality(height), self.seed * 1_000_003 + height * 7919 + turn,
            )  # fmt: skip
            _vote(self.kernel, level, settings)

    def locality(self, height: int) -> float:
        """What a pixel of way costs on this level."""
        return self.settings.locality * float(2**height) * 49 * 3

    def share_done(self, height: int) -> float:
        """Of the work, with this level done: 0..1."""
        return sum(4.0**-i for i in range(height, len(self.stack))) / sum(4.0**-i for i in range(len(self.stack)))

    def better_start(self, clear: int, finest: int) -> Level | None:
        """The level at the height `finest`, as it came out better; where it is clear, the one at `clear` decides."""
        lower, higher = range(len(self.stack) - 1, clear - 1, -1), range(clear - 1, finest - 1, -1)
        plain = self.up(lower, None)
        around = None if plain is None else surroundings(self.kernel, plain, self.settings.roughness_weight)
        if plain is None or around is None:
            return self.up(higher, plain)
        lifted = self.up(lower, None, is_lifted=True)
        assert lifted is not None
        of_plain, of_lifted = around.verdict(plain), around.verdict(lifted)
        is_lifted = of_lifted.is_better_than(of_plain)
        if of_lifted.is_clear_beside(of_plain) or not higher:
            return self.up(higher, lifted if is_lifted else plain, is_lifted=is_lifted)
        return self.better_end(higher, plain, lifted)

    def better_end(self, heights: range, plain: Level, lifted: Level) -> Level:
        """Both starts on these levels, too; the last level as it came out better."""
        ends = self.up(heights, plain), self.up(heights, lifted, is_lifted=True)
        plain, lifted = (end for end in ends if end is not None)
        around = surroundings(self.kernel, plain, self.settings.roughness_weight)
        if around is None or not around.verdict(lifted).is_better_than(around.verdict(plain)):
            return plain
        return lifted


def _solve(kernel: Kernel, proxy: Proxy, state: Bytes, settings: Settings, seed: int, on_level: OnLevel) -> Level:
    """The finest level with its matches found."""
    features = kernel.features(proxy, state, settings.roughness_reach, settings.roughness_weight)
    stack = [(features, state)]
    while _wants_coarser(kernel, stack[-1][1], settings):
        stack.append(kernel.shrink(*stack[-1]))
    climb = _Climb(kernel, stack, settings, seed, on_level)
    finest = _lowest_level(stack, settings.start_pixels)
    start = climb.better_start(max(finest, _lowest_level(stack, settings.clear_pixels)), finest)
    level = climb.up(range(finest - 1, -1, -1), start)
    assert level is not None
    return level


def _lowest_level(stack: list[tuple[Bytes, Bytes]], hole_pixels: int) -> int:
    """The height of the largest level, but never the finest, whose hole has at most so many pixels."""
    for height in range(1, len(stack)):
        if np.count_nonzero(stack[height][1] == HOLE) <= hole_pixels:
            return height
    return len(stack)


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
            kernel.match_all(
                level.features, level.state, level.whole, level.targets, places, level.nearest, level.cost, locality
            )
        else:
            kernel.match(
                level.features, level.state, level.whole, level.sources, level.targets, level.nearest, level.cost,
                settings.iterations if turn else settings.first_iterations, max(level.state.shape), locality,
                seed * 1_000_003 + turn,
            )  # fmt: skip
        _vote(kernel, level, settings)


def _vote(kernel: Kernel, level: Level, settings: Settings) -> None:
    kernel.vote(level.features, level.holes, level.targets, level.nearest, level.cost, level.trust, settings.sharpness)
    if level.expected_roughness is not None:
        lift(level, settings.lift)


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
