"""Of two ways to begin a fill, the one that resembles its surroundings more goes on."""

from __future__ import annotations

import numpy as np
import pytest
from inlay.pixels.fill import kernel
from inlay.pixels.fill.kernel import HOLE, KNOWN, Kernel
from inlay.pixels.fill.level import Level, make_level
from inlay.pixels.fill.starts import ROUGHNESS, Verdict, lift, surrounding_roughness, surroundings
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
    calm = around.verdict(level).fault
    copied_from(level, -20)
    assert around.verdict(level).fault < calm - 0.5


def test_far_matches_are_a_fault(crew: Kernel) -> None:
    level = level_of(crew)
    around = surroundings(crew, level, WEIGHT)
    assert around is not None
    copied_from(level, -20)
    near = around.verdict(level).fault
    level.cost *= 10_000
    assert around.verdict(level).fault > near


@pytest.mark.parametrize(
    ("fault", "detail", "is_clear"),
    [(0.20, 1.0, False), (0.21, 1.0, False), (0.25, 1.0, True), (0.15, 1.0, True), (0.20, 1.95, True)],
)
def test_a_finer_level_is_asked_where_two_starts_are_as_good_and_not_alike(
    fault: float, detail: float, is_clear: bool
) -> None:
    plain, other = (Verdict(f, np.array([d, 2.0], np.float32)) for f, d in ((0.2, 2.0), (fault, detail)))
    assert other.is_clear_beside(plain) is is_clear
    assert other.is_better_than(plain) is (fault < 0.2)


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
