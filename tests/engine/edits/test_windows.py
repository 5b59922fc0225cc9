"""Islands far apart are worked on one by one."""

import numpy as np
import pytest
from inlay.edits.edit import Source
from inlay.edits.remove import RemoveEdit


@pytest.fixture
def perform(scope, family, listener):
    def run(mask):
        rows, columns = np.nonzero(mask)
        bounds = (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
        where = scope(mask.shape[1], mask.shape[0], tuple(int(edge) for edge in bounds))
        plan = RemoveEdit().plan(where)
        pixels = np.zeros((*mask.shape, 4), np.uint8)
        read = plan.read_box.slices
        return RemoveEdit().perform(plan, Source(pixels[read], mask[read], where.canvas), family, listener)

    return run


def dotted(*places, shape=(600, 4000)):
    mask = np.zeros(shape, np.uint8)
    for x, y in places:
        mask[y : y + 20, x : x + 20] = 255
    return mask


def test_two_islands_far_apart_have_a_window_each(perform, family, listener):
    result = perform(dotted((100, 100), (3800, 400)))
    assert [task.hole.sum() for task in family.tasks] == [400, 400]
    assert all(task.pixels.shape[1] < 1000 for task in family.tasks)
    assert (result.pixels[result.mask > 0] == 77).all()
    assert (result.pixels[result.mask == 0] == 0).all()
    assert listener.fractions == sorted(listener.fractions)
    assert listener.fractions[-1] == pytest.approx(1.0)


def test_no_window_shows_another_islands_hole_as_known(perform, family):
    mask = dotted((100, 100), (350, 100), (1900, 300), (3800, 400))
    perform(mask)
    assert sorted(task.hole.sum() for task in family.tasks) == [400, 400, 800]


def test_islands_close_together_share_the_plans_window(perform, family):
    perform(dotted((100, 100), (300, 100)))
    assert len(family.tasks) == 1


def test_dust_shares_the_plans_window(perform, family):
    perform(dotted(*[(x, 300) for x in range(0, 4000, 50)]))
    assert len(family.tasks) == 1


def test_the_holes_of_all_windows_are_the_whole_hole(perform, family):
    rng = np.random.default_rng(3)
    for _ in range(10):
        family.tasks.clear()
        mask = dotted(*[(int(x), int(y)) for x, y in rng.integers(0, [3900, 500], (6, 2))])
        result = perform(mask)
        assert sum(task.hole.sum() for task in family.tasks) == (mask > 0).sum()
        assert (result.pixels[result.mask > 0] == 77).all()
