"""A large new area in blocks: all of it, each beside something known, and none larger than memory allows."""

import numpy as np
import pytest
from inlay.edits import strips
from inlay.edits.edit import Source
from inlay.edits.extend import ExtendEdit
from inlay.pipelines.family import Task
from inlay.pixels.formats import Model
from inlay.pixels.geometry import Box


@pytest.fixture
def perform(scope, family, listener):
    def run(edit, width=90, height=70):
        where = scope(width, height)
        plan = edit.plan(where)
        pixels = np.random.default_rng(0).integers(100, 255, (height, width, 4), np.uint8)
        return pixels, edit.perform(plan, Source(pixels[plan.read_box.slices], None, where.canvas), family, listener)

    return run


class MoodyFamily:
    """Goes on with grey sand, and every call is lighter or darker than the one before: what a model's VAE does."""

    def __init__(self, paint_family):
        self.plain = paint_family
        self.tasks = []
        self.largest_part_px = 96 * 96
        self.rng = np.random.default_rng(1)

    def __getattr__(self, name):
        return getattr(self.plain, name)

    def repaint(self, task, watch):
        self.tasks.append(task)
        shift = 12 if len(self.tasks) % 2 else -12
        sand = 120 + shift + self.rng.normal(0, 4, (*task.hole.shape, 1))
        return np.where(task.hole[..., None], sand, 0).astype(np.uint8).repeat(4, axis=2)


def steps_at_borders(pixels, known, family):
    """The mean size of the steps across borders of blocks that lie between two new ones, in levels."""
    crop = Box(0, 0, pixels.shape[1], pixels.shape[0])
    values, steps = pixels[..., 0].astype(float), []
    for block, _ in strips._blocks(known, crop, strips._sides_px(family)[0] // 3):
        rows, columns = block.slices
        if block.x > known.right:
            steps.append(values[rows, block.x : block.x + 4].mean() - values[rows, block.x - 4 : block.x].mean())
        if block.y > 0 and block.x >= known.right:
            steps.append(values[block.y : block.y + 4, columns].mean() - values[block.y - 4 : block.y, columns].mean())
    return float(np.abs(steps).mean())


def test_no_border_between_blocks_is_seen(make_family, listener, monkeypatch):
    known = Box(0, 0, 80, 150)
    pixels = np.zeros((150, 240, 4), np.uint8)
    pixels[known.slices] = 120
    hole = np.ones((150, 240), bool)
    hole[known.slices] = False
    task = Task(pixels, hole, Model.RGBA, False, 0)
    family = MoodyFamily(make_family())
    mended = strips.repaint_in_strips(task, known, family, listener)
    assert len(family.tasks) > 6

    def laid(done, painted, overlap, block):
        result = done.copy()
        result[block.slices] = painted[block.slices]
        return result

    monkeypatch.setattr(strips, "joined", laid)
    family = MoodyFamily(make_family())
    naive = strips.repaint_in_strips(task, known, family, listener)
    assert steps_at_borders(naive, known, family) > 10
    assert steps_at_borders(mended, known, family) < 2
    np.testing.assert_array_equal(mended[known.slices], 120)


def test_a_tile_is_as_large_as_its_family_works_at(make_family):
    family = make_family()
    assert strips._sides_px(family) == (3072, 3072)
    family.working_size = lambda box: (1024, 1024)
    assert strips._sides_px(family) == (1280, 1536)


def test_every_block_has_its_own_noise(perform, family, small_blocks):
    perform(ExtendEdit(seed=7, right_px=80))
    assert [task.seed for task in family.tasks] == list(range(7, 7 + len(family.tasks)))


def test_what_a_block_paints_again_is_fresh_and_never_the_old_picture(perform, family, small_blocks):
    shown = []
    repaint = family.repaint

    def watched(task, watch):
        shown.append((task.pixels[task.hole].copy(), task.pixels[~task.hole].copy()))
        return repaint(task, watch)

    family.repaint = watched
    perform(ExtendEdit(right_px=80))
    assert all(set(np.unique(again)) <= {0, 77} for again, _ in shown)
    assert sum((again == 77).any() for again, _ in shown) == len(shown) - 1  # all but the first have a neighbour
    assert all((known == 77).any() for _, known in shown[1:])


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
