"""The selection is a contract: where it is 0 nothing changes, and where it is soft the result is exactly that soft."""

import numpy as np
import pytest
from inlay.edits.edit import EditError, Source
from inlay.edits.remove import RemoveEdit
from inlay.pipelines.family import Cancelled
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.masks import feathered, grown, support_box


@pytest.fixture
def perform(scope, family, listener):
    """Removes what a mask over a whole canvas selects; gives plan, the read pixels, and the result."""

    def run(mask, edit=None, depth=Depth.U8, selection=None, by=family, watch=listener, pixels=None):
        edit = edit or RemoveEdit()
        height, width = mask.shape
        bounds = selection or (lambda box: (box.x, box.y, box.width, box.height))(support_box(mask))
        where = scope(width, height, bounds, PixelFormat(Model.RGBA, depth), by=by)
        plan = edit.plan(where)
        if pixels is None:
            pixels = np.random.default_rng(0).integers(0, 255, (height, width, 4)).astype(where.canvas.format.dtype)
        read = plan.read_box.slices
        source = Source(pixels[read], mask[read], where.canvas)
        return plan, pixels, edit.perform(plan, source, by, watch)

    return run


def blob(width=700, height=600):
    mask = np.zeros((height, width), np.uint8)
    mask[200:260, 300:380] = 255
    return mask


@pytest.mark.parametrize("depth", list(Depth))
def test_the_result_lies_where_the_mask_does(perform, depth):
    mask = blob()
    _, _, result = perform(mask, depth=depth)
    assert (result.box.x, result.box.y, result.box.width, result.box.height) == (300, 200, 80, 60)
    assert result.pixels.shape == (60, 80, 4)
    assert result.pixels.dtype == PixelFormat(Model.RGBA, depth).dtype
    assert (result.pixels == 77).all()
    assert (result.mask == 255).all()


def test_pixels_in_the_box_but_outside_the_mask_are_the_originals(perform):
    mask = blob()
    mask[200:230, 300:340] = 0
    _, pixels, result = perform(mask)
    outside = mask[result.box.slices] == 0
    assert outside.any()
    np.testing.assert_array_equal(result.pixels[outside], pixels[result.box.slices][outside])
    assert not result.mask[outside].any()


def test_a_soft_selection_gives_exactly_that_softness(perform):
    mask = np.zeros((400, 400), np.uint8)
    mask[100:356, 100:300] = np.arange(256, dtype=np.uint8)[:, None]
    _, _, result = perform(mask)
    np.testing.assert_array_equal(result.mask, mask[result.box.slices])
    assert result.box == support_box(mask)


def test_everything_that_is_pasted_was_repainted(perform, family):
    mask = np.zeros((400, 400), np.uint8)
    mask[100:200, 100:200] = 1
    plan, _, _ = perform(mask)
    hole = family.tasks[0].hole
    np.testing.assert_array_equal(hole, mask[plan.crop_box.slices] > 0)


def test_grow_and_feather(perform, family):
    mask = blob()
    edit = RemoveEdit(grow_px=12, feather_px=6)
    _, _, result = perform(mask, edit)
    expected = feathered(grown(mask, 12), 6)
    np.testing.assert_array_equal(result.mask, expected[result.box.slices])
    outside = np.ones(mask.shape, bool)
    outside[result.box.slices] = False
    assert not expected[outside].any()


def test_what_a_family_wants_to_repaint_around_the_mask_is_not_pasted(perform, make_family):
    family = make_family(denoise_grow_px=5)
    _, _, result = perform(blob(), by=family)
    assert family.tasks[0].hole.sum() > 80 * 60
    assert result.mask.sum() == 80 * 60 * 255


def test_the_source_is_left_as_it_is(perform):
    pixels = np.random.default_rng(0).integers(0, 255, (600, 700, 4), np.uint8)
    before = pixels.copy()
    perform(blob(), RemoveEdit(grow_px=3, feather_px=3), pixels=pixels)
    np.testing.assert_array_equal(pixels, before)


def test_seed_and_format_reach_the_family(perform, family):
    perform(blob(), RemoveEdit(seed=42), depth=Depth.F32)
    task = family.tasks[0]
    assert (task.seed, task.model, task.is_linear) == (42, Model.RGBA, True)


def test_one_pixel(perform):
    mask = np.zeros((9, 9), np.uint8)
    mask[4, 4] = 9
    _, _, result = perform(mask)
    assert result.mask.tolist() == [[9]]
    assert result.pixels.tolist() == [[[77] * 4]]


def test_the_whole_canvas_but_a_pixel(perform):
    mask = np.full((9, 9), 255, np.uint8)
    mask[0, 0] = 0
    _, pixels, result = perform(mask)
    np.testing.assert_array_equal(result.pixels[0, 0], pixels[0, 0])


def refusal_of(perform, *args, **kwargs):
    with pytest.raises(EditError) as refusal:
        perform(*args, **kwargs)
    assert refusal.value.fault.remedy
    return refusal.value.fault.code, refusal.value.fault.field


def test_refusals(perform):
    empty = np.zeros((20, 20), np.uint8)
    assert refusal_of(perform, empty, selection=(1, 1, 5, 5)) == ("mask_empty", "mask")
    assert refusal_of(perform, np.full((20, 20), 255, np.uint8)) == ("nothing_known", "mask")
    assert refusal_of(perform, blob(), selection=(300, 200, 10, 10)) == ("mask_bounds", "mask")
    faint = empty.copy()
    faint[5, 5] = 1
    assert refusal_of(perform, faint, RemoveEdit(feather_px=200)) == ("mask_faint", "edit.feather_px")


@pytest.mark.parametrize("depth", [Depth.F16, Depth.F32])
def test_nan_is_refused_where_it_would_be_read_and_welcome_where_it_goes(perform, depth):
    pixels = np.zeros((600, 700, 4), np.float16 if depth is Depth.F16 else np.float32)
    pixels[210, 310] = np.nan
    _, _, result = perform(blob(), depth=depth, pixels=pixels)
    assert np.isfinite(result.pixels).all()
    pixels[100, 310] = np.inf
    assert refusal_of(perform, blob(), depth=depth, pixels=pixels) == ("not_finite", "image")


def test_a_mask_of_another_size(scope, family, listener):
    where = scope(50, 50, (10, 10, 5, 5))
    edit = RemoveEdit()
    plan = edit.plan(where)
    for image, mask, field in [((50, 49), (50, 50), "image"), ((50, 50), (49, 50), "mask")]:
        with pytest.raises(EditError) as refusal:
            edit.perform(
                plan, Source(np.zeros((*image, 4), np.uint8), np.ones(mask, np.uint8), where.canvas), family, listener
            )
        assert refusal.value.fault.field == field


def test_cancel_leaves_by_its_own_way(perform, make_listener):
    with pytest.raises(Cancelled):
        perform(blob(), watch=make_listener(is_cancelled=True))
