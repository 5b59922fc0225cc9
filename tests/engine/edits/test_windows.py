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


def test_a_neighbours_hole_is_never_shown_as_known(perform, family):
    mask = dotted((100, 100), (500, 100), (1900, 300), (3800, 400))
    perform(mask)
    assert len(family.tasks) == 3
    assert sum(task.hole.sum() for task in family.tasks) == 4 * 400


def test_islands_close_together_share_the_plans_window(perform, family):
    perform(dotted((100, 100), (300, 100)))
    assert len(family.tasks) == 1


def test_boxes_that_overlap_are_one(perform, family):
    """An L around a dot: two islands, and the dot lies in the L's box."""
    mask = np.zeros((3000, 3000), np.uint8)
    mask[100:2900, 100:110] = mask[2890:2900, 100:2900] = mask[500:510, 2500:2510] = 255
    perform(mask)
    assert len(family.tasks) == 1


def test_dust_is_gathered(perform, family):
    """Hundreds of specks on a large canvas: few windows, and none of them looks at all of it."""
    rng = np.random.default_rng(0)
    places = [(int(x), int(y)) for x, y in rng.integers(0, [450, 2900], (60, 2))] + [(3900, 100)]
    result = perform(dotted(*places, shape=(3000, 4000)))
    assert 1 < len(family.tasks) <= 36
    assert sum(task.hole.size for task in family.tasks) < 3000 * 4000 / 2
    assert (result.pixels[result.mask > 0] == 77).all()


def test_dust_everywhere_on_a_large_canvas_is_never_one_huge_window(perform, family):
    family.largest_part_px = 900 * 900
    places = [(x, y) for x in range(10, 2970, 90) for y in range(10, 1470, 90)]
    perform(dotted(*places, shape=(1500, 3000)))
    assert len(family.tasks) > 4
    assert max(task.hole.size for task in family.tasks) < 1300 * 1300


def test_each_hole_is_pasted_from_its_own_window(scope, make_family, listener):
    """The family paints every window in another value: no hole may be made of two."""

    class Counting(type(make_family())):
        def repaint(self, task, watch):
            self.value += 1
            return super().repaint(task, watch)

    family = Counting(value=0)
    mask = dotted((100, 100), (640, 130), (2500, 300), (3800, 400))
    where = scope(4000, 600, (0, 0, 4000, 600), by=family)
    plan = RemoveEdit().plan(where)
    result = RemoveEdit().perform(
        plan, Source(np.zeros((600, 4000, 4), np.uint8), mask, where.canvas), family, listener
    )
    painted = np.zeros(mask.shape, np.uint8)
    painted[result.box.slices] = result.pixels[..., 0]
    values = [set(painted[y : y + 20, x : x + 20].flat) for x, y in [(100, 100), (640, 130), (2500, 300), (3800, 400)]]
    assert all(len(value) == 1 for value in values)
    assert len(family.tasks) >= 3
    assert 0 not in set.union(*values)


def test_the_holes_of_all_windows_hold_the_whole_hole(perform, family):
    rng = np.random.default_rng(3)
    for _ in range(10):
        family.tasks.clear()
        mask = dotted(*[(int(x), int(y)) for x, y in rng.integers(0, [3900, 500], (6, 2))])
        result = perform(mask)
        assert sum(task.hole.sum() for task in family.tasks) >= (mask > 0).sum()
        assert (result.pixels[result.mask > 0] == 77).all()
        assert (result.pixels[result.mask == 0] == 0).all()
