"""An edit that reads a layer alone: nothing of what is transparent bleeds in, and the result covers no more than it."""

import numpy as np
import pytest
from inlay.edits.edit import EditError, Source
from inlay.edits.extend import ExtendEdit
from inlay.edits.remove import RemoveEdit
from inlay.pipelines.builtin import BuiltinFill
from inlay.pixels.formats import Depth, Model, PixelFormat

SIZE = 320
ORANGE = (230, 120, 20)
HOLE = (150, 90, 40, 40)  # x, y, width, height


def figure(depth=Depth.U8, around=0):
    """An orange, grained square with a green spot, on a layer that is transparent (black or white) around it."""
    top = 255 if depth is Depth.U8 else 65535
    pixels = np.full((SIZE, SIZE, 4), around, np.uint16)
    pixels[60:260, 60:260, :3] = ORANGE + np.random.default_rng(3).integers(-12, 12, (200, 200, 1))
    pixels[95:125, 155:185, :3] = (10, 200, 60)
    pixels[..., 3] = 0
    pixels[60:260, 60:260, 3] = 255
    return (pixels.astype(np.uint32) * top // 255).astype(np.uint8 if depth is Depth.U8 else np.uint16)


def performed(scope, edit, pixels, box, by, watch):
    selection = np.zeros(pixels.shape[:2], np.uint8)
    x, y, width, height = box
    selection[y : y + height, x : x + width] = 255
    depth = Depth.U8 if pixels.dtype == np.uint8 else Depth.U16
    where = scope(SIZE, SIZE, box, PixelFormat(Model.RGBA, depth), by=by)
    plan = edit.plan(where)
    read = plan.read_box.slices
    return edit.perform(plan, Source(pixels[read], selection[read], where.canvas), by, watch)


@pytest.mark.parametrize("around", [0, 255])
@pytest.mark.parametrize("depth", [Depth.U8, Depth.U16])
def test_the_fill_takes_nothing_from_where_the_layer_is_transparent(scope, listener, around, depth):
    edit = RemoveEdit(reads="layer")
    box = (150, 50, 110, 90)  # over the figure's right upper corner, and past it
    result = performed(scope, edit, figure(depth, around), box, BuiltinFill(), listener)
    shown = result.mask > 0
    assert (result.box.x, result.box.y, result.box.right, result.box.bottom) == (150, 60, 260, 140)  # the figure's part
    colours = result.pixels[shown][:, :3] / (1 if depth is Depth.U8 else 257)
    assert np.abs(colours - ORANGE).max() < 20
    assert (result.pixels[shown][:, 3] == result.pixels[..., 3].max()).all()


def test_the_whole_picture_still_shows_what_is_transparent(scope, family, listener):
    pixels = figure()
    performed(scope, RemoveEdit(), pixels, HOLE, family, listener)
    assert family.tasks[0].bare is None
    assert not family.tasks[0].pixels[0, 0].any()


def test_a_model_sees_the_figures_colours_around_it(scope, family, listener):
    performed(scope, RemoveEdit(reads="layer"), figure(around=255), HOLE, family, listener)
    task = family.tasks[0]
    assert (task.pixels[..., 3] == 255).all()
    assert np.abs(task.pixels[0, 0, :3].astype(int) - ORANGE).max() < 20
    assert task.bare[0, 0]
    assert not task.bare[100, 100]


def test_a_soft_layer_gives_a_result_as_soft(scope, family, listener):
    pixels = figure()
    pixels[60:260, 60:260, 3] = 100
    result = performed(scope, RemoveEdit(reads="layer"), pixels, HOLE, family, listener)
    assert (result.mask == 100).all()


def test_a_layer_that_is_empty_there_is_refused(scope, family, listener):
    with pytest.raises(EditError, match="empty where the selection is") as refused:
        performed(scope, RemoveEdit(reads="layer"), figure(), (0, 0, 40, 40), family, listener)
    assert refused.value.fault.code == "layer_empty"


def test_extending_a_layer_goes_on_with_its_colours(scope, family, listener):
    edit = ExtendEdit(right_px=100, reads="layer")
    where = scope(SIZE, SIZE, None, PixelFormat(Model.RGBA, Depth.U8), by=family)
    plan = edit.plan(where)
    edit.perform(plan, Source(figure()[plan.read_box.slices], None, where.canvas), family, listener)
    known = plan.read_box.relative_to(plan.crop_box)
    seen = family.tasks[0].pixels[known.slices]
    assert np.abs(seen[0, 0, :3].astype(int) - ORANGE).max() < 20


def test_an_unknown_source_is_refused_by_its_field(scope, family, listener):
    with pytest.raises(EditError, match="no 'above' to read") as refused:
        performed(scope, RemoveEdit(reads="above"), figure(), HOLE, family, listener)
    assert refused.value.fault.field == "edit.reads"
