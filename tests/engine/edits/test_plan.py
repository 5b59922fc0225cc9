"""Tables: canvas and selection in, boxes out. (x, y, width, height) in canvas pixels throughout."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from inlay.config import Limits
from inlay.edits.edit import Canvas, EditError, Scope
from inlay.edits.extend import ExtendEdit
from inlay.edits.remove import RemoveEdit
from inlay.pipelines.roster import Roster
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.geometry import Box


def boxed(box):
    return box.x, box.y, box.width, box.height


REMOVE = [
    # what, canvas, selection, grow, paste box, crop box
    ("in the middle", (1000, 800), (490, 390, 20, 20), 0, (490, 390, 20, 20), (244, 144, 512, 512)),
    ("one pixel", (1000, 800), (500, 400, 1, 1), 0, (500, 400, 1, 1), (245, 145, 512, 512)),
    ("one pixel in a corner", (1000, 800), (0, 0, 1, 1), 0, (0, 0, 1, 1), (0, 0, 512, 512)),
    ("one pixel in the last corner", (1000, 800), (999, 799, 1, 1), 0, (999, 799, 1, 1), (488, 288, 512, 512)),
    ("half the mean side", (4000, 3000), (1000, 1000, 1000, 600), 0, (1000, 1000, 1000, 600), (600, 600, 1800, 1400)),
    (
        "a sixteenth of the canvas",
        (8000, 6000),
        (4000, 3000, 300, 300),
        0,
        (4000, 3000, 300, 300),
        (3500, 2500, 1300, 1300),
    ),
    ("grown", (1000, 800), (490, 390, 20, 20), 5, (485, 385, 30, 30), (244, 144, 512, 512)),
    ("grown at the border", (1000, 800), (0, 0, 20, 20), 30, (0, 0, 50, 50), (0, 0, 512, 512)),
    ("partly off the canvas", (1000, 800), (-50, 780, 60, 60), 0, (0, 780, 10, 20), (0, 288, 512, 512)),
    ("the whole canvas", (1000, 800), (0, 0, 1000, 800), 0, (0, 0, 1000, 800), (0, 0, 1000, 800)),
    ("beyond the whole canvas", (1000, 800), (-9, -9, 2000, 2000), 0, (0, 0, 1000, 800), (0, 0, 1000, 800)),
    ("a canvas below the least window", (301, 77), (10, 10, 5, 5), 0, (10, 10, 5, 5), (0, 0, 301, 77)),
    ("a strip of a canvas", (5000, 3), (2500, 1, 1, 1), 0, (2500, 1, 1, 1), (2188, 0, 625, 3)),
    ("odd sizes", (1001, 801), (333, 333, 33, 33), 0, (333, 333, 33, 33), (94, 94, 512, 512)),
    ("islands at both ends", (2000, 100), (0, 0, 2000, 100), 0, (0, 0, 2000, 100), (0, 0, 2000, 100)),
    ("two by one", (2, 1), (0, 0, 1, 1), 0, (0, 0, 1, 1), (0, 0, 2, 1)),
    ("the largest canvas", (32768, 32768), (9, 9, 9, 9), 0, (9, 9, 9, 9), (0, 0, 2066, 2066)),
]


@pytest.mark.parametrize(
    ("canvas", "selection", "grow_px", "paste_box", "crop_box"),
    [row[1:] for row in REMOVE],
    ids=[row[0] for row in REMOVE],
)
def test_remove(scope, canvas, selection, grow_px, paste_box, crop_box):
    plan = RemoveEdit(grow_px=grow_px).plan(scope(*canvas, selection))
    assert boxed(plan.paste_box) == paste_box
    assert boxed(plan.crop_box) == boxed(plan.read_box) == crop_box
    assert boxed(plan.canvas_box) == (0, 0, *canvas)
    assert (plan.working_width, plan.working_height) == crop_box[2:]


EXTEND = [
    # what, canvas, (left, top, right, bottom), canvas box, crop box, read box, paste box
    (
        "right",
        (1000, 800),
        (0, 0, 50, 0),
        (0, 0, 1050, 800),
        (488, 0, 562, 800),
        (488, 0, 512, 800),
        (1000, 0, 50, 800),
    ),
    ("left", (1000, 800), (50, 0, 0, 0), (-50, 0, 1050, 800), (-50, 0, 562, 800), (0, 0, 512, 800), (-50, 0, 50, 800)),
    ("top", (1000, 800), (0, 7, 0, 0), (0, -7, 1000, 807), (0, -7, 1000, 519), (0, 0, 1000, 512), (0, -7, 1000, 7)),
    (
        "bottom",
        (1000, 800),
        (0, 0, 0, 7),
        (0, 0, 1000, 807),
        (0, 288, 1000, 519),
        (0, 288, 1000, 512),
        (0, 800, 1000, 7),
    ),
    (
        "+100 %",
        (1000, 800),
        (0, 0, 1000, 0),
        (0, 0, 2000, 800),
        (0, 0, 2000, 800),
        (0, 0, 1000, 800),
        (1000, 0, 1000, 800),
    ),
    (
        "a sixteenth",
        (16000, 90),
        (0, 0, 9, 0),
        (0, 0, 16009, 90),
        (15000, 0, 1009, 90),
        (15000, 0, 1000, 90),
        (16000, 0, 9, 90),
    ),
    (
        "as deep as what is new",
        (4000, 90),
        (0, 0, 900, 0),
        (0, 0, 4900, 90),
        (3100, 0, 1800, 90),
        (3100, 0, 900, 90),
        (4000, 0, 900, 90),
    ),
    ("two sides", (100, 80), (5, 6, 0, 0), (-5, -6, 105, 86), (-5, -6, 105, 86), (0, 0, 100, 80), (-5, -6, 105, 86)),
    ("opposite sides", (100, 80), (5, 0, 5, 0), (-5, 0, 110, 80), (-5, 0, 110, 80), (0, 0, 100, 80), (-5, 0, 110, 80)),
    ("all sides", (3, 5), (3, 5, 3, 5), (-3, -5, 9, 15), (-3, -5, 9, 15), (0, 0, 3, 5), (-3, -5, 9, 15)),
]


@pytest.mark.parametrize(
    ("canvas", "sides", "canvas_box", "crop_box", "read_box", "paste_box"),
    [row[1:] for row in EXTEND],
    ids=[row[0] for row in EXTEND],
)
def test_extend(scope, canvas, sides, canvas_box, crop_box, read_box, paste_box):
    edit = ExtendEdit(0, *sides)
    plan = edit.plan(scope(*canvas))
    got = [boxed(box) for box in (plan.canvas_box, plan.crop_box, plan.read_box, plan.paste_box)]
    assert got == [canvas_box, crop_box, read_box, paste_box]


sizes = st.integers(2, 5000)
anywhere = st.integers(-10_000, 10_000)


@given(sizes, sizes, anywhere, anywhere, st.integers(1, 20_000), st.integers(1, 20_000), st.integers(0, 256))
def test_a_removal_reads_what_it_pastes_and_at_least_its_context(width, height, x, y, wide, high, grow_px):
    scope = Scope(Canvas(width, height, PixelFormat(Model.GRAYA, Depth.U8)), Box(x, y, wide, high), Roster(), Limits())
    assume(not scope.selection_box.intersected(scope.canvas.box).is_empty)
    plan = RemoveEdit(grow_px=grow_px).plan(scope)
    assert scope.canvas.box.contains(plan.crop_box)
    assert plan.crop_box.contains(plan.paste_box)
    assert plan.crop_box.width >= min(512, width)
    assert plan.crop_box.height >= min(512, height)
    assert plan.steps >= 1


@given(sizes, sizes, *[st.floats(0, 1)] * 4)
def test_an_extension_adds_exactly_what_was_asked(width, height, left, top, right, bottom):
    edit = ExtendEdit(0, int(left * width), int(top * height), int(right * width), int(bottom * height))
    scope = Scope(Canvas(width, height, PixelFormat(Model.GRAYA, Depth.U8)), None, Roster(), Limits())
    assume(edit.left_px or edit.top_px or edit.right_px or edit.bottom_px)
    plan = edit.plan(scope)
    assert plan.canvas_box == scope.canvas.box.grown(edit.left_px, edit.top_px, edit.right_px, edit.bottom_px)
    assert plan.canvas_box.contains(plan.crop_box)
    assert plan.crop_box.contains(plan.paste_box)
    assert plan.read_box == plan.crop_box.intersected(scope.canvas.box)
    assert plan.paste_box.intersected(scope.canvas.box).is_empty or plan.paste_box == plan.canvas_box


def test_a_family_may_ask_for_more_context(scope, make_family):
    plan = RemoveEdit().plan(scope(5000, 5000, (2500, 2500, 10, 10), by=make_family(context_px=900)))
    assert boxed(plan.crop_box) == (1600, 1600, 1810, 1810)


@pytest.mark.parametrize(
    ("edit", "canvas", "selection", "code", "field"),
    [
        (RemoveEdit(), (100_000, 10), (0, 0, 5, 5), "canvas_size", "canvas.width"),
        (RemoveEdit(), (10, 100_000), (0, 0, 5, 5), "canvas_size", "canvas.height"),
        (RemoveEdit(), (1, 1), (0, 0, 1, 1), "canvas_size", "canvas"),
        (RemoveEdit(), (10, 10), None, "no_selection", "selection"),
        (RemoveEdit(), (10, 10), (3, 3, 0, 0), "no_selection", "selection"),
        (RemoveEdit(), (10, 10), (10, 3, 5, 5), "selection_outside", "selection"),
        (RemoveEdit(), (10, 10), (-5, 3, 5, 5), "selection_outside", "selection"),
        (RemoveEdit(), (20_000, 20_000), (0, 0, 20_000, 20_000), "too_large", "selection"),
        (ExtendEdit(), (10, 10), None, "no_sides", "edit"),
        (ExtendEdit(left_px=11), (10, 20), None, "side_too_large", "edit.left_px"),
        (ExtendEdit(top_px=11), (20, 10), None, "side_too_large", "edit.top_px"),
        (ExtendEdit(right_px=1), (1, 1), None, "canvas_size", "canvas"),
        (ExtendEdit(right_px=1), (32_768, 10), None, "canvas_size", "canvas.width"),
        (ExtendEdit(left_px=9000, top_px=9000), (9000, 9000), None, "too_large", "edit"),
        (ExtendEdit(left_px=1), (10, 10), (0, 0, 5, 5), "selection_unused", "selection"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_field_and_remedy(scope, edit, canvas, selection, code, field):
    with pytest.raises(EditError) as refusal:
        edit.plan(scope(*canvas, selection))
    assert (refusal.value.fault.code, refusal.value.fault.field) == (code, field)
    assert refusal.value.fault.remedy
