"""Boxes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inlay.pixels.geometry import Box

boxes = st.builds(Box, *[st.integers(-50, 50)] * 2, *[st.integers(0, 50)] * 2)


def pixels(box):
    return {(x, y) for x in range(box.x, box.right) for y in range(box.y, box.bottom)}


@given(boxes, boxes)
def test_intersected_holds_what_both_hold(one, other):
    assert pixels(one.intersected(other)) == pixels(one) & pixels(other)


@given(boxes, boxes)
def test_united_holds_both(one, other):
    assert one.united(other).contains(one)
    assert one.united(other).contains(other)


@given(boxes, boxes)
def test_there_and_back(box, origin):
    assert box.relative_to(origin).moved(origin.x, origin.y) == box


@given(boxes, boxes)
def test_contains_is_about_pixels(one, other):
    if one.contains(other):
        assert pixels(other) <= pixels(one)


def test_grown():
    assert Box(0, 0, 10, 10).grown(2) == Box(-2, -2, 14, 14)
    assert Box(0, 0, 10, 10).grown(1, 2, 3, 4) == Box(-1, -2, 14, 16)


def test_a_box_of_negative_size_is_refused():
    with pytest.raises(ValueError, match="-1"):
        Box(0, 0, -1, 5)


def test_a_box_outside_an_array_cannot_index_it():
    with pytest.raises(ValueError, match="left of or above"):
        Box(-1, 0, 5, 5).slices  # noqa: B018 - the property raises
