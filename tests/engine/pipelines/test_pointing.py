"""What clicks, boxes, rough selections and nothing at all become, and which mask is taken."""

from dataclasses import replace

import numpy as np
import pytest
from inlay.pipelines.parts.pointing import Answer
from inlay.pixels.geometry import Box
from inlay.pixels.selecting.prompts import Point, Prompts

from tests.engine.pipelines.conftest import roster_of
from tests.engine.pipelines.tiny_segmenters import CLICK, POINTED, seen


@pytest.fixture
def roster(selecting_models):
    return roster_of(selecting_models)


@pytest.fixture
def view():
    return seen()


@pytest.mark.parametrize("name", POINTED)
def test_masks_have_the_views_size_and_are_soft(roster, name):
    view = seen(40, 61)
    candidates = roster.segmenter(name).candidates(view, CLICK)
    assert len(candidates) == 3
    for one in candidates:
        assert (one.mask.shape, one.mask.dtype) == ((40, 61), np.float32)
        assert 0 <= one.mask.min() < one.mask.max() <= 1
    scores = [one.score for one in candidates]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= 0
    assert max(scores) <= 1


ROUGH = np.pad(np.full((20, 16), 255, np.uint8), ((12, 32), (8, 40)))
ISLANDS = ROUGH + ROUGH[::-1, ::-1]
MANY = {
    "a box": (Prompts(boxes=(Box(8, 12, 16, 20),)), [(0, True, False)]),
    "two boxes": (Prompts(boxes=(Box(8, 12, 16, 20), Box(40, 32, 9, 9))), [(0, True, False), (0, True, False)]),
    "a rough mask": (Prompts(rough=ROUGH), [(1, True, True), (1, True, True)]),
    "a rough mask and a click in it": (Prompts((Point(12.5, 20.5, False),), rough=ROUGH), 2 * [(1, True, True)]),
    "two islands": (Prompts(rough=ISLANDS), 4 * [(1, True, True)]),
    "several clicks": (Prompts((*CLICK.points, Point(3, 3, False))), [(2, False, False), (2, False, True)]),
    "a click outside the box": (Prompts(CLICK.points, (Box(40, 40, 9, 9),)), [(0, True, False), (1, False, False)]),
    "a click in the box": (Prompts(CLICK.points, (Box(20, 10, 30, 30),)), [(1, True, False)]),
}


@pytest.mark.parametrize(("prompts", "expected"), MANY.values(), ids=MANY)
def test_everything_that_points_is_asked_about(roster, view, monkeypatch, prompts, expected):
    segmenter = roster.segmenter("sam-file")
    answered, asked = segmenter.answered, []

    def listening(embedding, ask):
        asked.append((ask.points.shape[1], ask.boxes is not None, ask.known is not None))
        return answered(embedding, ask)

    monkeypatch.setattr(segmenter, "answered", listening)
    monkeypatch.setattr("inlay.pipelines.parts.pointing._obeyed", lambda _, points: len(points))
    candidates = segmenter.candidates(view, prompts)
    assert asked == expected
    assert len(candidates) == 1


def test_a_mask_that_does_not_obey_gives_way_to_one_that_does(roster, view, monkeypatch):
    segmenter = roster.segmenter("sam-file")
    everything, upper = np.ones((32, 32), np.float32), np.ones((32, 32), np.float32)
    upper[16:] = -1

    def answered(_, ask):
        masks = [everything, upper, -everything] if ask.is_open else [everything]
        return Answer(np.stack(masks)[None], np.array([[0.9, 0.2, 0.8]], np.float32)[:, : len(masks)])

    monkeypatch.setattr(segmenter, "answered", answered)
    below = Point(30.5, 50.5, False)
    (found,) = segmenter.candidates(view, Prompts((*CLICK.points, below)))
    assert found.score == pytest.approx(0.2)
    assert found.mask[20, 30] > 0.5 > found.mask[50, 30]
    (content,) = segmenter.candidates(view, Prompts((*CLICK.points, replace(below, is_on=True))))
    assert content.score == pytest.approx(0.9)
    assert content.mask.min() > 0.5


def stamped(*boxes):
    """Logits of a mask that covers these boxes, in cells of a 32 x 32 grid."""
    logits = np.full((32, 32), -4, np.float32)
    for box in boxes:
        logits[box.slices] = 4
    return logits


@pytest.mark.parametrize("beside", [(), (Point(20.5, 20.5, False),)])
def test_the_subject_is_whole_and_large_and_in_the_middle(roster, view, monkeypatch, beside):
    middle, small, corner, ground = Box(8, 8, 16, 16), Box(15, 15, 4, 4), Box(0, 0, 12, 12), Box(0, 0, 32, 31)
    segmenter, asked = roster.segmenter("sam-file"), []

    def answered(_, ask):
        asked.append(ask)
        logits = np.stack([np.stack([stamped(box) for box in (corner, middle, ground)])] * len(ask.points))
        logits[-1, 0] = stamped(small)
        return Answer(logits, np.full(logits.shape[:2], 0.8, np.float32))

    monkeypatch.setattr(segmenter, "answered", answered)
    found = segmenter.candidates(view, Prompts(beside))
    assert asked[0].points.shape == (16, 1, 2)
    assert asked[0].is_open
    shares = [float((one.mask > 0.5).mean()) for one in found]
    first = small if beside else middle  # what covers a click beside the thing comes last
    assert shares[0] == pytest.approx(first.area / 32**2, abs=0.01)
    assert len(found) == 3  # each thing once, though sixteen clicks found it; the ground is none


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ([Box(10, 10, 12, 12)], [Box(17, 17, 12, 12)]),  # nearer the middle
        ([Box(4, 4, 24, 24)], [Box(0, 0, 32, 9), Box(0, 23, 32, 9)]),  # not along the border
        ([Box(8, 8, 16, 16)], [Box(12, 12, 8, 8)]),  # larger
    ],
)
def test_a_subject_is_chosen_by(roster, view, monkeypatch, better, worse):
    segmenter = roster.segmenter("sam-file")

    def answered(_, ask):
        logits = np.stack([np.stack([stamped(*worse), stamped(*better), stamped(*worse)])] * len(ask.points))
        return Answer(logits, np.full(logits.shape[:2], 0.8, np.float32))

    monkeypatch.setattr(segmenter, "answered", answered)
    first = segmenter.candidates(view, Prompts())[0]
    assert np.abs((first.mask > 0.5).mean() - (stamped(*better) > 0).mean()) < 0.01
    assert (first.mask[::2, ::2][stamped(*better) > 0] > 0.5).mean() > 0.9


def test_the_edges_of_a_box_are_inside_the_thing(roster, view, monkeypatch):
    segmenter, asked = roster.segmenter("sam-file"), []
    answered = segmenter.answered
    monkeypatch.setattr(segmenter, "answered", lambda embedding, ask: asked.append(ask) or answered(embedding, ask))
    segmenter.candidates(view, Prompts(boxes=(Box(8, 12, 16, 20),)))
    assert asked[0].boxes.tolist() == [[8, 12, 23, 31]]  # the first and the last pixel, as SAM was trained
