"""A large new area in blocks: all of it, each beside something known, and none larger than memory allows."""

import numpy as np
import pytest
from inlay.edits import strips
from inlay.edits.edit import Source
from inlay.edits.extend import ExtendEdit
from inlay.pixels.geometry import Box


@pytest.fixture
def perform(scope, family, listener):
    def run(edit, width=90, height=70):
        where = scope(width, height)
        plan = edit.plan(where)
        pixels = np.random.default_rng(0).integers(100, 255, (height, width, 4), np.uint8)
        return pixels, edit.perform(plan, Source(pixels[plan.read_box.slices], None, where.canvas), family, listener)

    return run


@pytest.fixture
def small_blocks(family):
    family.largest_part_px = 50 * 50


SIDES = [(40, 0, 0, 0), (0, 40, 0, 0), (0, 0, 90, 0), (0, 0, 0, 70), (5, 6, 0, 0), (40, 0, 33, 0), (90, 70, 90, 70)]


@pytest.mark.parametrize("sides", SIDES)
def test_all_of_the_new_area_is_filled_and_the_old_stays(perform, family, listener, small_blocks, sides):
    pixels, result = perform(ExtendEdit(0, *sides))
    assert len(family.tasks) > 1
    assert (result.pixels[result.mask > 0] == 77).all()
    kept = result.pixels[result.mask == 0]
    assert kept.tobytes() == (pixels.tobytes() if len(kept) else b"")
    assert (result.mask > 0).sum() == (90 + sides[0] + sides[2]) * (70 + sides[1] + sides[3]) - 90 * 70
    assert listener.fractions == sorted(listener.fractions)
    assert listener.fractions[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("sides", SIDES)
def test_every_block_sees_something_known_and_stays_small(perform, family, small_blocks, sides):
    perform(ExtendEdit(0, *sides))
    for task in family.tasks:
        assert not task.hole.all()
        assert max(task.hole.shape) <= 32 + 2 * 16


def test_what_is_done_is_known_to_the_next_block(perform, family, small_blocks):
    perform(ExtendEdit(right_px=40))
    assert any((task.pixels[~task.hole] == 77).any() for task in family.tasks[1:])
    assert not any((task.pixels[~task.hole] == 0).any() for task in family.tasks)


def test_blocks_cover_the_new_area_once():
    known, crop = Box(3000, 2000, 4000, 3000), Box(0, 0, 12_000, 9000)
    count = np.zeros((crop.height // 100, crop.width // 100), int)
    for block, window in strips._blocks(known, crop, 1024):
        assert window.contains(block)
        assert crop.contains(window)
        assert block.intersected(known).is_empty
        assert window.area <= 3072 * 3072
    for block, _ in strips._blocks(Box(30, 20, 40, 30), Box(0, 0, 120, 90), 16):
        count[block.slices] += 1
    expected = np.ones_like(count)
    expected[20:50, 30:70] = 0
    np.testing.assert_array_equal(count, expected)


def test_what_fits_is_done_in_one_window(perform, family):
    perform(ExtendEdit(0, 90, 70, 90, 70))
    assert len(family.tasks) == 1
