"""Of two ways to begin a fill, the one that resembles its surroundings more goes on."""

from __future__ import annotations

import numpy as np
import pytest
from inlay.pixels.fill import kernel
from inlay.pixels.fill.kernel import HOLE, KNOWN, Kernel
from inlay.pixels.fill.level import Level, make_level
from inlay.pixels.fill.starts import ROUGHNESS, lift, surrounding_roughness, surroundings
from inlay.pixels.fill.watch import Watch

SIDE = 96
WEIGHT = 48.0


@pytest.fixture
def crew() -> Kernel:
    library = kernel.load()
    if library is None:
        pytest.skip("the kernel is not built: python setup.py build_ext --inplace")
    return Kernel(library, 1, Watch(wants_previews=False))


def level_of(crew: Kernel) -> Level:
    """A hole in the middle of noise; the right third of the picture is calm."""
    picture = np.full((SIDE, SIDE, 4), 128, np.uint8)
    picture[:, : 2 * SIDE // 3] = np.random.default_rng(0).integers(0, 255, (SIDE, 2 * SIDE // 3, 1))
    state = np.full((SIDE, SIDE), KNOWN, np.uint8)
    state[36:60, 24:40] = HOLE
    return make_level(crew, crew.features(picture, state, 3, WEIGHT), state, 1.5)


def copied_from(level: Level, columns: int) -> None:
    """Every patch of the hole has its match so many columns to the right, at the same distance."""
    level.nearest.reshape(-1)[level.targets] = level.targets + columns
    level.cost.reshape(-1)[level.targets] = 1000


def test_calm_in_the_midst_of_noise_is_a_fault(crew: Kernel) -> None:
    level = level_of(crew)
    around = surroundings(crew, level, WEIGHT)
    assert around is not None
    copied_from(level, 48)
    calm = around.fault(level)
    copied_from(level, -20)
    assert around.fault(level) < calm - 0.5


def test_far_matches_are_a_fault(crew: Kernel) -> None:
    level = level_of(crew)
    around = surroundings(crew, level, WEIGHT)
    assert around is not None
    copied_from(level, -20)
    near = around.fault(level)
    level.cost *= 10_000
    assert around.fault(level) > near


def test_nothing_is_said_of_a_picture_that_is_nearly_all_hole(crew: Kernel) -> None:
    state = np.full((SIDE, SIDE), HOLE, np.uint8)
    state[:12] = KNOWN
    level = make_level(crew, crew.features(np.zeros((SIDE, SIDE, 4), np.uint8), state, 3, WEIGHT), state, 1.5)
    assert surroundings(crew, level, WEIGHT) is None


def test_lifting_brings_calm_votes_half_way_up_and_leaves_rough_ones(crew: Kernel) -> None:
    level = level_of(crew)
    expected = level.expected_roughness = surrounding_roughness(crew, level.features, level.state)
    hole = level.state == HOLE
    for voted in (100, 255):
        level.features[hole, ROUGHNESS] = voted
        lift(level, 0.5)
        wanted = voted + 0.5 * np.maximum(expected - voted, 0)
        assert (np.abs(level.features[hole, ROUGHNESS] - wanted) <= 1).all()


def test_what_lies_in_the_hole_does_not_matter(crew: Kernel) -> None:
    level = level_of(crew)
    before = surrounding_roughness(crew, level.features, level.state)
    level.features[level.state == HOLE] = 200
    assert (surrounding_roughness(crew, level.features, level.state) == before).all()
