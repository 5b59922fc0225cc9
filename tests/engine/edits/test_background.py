"""What is selected stays, however little it is; all else becomes something else."""

from dataclasses import replace

import numpy as np
import pytest
from inlay.edits.background import BackgroundEdit
from inlay.edits.edit import EditError, Source
from inlay.pixels.geometry import Box
from inlay.pixels.masks import support_box

WIDTH, HEIGHT = 60, 40


@pytest.fixture
def make_model(make_family):
    """A model that replaces, and wants to repaint so much around the mask."""

    def make(denoise_grow_px=0):
        model = make_family(denoise_grow_px=denoise_grow_px)
        model.card = replace(model.card, family="painter", edits=("replace",))
        return model

    return make


@pytest.fixture
def perform(scope, make_model, listener):
    """Changes the background of what a mask over a whole canvas selects; gives the picture and the result."""

    def run(mask, edit=None, by=None):
        by, edit = by or make_model(), edit or BackgroundEdit(prompt="the sea")
        box = support_box(mask)
        where = scope(WIDTH, HEIGHT, (box.x, box.y, box.width, box.height) if box.area else (0, 0, 1, 1), by=by)
        plan = edit.plan(where)
        pixels = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 4), np.uint8)
        return pixels, edit.perform(plan, Source(pixels, mask, where.canvas), by, listener)

    return run


def subject(value=255, side=3):
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[20 : 20 + side, 30 : 30 + side] = value
    return mask


def refused(perform, mask, **edit):
    with pytest.raises(EditError) as error:
        perform(mask, BackgroundEdit(prompt="the sea", **edit))
    return error.value.fault


def test_all_but_the_subject_is_repainted(perform):
    mask = subject(side=9)
    pixels, result = perform(mask)
    assert result.box == Box(0, 0, WIDTH, HEIGHT)
    np.testing.assert_array_equal(result.mask, 255 - mask)
    np.testing.assert_array_equal(result.pixels[mask == 255], pixels[mask == 255])
    assert (result.pixels[mask == 0] == 77).all()


@pytest.mark.parametrize("side", [1, 3, 16])
def test_a_subject_smaller_than_what_a_family_repaints_around_the_mask(perform, make_model, side):
    """Widening the hole by 8 px would leave nothing known: the subject itself is known then."""
    model = make_model(denoise_grow_px=8)
    mask = subject(side=side)
    pixels, result = perform(mask, by=model)
    np.testing.assert_array_equal(model.tasks[0].hole, mask == 0)
    np.testing.assert_array_equal(result.pixels[mask == 255], pixels[mask == 255])


def test_a_subject_with_room_for_what_a_family_repaints_around_the_mask(perform, make_model):
    model = make_model(denoise_grow_px=8)
    perform(subject(side=19), by=model)
    rows, columns = np.nonzero(~model.tasks[0].hole)
    assert {*rows} == {28, 29, 30}
    assert {*columns} == {38, 39, 40}


def test_a_soft_subject_with_one_hard_pixel(perform):
    mask = subject(value=100, side=9)
    mask[24, 34] = 255
    pixels, result = perform(mask)
    np.testing.assert_array_equal(result.mask, 255 - mask)
    np.testing.assert_array_equal(result.pixels[24, 34], pixels[24, 34])


def test_a_subject_that_is_nowhere_selected_wholly(perform):
    fault = refused(perform, subject(value=254))
    assert (fault.code, fault.field) == ("mask_soft", "mask")
    assert "too softly" in fault.message


def test_nothing_and_everything_is_selected(perform):
    assert refused(perform, subject(value=0)).code == "mask_empty"
    assert refused(perform, np.full((HEIGHT, WIDTH), 255, np.uint8)).code == "mask_full"
    assert refused(perform, subject(), grow_px=256).code == "mask_full"
