"""The canvas grows, and no old pixel changes."""

import numpy as np
import pytest
from inlay.edits.edit import EditError, Source
from inlay.edits.extend import ExtendEdit
from inlay.pixels.formats import Depth, Model, PixelFormat


@pytest.fixture
def perform(scope, family, listener):
    def run(edit, width=90, height=70, depth=Depth.U8, pixels=None):
        where = scope(width, height, None, PixelFormat(Model.RGBA, depth))
        plan = edit.plan(where)
        if pixels is None:
            pixels = np.random.default_rng(0).integers(0, 255, (height, width, 4)).astype(where.canvas.format.dtype)
        return (
            plan,
            pixels,
            edit.perform(plan, Source(pixels[plan.read_box.slices], None, where.canvas), family, listener),
        )

    return run


SIDES = [(9, 0, 0, 0), (0, 9, 0, 0), (0, 0, 9, 0), (0, 0, 0, 9), (9, 8, 0, 0), (9, 0, 9, 0), (90, 70, 90, 70)]


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("depth", [Depth.U8, Depth.F32])
def test_the_mask_is_the_new_area_exactly_and_old_pixels_stay(perform, sides, depth):
    plan, pixels, result = perform(ExtendEdit(0, *sides), depth=depth)
    canvas = np.zeros((plan.canvas_box.height, plan.canvas_box.width), np.uint8)
    canvas[result.box.relative_to(plan.canvas_box).slices] = result.mask
    old = np.zeros(canvas.shape, bool)
    left, top = sides[:2]
    old[top : top + 70, left : left + 90] = True
    np.testing.assert_array_equal(canvas, np.where(old, 0, 255))
    assert (result.pixels[result.mask > 0] == 77).all()
    kept = result.pixels[result.mask == 0]
    assert kept.tobytes() == (pixels.tobytes() if len(kept) else b"")
    assert result.pixels.dtype == pixels.dtype


def test_the_family_sees_the_old_pixels_beside_the_hole(perform, family):
    plan, pixels, _ = perform(ExtendEdit(right_px=20))
    task = family.tasks[0]
    assert task.hole.sum() == 20 * 70
    np.testing.assert_array_equal(task.pixels[:, :90], pixels)
    assert plan.read_box.width == 90


def test_nan_in_what_is_continued_is_refused(perform):
    pixels = np.zeros((70, 90, 4), np.float32)
    pixels[3, 4] = np.nan
    with pytest.raises(EditError) as refusal:
        perform(ExtendEdit(right_px=20), depth=Depth.F32, pixels=pixels)
    assert (refusal.value.fault.code, refusal.value.fault.field) == ("not_finite", "image")
